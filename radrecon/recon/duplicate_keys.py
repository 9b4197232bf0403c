"""By which keys two records of one person find each other, whichever one or two fields are wrong or missing."""

from __future__ import annotations

from collections.abc import Iterator

from radrecon.model.duplicate import PersonRecord
from radrecon.model.names import PersonName
from radrecon.recon.newborns import has_no_given_name
from radrecon.recon.nobody import birth_date_of, stands_for_nobody
from radrecon.recon.normalise import Keys, birth_date_key, id_key, name_key, near_keys, sound
from radrecon.recon.particulars import national_key, phone_key, place_key, street_key
from radrecon.recon.person_names import full_name, known_names

FULL_DATE = len("1960-05-17")
NARROW = {
    "birth_name": "name and birth date",
    "national_id": "national id",
    "patient_id": "patient number",
    "phone": "phone",
    "address": "address",
    "name_street": "name and street",
}
"""Keys that few should share, in words: where too many do, somebody must be told."""
MOST_TO_A_KEY = 200  # persons that share one key; one that more share finds nobody
MOST_TO_A_WIDE = 40  # of a birth date, or of a name in a place: narrower keys find the same persons


def duplicate_keys(record: PersonRecord) -> Keys:
    """Numbers; birth date alone and with each name; both names with year or place; phone, address, national id."""
    person, known = record.person, record.particulars
    birth = birth_date_key(birth_date_of(person.demographics.birth_date))
    sounds = {tuple(_sounds(name)) for name in known_names(record) if not stands_for_nobody(name)} - {()}
    numbers = {id_key(one.value) for one in (person.demographics.patient_id, *person.identifiers)} - {""}
    keys = {("patient_id", number) for number in numbers if len(number) > 3}
    keys |= {("national_id", key) for key in near_keys(national_key(known.national_id))}
    keys |= {("phone", key) for phone in known.phones if (key := phone_key(phone))}
    keys |= set(_birth_keys(birth, sounds, id_key(known.postcode))) if birth else set()
    keys |= set(_place_keys(record, sounds))
    return frozenset(keys)


def _sounds(name: PersonName) -> Iterator[str]:
    """Family and given name by sound; without the space that a hurried hand puts into one."""
    key = name_key(name.alphabetic or name.ideographic or name.phonetic)
    given = "" if has_no_given_name(key) else key.given
    yield from (sound(word) for word in (key.family, given) if word)


def _birth_keys(birth: str, sounds: set[tuple[str, ...]], postcode: str) -> Iterator[tuple[str, str]]:
    full = len(birth) == FULL_DATE
    if full:
        yield "birth", birth
    if full and postcode:
        yield "birth_place", f"{birth}/{postcode}"
    for words in sounds:
        yield from (("birth_name", f"{word}/{birth}") for word in words if full)
        if len(words) > 1:
            yield "name_year", f"{'/'.join(sorted(words))}/{birth[:4]}"


def _place_keys(record: PersonRecord, sounds: set[tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    known = record.particulars
    postcode = id_key(known.postcode)
    for words in sounds:
        if postcode:
            yield from (("name_place", f"{word}/{postcode}") for word in words)
    if street := street_key(known.street):
        yield from (("name_street", f"{word}/{street}") for words in sounds for word in words)
        yield "address", f"{street}/{postcode}"


def counted_keys(record: PersonRecord) -> Keys:
    """What is only counted: how many are called so, how many live there."""
    name, place = full_name(record.person.demographics.name), place_key(record.particulars)
    return frozenset((kind, value) for kind, value in (("called", name), ("lives", place)) if value)
