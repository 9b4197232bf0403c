"""Are two records of the index one person? Evidence field by field, what it adds up to, and what speaks against it.

A pair is proposed to a person, who decides; nothing is merged by itself, however high the score: of 200 pairs that
agree in name, birth date and sex one is of two people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp2

from radrecon.model.case import CaseKind, CaseOwner, Finding, Pair, PairClass, Reason
from radrecon.model.duplicate import PersonRecord, Population
from radrecon.model.patient import PatientId
from radrecon.recon import pair_weights as w
from radrecon.recon.birth_dates import birth_level
from radrecon.recon.compare import SAME, Level, compare_ids, compare_sexes
from radrecon.recon.normalise import birth_date_key, id_key
from radrecon.recon.pair_conflicts import cautions, two_people, why_not_compared
from radrecon.recon.pair_weights import Degree, Near
from radrecon.recon.particulars import compare_particulars
from radrecon.recon.person_names import compare_all_names, known_names
from radrecon.recon.survivor import propose
from radrecon.recon.weigh import DEFAULT

IDENTIFYING = frozenset(("patient_id", "national_id"))
BESIDE = frozenset(("street", "phone", "mothers_name"))
ALONE = "only name, birth date and sex agree: of 200 such pairs one is of two people; look for one more thing"
NEIGHBOURHOOD = 20
LONGEST_NUMBER = 20
NUMBERS_LOOKED_AT = 8  # of each record, for slips


def compare(one: PersonRecord, other: PersonRecord, population: Population, issuer: str = "") -> Pair:
    """Symmetric but for the reasons' order of values. `issuer` stands where a number names none."""
    survivor, loser, proposal = propose(one, other, issuer)
    if refused := why_not_compared(one, other):
        return Pair(survivor, loser, proposal, PairClass.NOT, 0.0, 0.0, (), (refused,))
    name = compare_all_names(known_names(one), known_names(other), population)
    birth = birth_level(one.person.demographics.birth_date, other.person.demographics.birth_date)
    reasons = (
        *_number(one, other, issuer, population), *name.reasons, *_birth(one, other, birth), *_sex(one, other),
        *compare_particulars(one.particulars, other.particulars, population), _prior(population),
    )  # fmt: skip
    bits = sum(reason.bits for reason in reasons)
    apart = tuple(two_people(one, other, name, _plain(birth)))
    careful = tuple(cautions(one, other, _plain(birth), name))
    likeness = _class(bits, reasons, apart, careful)
    remarks = (ALONE,) if _demographics_only(reasons) and likeness is not PairClass.NOT else ()
    return Pair(
        survivor, loser, proposal, likeness, probability(bits), bits, reasons, (*apart, *careful), remarks
    )  # fmt: skip


def probability(bits: float) -> float:
    """Of a score in bits, the prior among them."""
    return min(1 / (1 + exp2(-max(min(bits, 60.0), -60.0))), w.CEILING)


def _class(bits: float, reasons: tuple[Reason, ...], apart: tuple[str, ...], careful: tuple[str, ...]) -> PairClass:
    """What says two people can only be outweighed by a number that is one person's alone."""
    chance = probability(bits)
    if chance < w.POSSIBLE_FROM or (apart and not _identified(reasons)):
        return PairClass.NOT
    return PairClass.LIKELY if chance >= w.LIKELY_FROM and not (apart or careful) else PairClass.POSSIBLE


def _identified(reasons: tuple[Reason, ...]) -> bool:
    return any(one.field in IDENTIFYING and one.level in (Level.EQUAL, Level.FORMAT) for one in reasons)


def _demographics_only(reasons: tuple[Reason, ...]) -> bool:
    return not any(reason.field in IDENTIFYING | BESIDE and reason.bits > 2 for reason in reasons)


def _prior(population: Population) -> Reason:
    text = f"before anything is compared: any two of {population.persons:,} persons are hardly ever one"
    return Reason("population", "prior", w.prior_bits(population), text)


# -- birth date, sex, numbers -----------------------------------------------------------------------------------------


def _plain(birth: Degree) -> Level:
    return birth if isinstance(birth, Level) else Level.DIFFERENT


def _birth(one: PersonRecord, other: PersonRecord, level: Degree) -> Iterator[Reason]:
    if level is Level.MISSING:
        return
    bits, text = w.BIRTH_DATE_BITS[level], f"birth date: {level}"
    if level is Level.EQUAL and birth_date_key(one.person.demographics.birth_date).endswith("-01-01"):
        bits, text = bits - w.COMMON_DAY_COSTS, f"{text}, but a first of January, which stands for many others"
    yield Reason("patient_birth_date", str(level), bits, text)


def _sex(one: PersonRecord, other: PersonRecord) -> Iterator[Reason]:
    level = compare_sexes(one.person.demographics.sex, other.person.demographics.sex)
    if level is not Level.MISSING:
        yield Reason("patient_sex", str(level), w.SEX_BITS[level], f"sex: {level}")


def _number(one: PersonRecord, other: PersonRecord, issuer: str, population: Population) -> Iterator[Reason]:
    """That a person's two records have two numbers says nothing; one number, or a slip in it, does."""
    here, there = _numbers(one), _numbers(other)
    keys = {id_key(each.value) for each in here} & {id_key(each.value) for each in there}
    same = [(level, mine) for level, mine, _ in _levels(here, there, issuer, keys) if level in SAME]
    if same:
        level, mine = min(same, key=lambda one: one[0] is not Level.EQUAL)
        bits = DEFAULT.numbers("patient_id", population.persons).get(level, 0.0)
        yield Reason("patient_id", str(level), bits, f"patient number {mine.value}: {level}")
        return
    few = _levels(here[:NUMBERS_LOOKED_AT], there[:NUMBERS_LOOKED_AT], issuer, None)
    near = [(mine, theirs) for level, mine, theirs in few if level is Level.NEAR]
    if not near:
        return
    degree: Degree = Near.NEIGHBOURS if any(_neighbours(*pair) for pair in near) else Level.NEAR
    words = "given one after the other, as twins' are" if degree is Near.NEIGHBOURS else str(degree)
    mine, theirs = near[0]
    text = f"patient numbers {mine.value} and {theirs.value}: {words}"
    yield Reason("patient_id", str(degree), w.NUMBER_BITS[degree], text)


def _levels(
    here: Sequence[PatientId], there: Sequence[PatientId], issuer: str, keys: set[str] | None
) -> Iterator[tuple[Level, PatientId, PatientId]]:
    """How numbers agree; with `keys` only those that read alike are looked at, so that 500 numbers cost no more."""
    mine = [one for one in here if keys is None or id_key(one.value) in keys]
    theirs = [one for one in there if keys is None or id_key(one.value) in keys]
    for one in mine:
        for other in theirs:
            if keys is None or id_key(one.value) == id_key(other.value):
                yield compare_ids(one, other, issuer), one, other


def _numbers(record: PersonRecord) -> list[PatientId]:
    found = (record.person.demographics.patient_id, *record.person.identifiers)
    return [one for one in dict.fromkeys(found) if one.value]


def _neighbours(one: PatientId, other: PatientId) -> bool:
    mine, theirs = id_key(one.value), id_key(other.value)
    both = mine.isdecimal() and theirs.isdecimal()
    return both and len(mine) < LONGEST_NUMBER > len(theirs) and abs(int(mine) - int(theirs)) <= NEIGHBOURHOOD


# -- the case ---------------------------------------------------------------------------------------------------------


def subject(one: int, other: int) -> str:
    """Both persons, the smaller id first."""
    return f"persons:{min(one, other)}/{max(one, other)}"


def finding(one: PersonRecord, other: PersonRecord, pair: Pair) -> Finding:
    """The case of a pair. Its evidence is the two identities and how they agree, free of counts that drift."""
    first, second = sorted((one, other), key=lambda record: record.person.id)
    likely = "are probably one person" if pair.likeness is PairClass.LIKELY else "may be one person"
    return Finding(
        CaseKind.DUPLICATE_PATIENTS,
        subject(first.person.id, second.person.id),
        f"two records {likely}: {summary(pair)}",
        CaseOwner.REGISTRATION,
        1,
        person_id=first.person.id,
        evidence={
            "persons": [first.person.id, second.person.id],
            "identities": [_identity(first), _identity(second)],
            "agreement": sorted(f"{reason.field}: {reason.level}" for reason in pair.reasons),
        },
        pair=pair,
    )


def summary(pair: Pair) -> str:
    """What agrees, what nearly does, and the first conflict."""
    speaking = {reason.field: reason.level for reason in reversed(pair.reasons) if reason.bits > 0}
    same = [words for field, words in FIELD_WORDS.items() if speaking.get(field) in (Level.EQUAL, Level.FORMAT)]
    near = [
        f"{words} {speaking[field]}"
        for field, words in FIELD_WORDS.items()
        if field in speaking and speaking[field] not in (Level.EQUAL, Level.FORMAT)
    ]
    agree = f"{', '.join(same)} {'agree' if len(same) > 1 else 'agrees'}" if same else ""
    return "; ".join(filter(None, (agree, ", ".join(near), *pair.conflicts[:1])))


FIELD_WORDS = {
    "patient_name": "name", "family_name": "family name", "given_name": "given name", "middle_name": "middle name",
    "patient_birth_date": "birth date", "patient_sex": "sex", "patient_id": "patient number",
    "national_id": "national id", "street": "street", "place": "place", "phone": "phone",
    "mothers_name": "mother's name",
}  # fmt: skip


def _identity(record: PersonRecord) -> dict[str, object]:
    known, beside = record.person.demographics, record.particulars
    return {
        "patient_name": str(known.name),
        "patient_birth_date": known.birth_date,
        "patient_sex": known.sex,
        "numbers": sorted(str(one) for one in _numbers(record)),
        "national_id": beside.national_id,
        "address": [beside.street, beside.postcode, beside.city],
        "phones": sorted(beside.phones),
        "mothers_name": beside.mothers_name,
    }
