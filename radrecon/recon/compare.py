"""How far two values agree, field by field, and which differences matter.

Levels are facts about two texts; what a level is worth is `weigh`'s affair, what it forbids `match`'s. Unimportant
differences (case, accents, padding, prefixes, a middle initial) are shown as such and open no case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

from radrecon.model.case import Difference, Weight
from radrecon.model.names import NameGroup, PersonName
from radrecon.model.patient import Demographics, PatientId
from radrecon.recon.lookalikes import as_latin, as_latin_text, hidden
from radrecon.recon.nicknames import one_name
from radrecon.recon.normalise import (
    CACHED,
    NameKey,
    accession_key,
    birth_date_key,
    fold,
    id_key,
    name_key,
    sound,
    visible,
)
from radrecon.recon.scripts import by_script, script_of


class Level(StrEnum):
    """Agreement of one field, from equal to different."""

    EQUAL = "equal"
    FORMAT = "equal after normalisation"
    NICKNAME = "a nickname"
    LOOKALIKE = "equal only to the eye"
    NEAR = "one slip apart"
    SWAPPED = "swapped"
    SOUND = "sounds alike"
    PART = "partly equal"
    GIVEN = "given name equal, family name different"
    FAMILY = "family name equal, given name different"
    GENERATION = "same name of another generation"
    OTHER_ISSUER = "another issuer"
    MISSING = "missing"
    DIFFERENT = "different"


SAME = frozenset((Level.EQUAL, Level.FORMAT))
ALL_BUT_SAME = SAME | {Level.NEAR, Level.NICKNAME}
ORDER = {level: place for place, level in enumerate(Level)}
SHORTEST_TYPO = 4
DAY_PRECISION = len("1960-05-17")
TOLD_SEXES = frozenset("FM")
UNSEEN = "characters that nobody sees"


def compare_names(one: PersonName, other: PersonName) -> Level:
    """Agreement of two names; symmetric. Groups in different scripts cannot be compared and count as missing."""
    if one == other:
        return Level.EQUAL if name_key(_main(one)) else Level.MISSING
    return _compare_unequal(one, other)


@lru_cache(CACHED)
def _compare_unequal(one: PersonName, other: PersonName) -> Level:
    comparable = one.alphabetic and other.alphabetic and script_of(one.alphabetic) == script_of(other.alphabetic)
    if not comparable:
        return _compare_other_scripts(by_script(one), by_script(other))
    plain = _compare_groups(one.alphabetic, other.alphabetic, german=False)
    if _is_ascii(one) and _is_ascii(other):
        return _as_written(plain, one, other)
    level = min(plain, _compare_groups(one.alphabetic, other.alphabetic, german=True), key=_order)
    if level in SAME:
        return _as_written(level, one, other)
    alike = fold(str(as_latin(one).alphabetic)) == fold(str(as_latin(other).alphabetic))
    return Level.LOOKALIKE if alike else _as_written(level, one, other)


def _as_written(level: Level, one: PersonName, other: PersonName) -> Level:
    """Names that are written with other ideographs are other names that sound alike, whatever their transcriptions."""
    return Level.SOUND if level in ALL_BUT_SAME and _ideographs_differ(one, other) else level


def _is_ascii(name: PersonName) -> bool:
    return name.alphabetic.family.isascii() and name.alphabetic.given.isascii()


def _main(name: PersonName) -> NameGroup:
    return name.alphabetic or name.ideographic or name.phonetic


def _order(level: Level) -> int:
    return ORDER[level]


def _compare_other_scripts(one: PersonName, other: PersonName) -> Level:
    for mine, theirs in ((one.ideographic, other.ideographic), (one.phonetic, other.phonetic)):
        if mine and theirs:
            return _compare_groups(mine, theirs, german=False)
    return Level.MISSING


def _ideographs_differ(one: PersonName, other: PersonName) -> bool:
    mine, theirs = fold(str(one.ideographic)), fold(str(other.ideographic))
    return bool(mine and theirs and mine != theirs)


def _compare_groups(mine: NameGroup, theirs: NameGroup, german: bool) -> Level:
    one, other = name_key(mine, german), name_key(theirs, german)
    if not one or not other:
        return Level.MISSING
    level = _compare_keys(one, other)
    conflict = one.generation and other.generation and one.generation != other.generation
    return Level.GENERATION if conflict and level not in (Level.DIFFERENT, Level.FAMILY, Level.GIVEN) else level


def _compare_keys(one: NameKey, other: NameKey) -> Level:
    families = _join(one.family) == _join(other.family)
    if families and one.given == other.given:
        return Level.FORMAT if _compatible(one.others, other.others) else Level.FAMILY
    if families and _join("".join(one.words)) == _join("".join(other.words)):
        return Level.FORMAT
    if sorted(one.words) == sorted(other.words):
        return Level.FORMAT if one.words == other.words else Level.SWAPPED
    return _compare_loosely(one, other, families)


def _compare_loosely(one: NameKey, other: NameKey, families: bool) -> Level:
    if _slips(one.family, other.family) + _slips(one.given, other.given) == 1:
        return Level.NEAR if _as_many(one.others, other.others) else Level.PART
    if families and one_name(one.given, other.given) and _compatible(one.others, other.others):
        return Level.NICKNAME
    if families and one.given and other.given:
        return Level.PART if _initial(one.given, other.given) else _by_sound(one, other, Level.FAMILY)
    if one.given == other.given and one.given:
        return Level.PART if _shares_words(one.family, other.family) else _by_sound(one, other, Level.GIVEN)
    return _by_sound(one, other, Level.PART if families else Level.DIFFERENT)


def _join(text: str) -> str:
    return text.replace(" ", "")


def _compatible(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Middle names that do not contradict: missing on one side, or an initial of the other."""
    return all(mine == theirs or _initial(mine, theirs) for mine, theirs in zip(one, other, strict=False))


def _as_many(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """A slip is all that differs: a middle name that one side leaves out would be a second thing."""
    return len(one) == len(other) and _compatible(one, other)


def _initial(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) == 1 and long.startswith(short)


def _slips(one: str, other: str) -> int:
    """0 equal, 1 for one slip in a word long enough to tell a slip from another name, else 2."""
    one, other = _join(one), _join(other)
    if one == other:
        return 0
    enough = min(len(one), len(other)) >= SHORTEST_TYPO
    return 1 if enough and OSA.distance(one, other, score_cutoff=1) <= 1 else 2


def _shares_words(one: str, other: str) -> bool:
    mine, theirs = set(one.split()), set(other.split())
    return bool(mine and theirs) and (mine <= theirs or theirs <= mine)


def _by_sound(one: NameKey, other: NameKey, otherwise: Level) -> Level:
    if not (one.family and other.family and one.given and other.given):
        return otherwise
    alike = sound(one.family) == sound(other.family) and sound(one.given) == sound(other.given)
    return Level.SOUND if alike else otherwise


@lru_cache(CACHED)
def compare_birth_dates(one: str, other: str) -> Level:
    """Equal, day and month swapped, one digit or a transposition apart, or of less precision on one side."""
    mine, theirs = birth_date_key(one), birth_date_key(other)
    if not mine or not theirs:
        return Level.MISSING
    if mine == theirs:
        return Level.EQUAL if len(mine) == DAY_PRECISION else Level.PART
    if len(mine) != len(theirs) or len(mine) < DAY_PRECISION:
        return Level.PART if mine.startswith(theirs) or theirs.startswith(mine) else Level.DIFFERENT
    if mine[:4] == theirs[:4] and mine[5:7] == theirs[8:] and mine[8:] == theirs[5:7]:
        return Level.SWAPPED
    return Level.NEAR if OSA.distance(mine.replace("-", ""), theirs.replace("-", "")) == 1 else Level.DIFFERENT


def compare_ids(one: PatientId, other: PatientId, issuer: str = "") -> Level:
    """Agreement of two identifiers; `issuer` stands where one names none. An unknown issuer contradicts nothing."""
    level = _compare_numbers(one.value, other.value)
    if one.issuer == other.issuer or level is Level.MISSING:
        return level
    mine, theirs = fold(one.issuer or issuer), fold(other.issuer or issuer)
    return Level.OTHER_ISSUER if mine and theirs and mine != theirs else level


@lru_cache(CACHED)
def _compare_numbers(one: str, other: str) -> Level:
    if not id_key(one) or not id_key(other):
        return Level.MISSING
    return Level.EQUAL if one == other else _compare_codes(one, other)


def compare_id_sets(found: PatientId, known: Iterable[PatientId], issuer: str = "") -> Level:
    """The best agreement of an identifier with any that lead to a person."""
    return min((compare_ids(found, each, issuer) for each in known), key=_order, default=Level.MISSING)


@lru_cache(CACHED)
def compare_accessions(one: str, other: str) -> Level:
    """Agreement of two accession numbers. Numbers of two stated issuers are `compare_issued`'s affair."""
    if not accession_key(one) or not accession_key(other):
        return Level.MISSING
    return Level.EQUAL if one == other else _compare_codes(one, other)


def compare_issued(one: str, issuer: str, other: str, other_issuer: str) -> Level:
    """Accession numbers with who gave them out: two stated issuers are two number spaces (PS3.3 C.7.3.1)."""
    level = compare_accessions(one, other)
    if issuer == other_issuer or not issuer or not other_issuer or level is Level.MISSING:
        return level
    return level if fold(issuer) == fold(other_issuer) else Level.OTHER_ISSUER


def _compare_codes(one: str, other: str) -> Level:
    """Two numbers as written. A letter that only looks like the other's makes another number."""
    mine, theirs = id_key(one), id_key(other)
    if mine == theirs:
        written_alike = visible(one).strip() == visible(other).strip() and hidden(one) == hidden(other)
        return Level.EQUAL if written_alike else Level.FORMAT
    plain = one.isascii() and other.isascii()
    if not plain and id_key(as_latin_text(one)) == id_key(as_latin_text(other)):
        return Level.LOOKALIKE
    enough = min(len(mine), len(theirs)) >= SHORTEST_TYPO and abs(len(mine) - len(theirs)) <= 1
    return Level.NEAR if enough and OSA.distance(mine, theirs, score_cutoff=1) <= 1 else Level.DIFFERENT


def compare_sexes(one: str, other: str) -> Level:
    """Only female and male contradict each other.

    O is other (PS3.3 C.7.1.1), and what consoles and interfaces write for "unknown", which DICOM has no term for.
    """
    mine, theirs = one.strip().upper(), other.strip().upper()
    if not {mine, theirs} <= TOLD_SEXES:
        return Level.MISSING
    return Level.EQUAL if mine == theirs else Level.DIFFERENT


def differences(truth: Demographics, found: Demographics, issuer: str = "") -> tuple[Difference, ...]:
    """The identity block of the owner's record beside what the images say, in the block's order.

    `issuer` is the site's own assigning authority. `truth.other_ids` are further identifiers in good standing.
    """
    return (
        _id_difference(truth, found, issuer),
        _issuer_difference(truth.patient_id, found.patient_id, issuer),
        _name_difference(truth.name, found.name),
        _plain_difference("patient_birth_date", truth.birth_date, found.birth_date, birth_date_key),
        _plain_difference("patient_sex", truth.sex, found.sex, lambda sex: sex.strip().upper()),
    )


def important(found: Iterable[Difference]) -> tuple[Difference, ...]:
    """Those that a case is made of. Most archives state no issuer, so that its absence alone is not one."""
    return tuple(
        each
        for each in found
        if each.weight is Weight.DIFFERS or (each.weight is Weight.MISSING and each.field != "issuer_of_patient_id")
    )


def _id_difference(truth: Demographics, found: Demographics, issuer: str) -> Difference:
    one, other = truth.patient_id, found.patient_id
    name, level = "patient_id", compare_ids(PatientId(one.value), PatientId(other.value))
    if one.value == other.value:
        return Difference(name, one.value, other.value, Weight.EQUAL)
    if not other.value.strip() or not one.value.strip():
        return _one_sided(name, one.value, other.value)
    if level in SAME:
        note = UNSEEN if hidden(one.value) != hidden(other.value) else "padding or punctuation"
        return Difference(name, one.value, other.value, Weight.UNIMPORTANT, note)
    if compare_id_sets(other, truth.other_ids, issuer) in SAME:
        return Difference(name, one.value, other.value, Weight.UNIMPORTANT, "another identifier of this person")
    return Difference(name, one.value, other.value, Weight.DIFFERS)


def _issuer_difference(truth: PatientId, found: PatientId, issuer: str) -> Difference:
    name, one, other = "issuer_of_patient_id", truth.issuer, found.issuer
    if one == other:
        return Difference(name, one, other, Weight.EQUAL)
    if not other and fold(one) == fold(issuer):
        return Difference(name, one, other, Weight.UNIMPORTANT, "the site's own issuer goes without saying")
    if fold(one or issuer) == fold(other or issuer):
        return Difference(name, one, other, Weight.UNIMPORTANT, "the same issuer, written differently")
    if not one or not other:
        return _one_sided(name, one, other)
    return Difference(name, one, other, Weight.DIFFERS)


def _name_difference(truth: PersonName, found: PersonName) -> Difference:
    one, other, level = str(truth), str(found), compare_names(truth, found)
    if level is Level.EQUAL or one.strip() == other.strip():
        return Difference("patient_name", one, other, Weight.EQUAL)
    if not name_key(_main(truth)) or not name_key(_main(found)):
        return _one_sided("patient_name", one, other)
    if level is Level.FORMAT:
        return Difference("patient_name", one, other, Weight.UNIMPORTANT, _why_unimportant(one, other))
    note = "" if level in (Level.DIFFERENT, Level.MISSING) else str(level)
    return Difference("patient_name", one, other, Weight.DIFFERS, note)


def _why_unimportant(one: str, other: str) -> str:
    if hidden(one) != hidden(other):
        return UNSEEN
    if one.casefold() == other.casefold():
        return "letter case"
    if fold(one).split() == fold(other).split():
        return "case, accents, punctuation or padding"
    return "prefix, suffix, middle name or script"


def _plain_difference(name: str, one: str, other: str, key: Callable[[str], str]) -> Difference:
    if one.strip() == other.strip():
        return Difference(name, one, other, Weight.EQUAL)
    if not one.strip() or not other.strip():
        return _one_sided(name, one, other)
    if key(one) and key(one) == key(other):
        return Difference(name, one, other, Weight.UNIMPORTANT, "written differently")
    return _less_precise(name, one, other) or Difference(name, one, other, Weight.DIFFERS)


def _less_precise(name: str, one: str, other: str) -> Difference | None:
    """An index that knows the year only is not contradicted by a full date of that year."""
    mine, theirs = birth_date_key(one), birth_date_key(other)
    if mine and theirs and theirs.startswith(mine):
        return Difference(name, one, other, Weight.UNIMPORTANT, "the images are more precise")
    return None


def _one_sided(name: str, one: str, other: str) -> Difference:
    if one.strip():
        return Difference(name, one, other, Weight.MISSING)
    return Difference(name, one, other, Weight.UNIMPORTANT, "not known to its owner")
