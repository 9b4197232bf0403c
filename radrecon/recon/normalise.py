"""Names and identifiers without what does not matter, and the keys that find what may belong together.

Case, accents, padding, punctuation, invisible characters and leading zeros are how systems write, not what they mean.
Accents are taken off Latin and Greek letters only: in other scripts the mark makes another letter. Blocking keys find
candidates by equality; one slip in an accession number is found by its deletion neighbourhood (two texts at most one
edit apart share a text with at most one character less).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import jellyfish

from radrecon.model.letters import LETTERS
from radrecon.model.names import NameGroup, PersonName
from radrecon.model.order import Order
from radrecon.model.patient import Demographics
from radrecon.model.study import Study
from radrecon.recon.times import day_of, days_around

Keys = frozenset[tuple[str, str]]

GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
GENERATIONS = {"jr": "jr", "junior": "jr", "ii": "jr", "2nd": "jr", "sr": "sr", "senior": "sr", "iii": "3", "3rd": "3"}
GENERATIONS |= {"iv": "4", "4th": "4"}
TITLES = frozenset(("dr", "mr", "mrs", "ms", "miss", "prof", "herr", "frau", "md", "phd", "sir"))
APOSTROPHES = "['’‘`´ʼ]"
NO_ID = frozenset(("NONE", "UNKNOWN", "UNK", "NA", "NULL", "NIL", "UNDEFINED", "NOTAVAILABLE", "TBD", "0"))
NO_ACCESSION = NO_ID | {"NOACC", "NOACCESSION", "NOACCESSIONNUMBER"}
CACHED = 1 << 16
LONGEST_NEAR = 24
SHORTEST_NEAR = 4


@lru_cache(CACHED)
def visible(text: str) -> str:
    """Compatibility forms made plain; control and format characters (zero width, direction marks) dropped."""
    if text.isascii() and text.isprintable():
        return text
    plain = unicodedata.normalize("NFKC", text)
    return "".join(character for character in plain if unicodedata.category(character) not in ("Cf", "Cc"))


def without_accents(text: str) -> str:
    base, kept = "", []
    for character in unicodedata.normalize("NFD", text):
        if unicodedata.combining(character) and base < "\u0400":
            continue
        base = character if not unicodedata.combining(character) else base
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


@lru_cache(CACHED)
def fold(text: str) -> str:
    """Letters for comparing: no case, accents or invisible characters; apostrophes vanish, other punctuation parts."""
    plain = without_accents(re.sub(APOSTROPHES, "", visible(text).casefold())).translate(LETTERS)
    return " ".join("".join(each if _is_letter(each) else " " for each in plain).split())


def _is_letter(character: str) -> bool:
    """Vowel signs of the Indic scripts and Thai are marks, and they tell names apart."""
    return character.isalnum() or unicodedata.category(character).startswith("M")


@lru_cache(CACHED)
def fold_german(text: str) -> str:
    """As `fold`, with umlauts written out (Müller, Mueller)."""
    return fold(visible(text).casefold().translate(GERMAN))


@dataclass(frozen=True)
class NameKey:
    """A name for comparing. Components are words; `others` are the given names after the first."""

    family: str = ""
    given: str = ""
    others: tuple[str, ...] = ()
    generation: str = ""

    def __bool__(self) -> bool:
        return bool(self.family or self.given)

    @property
    def words(self) -> tuple[str, ...]:
        return (*self.family.split(), *self.given.split(), *self.others)


@lru_cache(CACHED)
def name_key(group: NameGroup, german: bool = False) -> NameKey:
    """One component group → its key; a generation suffix (Jr, III) is found wherever people type it."""
    folded = fold_german if german else fold
    family_text, given_text = group.family, group.given
    if "," in family_text and not given_text:
        family_text, given_text = family_text.split(",", 1)
    family, first = _without_titles(folded(family_text))
    given, second = _without_titles(folded(f"{given_text} {group.middle}"))
    third = next((GENERATIONS[word] for word in folded(group.suffix).split() if word in GENERATIONS), "")
    return NameKey(" ".join(family), given[0] if given else "", tuple(given[1:]), third or first or second)


def _without_titles(text: str) -> tuple[list[str], str]:
    words = [word for word in text.split() if word not in TITLES] or text.split()
    if len(words) > 1 and words[-1] in GENERATIONS:
        return words[:-1], GENERATIONS[words[-1]]
    return words, ""


@lru_cache(CACHED)
def id_key(text: str) -> str:
    """An identifier for comparing: upper case, no spaces or punctuation, no leading zeros.

    "" where the text only says that there is none.
    """
    key = re.sub(r"[^\w]|_", "", visible(text).upper()).lstrip("0")
    return "" if key in NO_ID else key


def accession_key(text: str) -> str:
    """An accession number for comparing; "" where the text only says that there is none."""
    key = id_key(text)
    return "" if key in NO_ACCESSION else key


@lru_cache(CACHED)
def birth_date_key(text: str) -> str:
    """ISO text of a real day, month or year; "" for anything else. Compact DICOM dates are understood.

    A day or month of 00 is how desks write that it is not known: 19750000 is the year.
    """
    text = text.strip()
    compact = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", text)
    iso = re.sub(r"(-00)?-00$", "", "-".join(compact.groups()) if compact else text)
    if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", iso):
        return ""
    try:
        date.fromisoformat((iso + "-01-01")[:10])
    except ValueError:
        return ""
    return iso


def near_keys(key: str) -> frozenset[str]:
    """The key and what is left of it with any one character deleted."""
    if not SHORTEST_NEAR <= len(key) <= LONGEST_NEAR:
        return frozenset((key,)) if key else frozenset()
    return frozenset((key, *(key[:at] + key[at + 1 :] for at in range(len(key)))))


@lru_cache(CACHED)
def sound(word: str) -> str:
    """The metaphone code where the letters have one, else the word itself. Meyer and Meier sound alike."""
    joined = word.replace(" ", "")
    code = jellyfish.metaphone(joined.replace("y", "i")) if joined.isascii() and joined.isalpha() else ""
    return code.replace(" ", "") or joined


@lru_cache(CACHED)
def _name_sounds(name: PersonName) -> tuple[str, ...]:
    key = name_key(name.alphabetic or name.ideographic or name.phonetic)
    return tuple(found for found in (sound(key.family), sound(key.given)) if found)


def _identity_keys(patient: Demographics, days: Iterable[str]) -> Iterator[tuple[str, str]]:
    for identifier in (patient.patient_id, *patient.other_ids):
        if key := id_key(identifier.value):
            yield "patient_id", key
    yield from namesake_keys(patient)
    birth, sounds = birth_date_key(patient.birth_date), _name_sounds(patient.name)
    if len(birth) == len("1960-05-17"):
        yield from (("birth_day", f"{birth}/{day}") for day in days)
    yield from _name_year(sounds, birth)
    if len(sounds) > 1:
        yield from (("name_day", f"{'/'.join(sorted(sounds))}/{day}") for day in days)


def _name_year(sounds: tuple[str, ...], birth: str) -> Iterator[tuple[str, str]]:
    """Both names with the year of birth: a birth date with a slip in it still finds them, and names changed about."""
    if len(sounds) > 1 and birth:
        yield "name_year", f"{'/'.join(sorted(sounds))}/{birth[:4]}"


def namesake_keys(patient: Demographics) -> Keys:
    """Whom persons of the same birth date share who are called alike."""
    birth = birth_date_key(patient.birth_date)
    full = len(birth) == len("1960-05-17")
    return frozenset(("name_birth", f"{name}/{birth}") for name in _name_sounds(patient.name) if full)


def _accession_keys(accession: str) -> Iterator[tuple[str, str]]:
    if key := accession_key(accession):
        yield "accession", key
        yield from (("accession_near", near) for near in near_keys(key))


def blocking_keys_of_person(patient: Demographics) -> Keys:
    """What a person can be found by among persons: each number; each name by its sound with the birth date; and both
    names with the year of birth."""
    return frozenset(_identity_keys(patient, ()))


def blocking_keys_of_order(order: Order) -> Keys:
    """What an order can be found by. A value that says nothing ("UNKNOWN", an empty id) is no key."""
    days = {day for step in order.steps if (day := day_of(step.start))}
    keys = {*_accession_keys(order.accession_number), *_identity_keys(order.patient, days)}
    keys |= {("uid", order.study_instance_uid)} if order.study_instance_uid else set()
    for step in order.steps:
        for station in (step.station_ae_title, step.station_name):
            if fold(station) and (day := day_of(step.start)):
                keys.add(("station_day", f"{fold(station)}/{day}"))
    return frozenset(keys)


def blocking_keys_of_study(study: Study) -> Keys:
    """What a study can be found by; it asks for the days around its own, so that midnight parts nothing."""
    facts, day = study.facts, day_of(study.facts.performed)
    keys = {*_accession_keys(facts.accession_number), *_identity_keys(facts.patient, days_around(day))}
    keys |= {("uid", facts.study_instance_uid)} if facts.study_instance_uid else set()
    stations = {fold(series.station_name) for series in facts.series} - {""}
    keys |= {("station_day", f"{station}/{day}") for station in stations if day}
    keys |= {("accession", key) for item in facts.requests if (key := accession_key(item.accession_number))}
    return frozenset(keys)
