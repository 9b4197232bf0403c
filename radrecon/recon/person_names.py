"""Names of two persons compared part by part: forms of one name, slips, sounds, former names, look-alike letters.

Where the whole name says enough (equal, swapped, nobody's caret) it is one piece of evidence; else family and given
name are weighed apart. Names that stand for none (TRAUMA, BABY BOY) are missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from rapidfuzz.distance import OSA, JaroWinkler

from radrecon.model.case import Reason
from radrecon.model.duplicate import PersonRecord, Population
from radrecon.model.names import PersonName
from radrecon.recon import pair_weights as w
from radrecon.recon.compare import SAME, Level, compare_birth_dates, compare_names
from radrecon.recon.lookalikes import as_latin, mixed
from radrecon.recon.newborns import has_no_given_name, is_unnamed, may_be_unnamed
from radrecon.recon.nicknames import one_name
from radrecon.recon.nobody import stands_for_nobody
from radrecon.recon.normalise import NameKey, name_key, sound
from radrecon.recon.pair_weights import Degree, Near

FORMER_MOST = 4  # former names of one person that are looked at
LONG_ENOUGH = 5
LONGEST = 64  # letters of one part that are looked at
ALIKE_FROM = 0.88
BOTH_NAMES = (Level.EQUAL, Level.FORMAT, Level.NEAR, Level.SWAPPED)


@dataclass(frozen=True)
class NameAgreement:
    """How two names agree. `family` and `given` are known where the parts were compared apart."""

    reasons: tuple[Reason, ...] = ()
    whole: Level = Level.MISSING
    family: Degree = Level.MISSING
    given: Degree = Level.MISSING

    @property
    def bits(self) -> float:
        return sum(reason.bits for reason in self.reasons)

    @property
    def same(self) -> bool:
        return self.whole in SAME


def full_name(name: PersonName) -> str:
    """What namesakes share, in whatever order it was typed; "" where a part is missing."""
    key = _key(name)
    return "/".join(sorted((key.family, key.given))) if key.family and key.given else ""


def compare_all_names(one: Sequence[PersonName], other: Sequence[PersonName], population: Population) -> NameAgreement:
    """The best agreement of present and former names; the first of each is the present one."""
    best = present = _compare(one[0], other[0], population)
    for mine, theirs in product(one[: FORMER_MOST + 1], other[: FORMER_MOST + 1]):
        former = [name for name, now in ((mine, one[0]), (theirs, other[0])) if name != now]
        if not former:
            continue
        found = _as_former(_compare(mine, theirs, population), former)
        if found.whole is not Level.MISSING and not _tells_less(found, present, former):
            best = max(best, found, key=_strength)
    return best


def _strength(found: NameAgreement) -> tuple[float, list[str]]:
    """Of names that are worth as much the same ones are taken, whichever record comes first."""
    return found.bits, sorted(f"{reason.level} {reason.text}" for reason in found.reasons)


def _tells_less(found: NameAgreement, present: NameAgreement, former: Iterable[PersonName]) -> bool:
    """Twins both were BABY BOY: what newborns are called outweighs no names that came later."""
    if present.given is Level.MISSING or not any(map(may_be_unnamed, former)):
        return False
    return present.given is not Level.EQUAL or Level.MISSING in (found.family, found.given)


def _as_former(found: NameAgreement, former: Iterable[PersonName]) -> NameAgreement:
    text = f"compared by a former name: {', '.join(map(str, former))}"
    cost = Reason("patient_name", "former name", -w.FORMER_COSTS, text)
    return NameAgreement((*found.reasons, cost), found.whole, found.family, found.given)


def _compare(one: PersonName, other: PersonName, population: Population) -> NameAgreement:
    if stands_for_nobody(one) or stands_for_nobody(other) or not one or not other:
        return NameAgreement()
    found = _compare_written(one, other, population)
    if found.whole in BOTH_NAMES or not (mixed(one) or mixed(other)):
        return found
    plain = _compare_written(as_latin(one), as_latin(other), population)
    if plain.bits - w.LOOKALIKE_COSTS <= found.bits:
        return found
    text = "compared with look-alike letters of another script replaced"
    cost = Reason("patient_name", "look-alike letters", -w.LOOKALIKE_COSTS, text)
    return NameAgreement((*plain.reasons, cost), plain.whole, plain.family, plain.given)


def _compare_written(one: PersonName, other: PersonName, population: Population) -> NameAgreement:
    level = compare_names(one, other)
    unnamed = is_unnamed(one) or is_unnamed(other)
    if not unnamed and level in (Level.EQUAL, Level.FORMAT, Level.SWAPPED):
        return _whole(one, other, level, population)
    if not (one.alphabetic and other.alphabetic):
        return _by_table(level)
    spellings = (False, True) if not f"{one.family}{one.given}{other.family}{other.given}".isascii() else (False,)
    return max((_by_parts(one, other, level, german) for german in spellings), key=lambda found: found.bits)


def _by_table(level: Level) -> NameAgreement:
    if level is Level.MISSING:
        return NameAgreement()
    return NameAgreement((Reason("patient_name", str(level), w.NAME_BITS[level], f"name: {level}"),), level)


def _whole(one: PersonName, other: PersonName, level: Level, population: Population) -> NameAgreement:
    name = full_name(one)
    if not name:  # one word is all there is
        return NameAgreement((Reason("patient_name", str(level), w.FAMILY_BITS[Level.EQUAL], f"name {level}"),), level)
    names = (name, full_name(other))  # not the same where further given names stand elsewhere
    bits = min(w.same_name_bits(each, population) for each in names) - (w.SWAP_COSTS if level is Level.SWAPPED else 0)
    many = max(population.namesakes.get(each, 0) for each in names)
    known = f"; {many} persons are called so" if many > 2 else ""
    middle = _middle(one, other)
    words = "family and given name swapped" if level is Level.SWAPPED else f"name {level}"
    reasons = (Reason("patient_name", str(level), bits, f"{words}{known}"), *middle)
    return NameAgreement(reasons, level, Level.EQUAL, Level.EQUAL)


def _middle(one: PersonName, other: PersonName) -> tuple[Reason, ...]:
    mine, theirs = (" ".join(_key(each).others) for each in (one, other))
    degree = _degree(mine, theirs, True)
    if degree is Level.MISSING:
        return ()
    bits = w.MIDDLE_BITS.get(degree, w.ALIKE_MIDDLE_BITS)
    return (Reason("middle_name", str(degree), bits, f"middle name {degree}"),)


def _by_parts(one: PersonName, other: PersonName, whole: Level, german: bool) -> NameAgreement:
    mine, theirs = name_key(one.alphabetic, german), name_key(other.alphabetic, german)
    straight = _parts(_family(mine), _given(mine), _family(theirs), _given(theirs))
    crossed = max(_crossed(mine, theirs), _crossed(theirs, mine), key=_reading)
    swapped = _value(crossed) - w.SWAP_COSTS > _value(straight)
    family, given = crossed if swapped else straight
    reasons = [
        Reason("family_name", str(family), w.FAMILY_BITS.get(family, 0.0), f"family name: {family}"),
        Reason("given_name", str(given), w.GIVEN_BITS.get(given, 0.0), f"given name: {given}"),
    ]
    reasons = [reason for reason in reasons if reason.level != str(Level.MISSING)]
    if given is Level.EQUAL and not swapped:
        reasons += _middle(one, other)
    if swapped:
        reasons.append(Reason("patient_name", str(Level.SWAPPED), -w.SWAP_COSTS, "family and given name swapped"))
    if mine.generation and theirs.generation and mine.generation != theirs.generation:
        text = f"{mine.generation} and {theirs.generation}: two generations"
        reasons.append(Reason("patient_name", str(Level.GENERATION), -w.GENERATION_COSTS, text))
    return NameAgreement(tuple(reasons), Level.SWAPPED if swapped else whole, family, given)


def _crossed(right: NameKey, wrong: NameKey) -> tuple[Degree, Degree]:
    """Where one of them was typed the wrong way round."""
    return _parts(_family(right), _given(right), _given(wrong), _family(wrong))


def _parts(family: str, given: str, other_family: str, other_given: str) -> tuple[Degree, Degree]:
    return _degree(family, other_family, False), _degree(given, other_given, True)


def _reading(parts: tuple[Degree, Degree]) -> tuple[float, float]:
    """Of two that are worth as much the one by the family name, whichever record comes first."""
    return _value(parts), w.FAMILY_BITS.get(parts[0], 0.0)


def _value(parts: tuple[Degree, Degree]) -> float:
    return w.FAMILY_BITS.get(parts[0], 0.0) + w.GIVEN_BITS.get(parts[1], 0.0)


def _family(key: NameKey) -> str:
    return key.family


def _given(key: NameKey) -> str:
    """All given names as one text; of a newborn there is none yet."""
    return "" if has_no_given_name(key) else " ".join((key.given, *key.others)).strip()


@lru_cache(1 << 14)
def _degree(one: str, other: str, given: bool) -> Degree:
    """Agreement of one part of two names; symmetric."""
    if not one or not other:
        return Level.MISSING
    one, other = one[:LONGEST], other[:LONGEST]
    mine, theirs = one.replace(" ", ""), other.replace(" ", "")
    firsts = (one.split()[0], other.split()[0])  # neither is blank: both were folded
    if mine == theirs or (given and firsts[0] == firsts[1] and len(firsts[0]) > 1):
        return Level.EQUAL
    pairs = [(mine, theirs)] if not given else [(mine, theirs), firsts]
    return min((_of_words(*pair, given) for pair in pairs), key=_rank) if pairs else Level.DIFFERENT


def _of_words(one: str, other: str, given: bool) -> Degree:
    short, long = sorted((one, other), key=len)
    if one == other:
        return Level.EQUAL
    if len(short) == 1:
        return Near.INITIAL if long.startswith(short) else Level.DIFFERENT
    if len(short) >= 4 and OSA.distance(one, other, score_cutoff=1) <= 1:
        return Level.NEAR
    if given and one_name(one, other):
        return Near.NICKNAME
    if sound(one) == sound(other) and len(short) > 2:
        return Level.SOUND
    if len(short) >= 4 and short in long:
        return Level.PART
    alike = len(short) >= LONG_ENOUGH and (
        OSA.distance(one, other, score_cutoff=2) <= 2 or JaroWinkler.similarity(one, other) >= ALIKE_FROM
    )
    return Near.ALIKE if alike else Level.DIFFERENT


_RANKS: tuple[Degree, ...] = (
    Level.EQUAL, Level.NEAR, Near.NICKNAME, Level.SOUND, Level.PART, Near.ALIKE, Near.INITIAL, Level.DIFFERENT,
)  # fmt: skip


def _rank(degree: Degree) -> int:
    return _RANKS.index(degree)


def _key(name: PersonName) -> NameKey:
    return name_key(name.alphabetic or name.ideographic or name.phonetic)


def known_names(record: PersonRecord) -> list[PersonName]:
    """The present name first, then former ones. A block of another birth date was somebody else's (an overlay)."""
    present = record.person.demographics
    former = [one.name for one in record.former if _of_one_birth(one.birth_date, present.birth_date)]
    return list(dict.fromkeys([present.name, *(name for name in former if name)]))


def _of_one_birth(one: str, other: str) -> bool:
    return compare_birth_dates(one, other) is not Level.DIFFERENT


def compare_name_texts(one: str, other: str) -> Degree:
    """Two family names by themselves (a mother's, PID-6)."""
    mine, theirs = (_key(PersonName.parse(text)) for text in (one, other))
    return _degree(mine.family, theirs.family, False)
