"""Outside the game: studies that no order is expected for, and why.

Images of other institutions, research and anonymised ones, phantoms, quality assurance and tests, and what comes from
listed AE titles. They are no orphans, and nothing links or sweeps them. People are called Test and Phantom too: a name
alone never says so where the index knows the patient or an order fits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from radrecon.model.patient import Demographics
from radrecon.model.person import OutsideRules, Person, Watch
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.compare import SAME, Level, compare_birth_dates, compare_id_sets, compare_names
from radrecon.recon.match import Ranking
from radrecon.recon.nobody import birth_date_of
from radrecon.recon.normalise import fold, id_key
from radrecon.recon.rivalry import why_none_of_ours
from radrecon.recon.times import wall

TEST_WORDS = frozenset(
    """phantom fantom qa qc test tests testpatient tester testing patient service calibration kalibrierung constancy
    konstanzprufung konstanz acr catphan water wasser daily weekly monthly quality assurance control check dummy demo
    zz zzz zzztest zztest engineer physics physik abnahme acceptance commissioning xxx do not use ct mr mri xray us nm
    pet dx mg cylinder uniformity head body gammex flood image series scan machine system siemens philips toshiba
    hologic fuji agfa""".split()  # noqa: SIM905
)
"""A name of a phantom or a test consists of nothing but such words, numbers and single letters."""

TELLING = frozenset(
    """phantom fantom qa qc test tests testpatient testing calibration kalibrierung constancy konstanzprufung konstanz
    catphan dummy zz zzz zzztest zztest gammex uniformity commissioning service demo""".split()  # noqa: SIM905
)
TEST_ID = re.compile(r"(PHANTOM|QA|QC|TEST|ZZZ?|SERVICE|DEMO|CATPHAN|DUMMY)[\W_]*\d{0,12}", re.IGNORECASE)
ZZZ = re.compile(r"Z{2,}\W*(TEST|QA|QC|PHANTOM|DEMO|DUMMY)?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Outside:
    """Why a study is outside, in words; `imported`: it may be a prior of `prior_of` (0: of nobody known)."""

    reason: str
    imported: bool = False
    prior_of: int = 0


def why_outside(
    study: Study, person: Person | None, ranking: Ranking, persons: Mapping[int, Person], watch: Watch
) -> Outside | None:
    """None where an order is expected. `person`: whom the present id leads to."""
    facts, rules = study.facts, watch.outside
    if reason := why_none_of_ours(facts, rules):
        return Outside(reason)
    if any(each.evidence.order_key and each.evidence.identity.agrees for each in ranking.weighed):
        return None  # an order names it: somebody here wants it read
    speaks = any(each.evidence.speaks for each in ranking.weighed)
    if person is None and not speaks and is_test(facts.patient, rules.patterns):
        return Outside("a phantom, quality assurance or a test by its name and id")
    if reason := _foreign(study, person, speaks, watch):
        return Outside(reason, True, prior_of(facts.patient, person, persons, watch.patient_id_issuer))
    return None


def is_test(patient: Demographics, patterns: tuple[str, ...] = ()) -> bool:
    """Whether name or id are those of a phantom or a test. One telling word in a person's name is not enough."""
    text = f"{patient.name.family}^{patient.name.given}"
    number = patient.patient_id.value.strip()
    if any(_compiled(one).fullmatch(value) for one in patterns for value in (text, number) if value.strip("^")):
        return True
    words = fold(str(patient.name).replace("^", " ").replace("=", " ")).split()
    if ZZZ.match(text):
        return True
    if any(word.rstrip("0123456789") in TELLING for word in words):
        known = all(_says_nothing(word) for word in words)
        return known and (len(words) > 1 or not patient.name.given) and _no_person(patient, words, number)
    return all(map(_says_nothing, words)) and bool(TEST_ID.fullmatch(number))


def _says_nothing(word: str) -> bool:
    bare = word.rstrip("0123456789")
    return not bare or bare in TEST_WORDS or len(bare) == 1


def _no_person(patient: Demographics, words: list[str], number: str) -> bool:
    """TEST alone, with a patient's number and a birth date, may be anybody."""
    telling = sum(word.rstrip("0123456789") in TEST_WORDS for word in words)
    return telling > 1 or not patient.birth_date or bool(TEST_ID.fullmatch(number)) or not number


@lru_cache(256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _foreign(study: Study, person: Person | None, speaks: bool, watch: Watch) -> str:
    facts, rules = study.facts, watch.outside
    if facts.institution_name and rules.institutions_own and not _is_own(facts.institution_name, rules):
        return f"made at {facts.institution_name}"
    if person is None and (issuer := _foreign_issuer(facts, watch)):
        return f"its numbers are those of {issuer}"
    if not speaks and not _made_here(facts, rules) and (days := _days_late(study)) > rules.import_days > 0:
        return f"made {days} days before it came, and no order speaks of it"
    return ""


def _made_here(facts: StudyFacts, rules: OutsideRules) -> bool:
    own = {fold(one) for one in rules.stations_own}
    return any(fold(series.station_name) in own for series in facts.series if series.station_name)


def _is_own(institution: str, rules: OutsideRules) -> bool:
    """The names that machines are given vary: one that contains the other is the same."""
    mine = fold(institution)
    return any(own and (own in mine or mine in own) for own in map(fold, rules.institutions_own))


def _foreign_issuer(facts: StudyFacts, watch: Watch) -> str:
    own = {fold(one) for one in watch.outside.issuers_own} - {""}
    ours = own | ({fold(watch.patient_id_issuer), fold(watch.accession_issuer)} - {""} if own else set())
    stated = (facts.issuer_of_accession, facts.patient.patient_id.issuer)
    return next((one for one in stated if one and ours and fold(one) not in ours), "")


def _days_late(study: Study) -> int:
    """Whole days from performing to arrival; 0 for what was there before us or has no time."""
    performed = wall(study.facts.performed)
    if study.baseline or performed is None or study.first_seen is None:
        return 0
    return max(0, (study.first_seen.date() - performed.date()).days)


def prior_of(patient: Demographics, known: Person | None, persons: Mapping[int, Person], issuer: str) -> int:
    """The one person whose identity agrees: name and birth date, and no other has both. A suggestion, never a link."""
    agreeing = [
        person for person in persons.values() if not person.merged_into and _agrees(patient, person, known, issuer)
    ]
    return agreeing[0].id if len(agreeing) == 1 else 0


def _agrees(patient: Demographics, person: Person, known: Person | None, issuer: str) -> bool:
    if person.quarantined:
        return False
    truth = person.demographics
    name, born = compare_names(truth.name, patient.name), compare_birth_dates(truth.birth_date, patient.birth_date)
    same_id = compare_id_sets(patient.patient_id, (truth.patient_id, *person.identifiers), issuer) is Level.EQUAL
    if known is not None and known.id == person.id and id_key(patient.patient_id.value) and same_id:
        return name in (*SAME, Level.NEAR) and born is Level.EQUAL
    told = born is Level.EQUAL and bool(birth_date_of(patient.birth_date))
    return name in SAME and told and truth.sex in ("", patient.sex or truth.sex)
