"""What registration knows beside the identity block, as evidence: address, phone, national id, mother's name.

A household shares address, phone and mother: that is evidence of one person only where given name and birth date do
not say two, which `pair_conflicts` sees to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from rapidfuzz.distance import OSA

from radrecon.model.case import Reason
from radrecon.model.duplicate import Particulars, Population
from radrecon.recon import pair_weights as w
from radrecon.recon.compare import Level
from radrecon.recon.normalise import fold, id_key
from radrecon.recon.pair_weights import Degree, Near
from radrecon.recon.person_names import compare_name_texts

SHORTEST_NATIONAL = 6
PHONE_DIGITS = 8  # the end of a number: country and trunk prefixes are written or not
SHORTEST_PHONE = 6
ALIKE_FROM = 0.75


def national_key(text: str) -> str:
    """A national id for comparing; "" for what desks type where there is none (999999999, 123456789)."""
    key = id_key(text)
    digits = re.sub(r"\D", "", key)
    if len(key) < SHORTEST_NATIONAL or len(set(key)) < 3 or digits in "0123456789876543210":
        return ""
    return key


def phone_key(text: str) -> str:
    """The last digits of a phone number; "" for what is none."""
    digits = re.sub(r"\D", "", text)
    return digits[-PHONE_DIGITS:] if len(digits) >= SHORTEST_PHONE and len(set(digits)) > 2 else ""


def street_key(text: str) -> str:
    return fold(text).replace(" ", "")


def place_key(known: Particulars) -> str:
    """What people of one place share."""
    return "/".join((id_key(known.postcode), street_key(known.city))).strip("/")


def compare_particulars(one: Particulars, other: Particulars, population: Population) -> Iterator[Reason]:
    """One reason per field that both know."""
    yield from _reason(
        "national_id", "national id", compare_national(one.national_id, other.national_id), w.NATIONAL_BITS
    )
    yield from _reason("street", "street", compare_streets(one, other), w.STREET_BITS)
    yield from _place(one, other, population)
    yield from _reason("phone", "phone", compare_phones(one.phones, other.phones), w.PHONE_BITS)
    mothers = compare_name_texts(one.mothers_name, other.mothers_name)
    yield from _reason("mothers_name", "mother's name", mothers, w.MOTHER_BITS)


def _reason(field: str, words: str, degree: Degree, bits: Mapping[Degree, float]) -> Iterator[Reason]:
    if degree is not Level.MISSING:
        yield Reason(field, str(degree), bits.get(degree, 0.0), f"{words}: {degree}")


def _place(one: Particulars, other: Particulars, population: Population) -> Iterator[Reason]:
    degree = compare_places(one, other)
    if degree not in (Level.EQUAL, Level.PART):
        yield from _reason("place", "postcode and place", degree, w.PLACE_BITS)
        return
    bits = min(w.same_place_bits(place_key(each), population) for each in (one, other))
    bits -= w.PART_OF_PLACE_COSTS if degree is Level.PART else 0
    yield Reason("place", str(degree), bits, f"postcode and place: {degree}")


def compare_national(one: str, other: str) -> Degree:
    mine, theirs = national_key(one), national_key(other)
    if not mine or not theirs:
        return Level.MISSING
    slips = OSA.distance(mine, theirs, score_cutoff=2)
    return (Level.EQUAL, Level.NEAR, Near.TWO_SLIPS, Level.DIFFERENT)[min(slips, 3)]


def compare_streets(one: Particulars, other: Particulars) -> Degree:
    """House number and street; either line may hold it."""
    mine = [key for key in (street_key(one.street), street_key(one.other_designation)) if key]
    theirs = [key for key in (street_key(other.street), street_key(other.other_designation)) if key]
    if not mine or not theirs:
        return Level.MISSING
    found = [_street(a, b) for a in mine for b in theirs]
    return min(found, key=_STREET_RANKS.index)


def _street(one: str, other: str) -> Degree:
    if one == other:
        return Level.EQUAL
    if OSA.distance(one, other, score_cutoff=1) <= 1 and _number(one) == _number(other):
        return Level.NEAR
    if OSA.normalized_similarity(one, other) >= ALIKE_FROM:
        return Near.ALIKE if _number(one) == _number(other) else Level.PART
    without = OSA.normalized_similarity(_words(one), _words(other)) >= ALIKE_FROM
    return Level.PART if without and min(len(_words(one)), len(_words(other))) > 3 else Level.DIFFERENT


def _number(street: str) -> str:
    return "".join(re.findall(r"\d+", street)[:1])


def _words(street: str) -> str:
    return re.sub(r"\d+", "", street)


_STREET_RANKS: tuple[Degree, ...] = (Level.EQUAL, Level.NEAR, Near.ALIKE, Level.PART, Level.DIFFERENT)


def compare_places(one: Particulars, other: Particulars) -> Degree:
    """Postcode and city are one piece of evidence: each says nearly what the other does."""
    postcode = _texts(id_key(one.postcode), id_key(other.postcode))
    city = _texts(street_key(one.city), street_key(other.city))
    known = [degree for degree in (postcode, city) if degree is not Level.MISSING]
    if not known:
        return Level.MISSING
    if all(degree in (Level.EQUAL, Level.NEAR) for degree in known):
        return Level.EQUAL if len(known) > 1 and Level.EQUAL in known else Level.PART
    if Level.EQUAL in known:
        return Level.PART
    return Near.ALIKE if Level.NEAR in known else Level.DIFFERENT


def _texts(one: str, other: str) -> Degree:
    if not one or not other:
        return Level.MISSING
    if one == other:
        return Level.EQUAL
    near = OSA.distance(one, other, score_cutoff=1) <= 1 or OSA.normalized_similarity(one, other) >= 0.85
    return Level.NEAR if near and min(len(one), len(other)) > 3 else Level.DIFFERENT


def compare_phones(one: Iterable[str], other: Iterable[str]) -> Degree:
    mine, theirs = ({key for text in texts if (key := phone_key(text))} for texts in (one, other))
    if not mine or not theirs:
        return Level.MISSING
    if mine & theirs:
        return Level.EQUAL
    near = any(OSA.distance(a, b, score_cutoff=1) <= 1 for a in mine for b in theirs)
    return Level.NEAR if near else Level.DIFFERENT
