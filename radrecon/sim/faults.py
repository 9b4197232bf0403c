"""What goes wrong in the hospital: the kinds, how often, and what a slip of the hand does to a text.

The shares follow published counts loosely: broken or unverified studies first, worklist trouble second. About seventy
in a hundred visits are clean, so that what is wrong has to be found among what is right.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum

from radrecon.model.names import NameGroup, PersonName
from radrecon.model.patient import Demographics, PatientId
from radrecon.sim.images import Acquired


class Scenario(StrEnum):
    """What happens to one patient: the first four are clean work, the others are faults."""

    CLEAN = "clean"
    BOOKED = "booked"
    CANCELLED = "cancelled"
    UPDATED_IN_TIME = "updated_in_time"
    ACCESSION_MISSING = "accession_missing"
    ACCESSION_MISTYPED = "accession_mistyped"
    NAME_TYPO = "name_typo"
    MANUAL_ENTRY = "manual_entry"
    ACCESSION_COLLISION = "accession_collision"
    ORDER_LOST = "order_lost"
    UPDATE_NOT_ROUTED = "update_not_routed"
    MERGE_AFTER_IMAGES = "merge_after_images"
    REGISTERED_TWICE = "registered_twice"
    OVERLAY = "overlay"
    UNREGISTERED = "unregistered"


CLEAN = (Scenario.CLEAN, Scenario.BOOKED, Scenario.CANCELLED, Scenario.UPDATED_IN_TIME)
FAULTS = tuple(scenario for scenario in Scenario if scenario not in CLEAN)
CLEAN_SHARE = 0.7
CLEAN_WEIGHTS = (68, 18, 7, 7)
# what fills three panes within half a minute; afterwards chance takes over
OPENING = (
    Scenario.CLEAN,
    Scenario.ACCESSION_MISTYPED,
    Scenario.NAME_TYPO,
    Scenario.CLEAN,
    Scenario.ACCESSION_MISSING,
    Scenario.UPDATE_NOT_ROUTED,
    Scenario.CLEAN,
    Scenario.ORDER_LOST,
    Scenario.MERGE_AFTER_IMAGES,
    Scenario.CLEAN,
    Scenario.ACCESSION_COLLISION,
    Scenario.MANUAL_ENTRY,
    Scenario.REGISTERED_TWICE,
    Scenario.CLEAN,
    Scenario.UNREGISTERED,
    Scenario.OVERLAY,
)


def timetable(seed: int) -> Iterator[Scenario]:
    """Visits without end: the opening, then clean work with every fault in turn, in an order that chance shuffles."""
    rng = random.Random(f"timetable {seed}")
    yield from OPENING
    faults: list[Scenario] = []
    while True:
        if rng.random() < CLEAN_SHARE:
            yield rng.choices(CLEAN, CLEAN_WEIGHTS)[0]
        else:
            faults = faults or rng.sample(FAULTS, len(FAULTS))
            yield faults.pop()


def transposed(text: str, rng: random.Random) -> str:
    """Two neighbouring characters change places, if any two differ; else the last one is replaced."""
    places = [at for at in range(len(text) - 1) if text[at] != text[at + 1] and text[at : at + 2].isalnum()]
    places = [at for at in places if text[at].isdigit() == text[at + 1].isdigit()] or places
    if not places:
        return text[:-1] + ("7" if text[-1:] != "7" else "1")
    at = rng.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def mistyped(word: str, rng: random.Random) -> str:
    """One slip in a word: a letter lost, doubled, or two of them in the wrong order; never only the punctuation."""
    inner = [at for at in range(1, len(word) - 1) if word[at].isalpha()]
    if not inner:
        return word + (word[-1] if word[-1:].isalpha() else "e")
    at = rng.choice(inner)
    slips = (word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], word[0] + transposed(word[1:], rng))
    return next(slip for slip in rng.sample(slips, 3) if letters(slip) != letters(word))


def letters(word: str) -> str:
    """What is left of a word for somebody who ignores case and punctuation."""
    return "".join(letter for letter in word.casefold() if letter.isalpha())


def misspelt(name: PersonName, rng: random.Random) -> PersonName:
    """What an operator types from a slip of paper: no ideographic group, one slip in family or given name."""
    alphabetic = name.alphabetic
    if rng.random() < 0.6:
        alphabetic = replace(alphabetic, family=mistyped(alphabetic.family, rng))
    else:
        alphabetic = replace(alphabetic, given=mistyped(alphabetic.given, rng))
    return PersonName(alphabetic)


def typed_by_hand(study: Acquired, rng: random.Random) -> Acquired:
    """The whole patient entered at the console: digits of the number exchanged, capitals, no issuer, no request."""
    name = PersonName.parse(study.patient_name)
    plain = PersonName(NameGroup(name.family.upper(), name.given.upper()))
    number = transposed(study.patient_id, rng)
    return replace(study, patient_id=number, issuer_of_patient_id="", patient_name=str(plain), request=None)


def changed_by_registration(patient: Demographics, rng: random.Random) -> Demographics:
    """A legitimate A08: a marriage, or a birth date whose day and month had been exchanged or a digit wrong."""
    if rng.random() < 0.5:
        family = rng.choice(("Lindqvist", "Castillo", "Böhm", "Whitaker"))
        return replace(patient, name=PersonName(replace(patient.name.alphabetic, family=family)))
    return replace(patient, birth_date=other_birth_date(patient.birth_date))


def other_birth_date(iso: str) -> str:
    """Day and month exchanged where that is a date, else ten days off in the same month."""
    year, month, day = iso.split("-")
    if int(day) <= 12 and day != month:
        return f"{year}-{day}-{month}"
    return f"{year}-{month}-{(int(day) + 9) % 28 + 1:02d}"


def overlaid(patient: Demographics, newcomer: Demographics) -> Demographics:
    """Somebody typed a new person over an old number."""
    return replace(newcomer, patient_id=patient.patient_id)


def temporary(patient_id: PatientId, sex: str) -> Demographics:
    """An unknown patient under a number that the emergency department hands out."""
    return Demographics(patient_id, PersonName.parse(f"Unknown^Patient {patient_id.value[-2:]}"), "", sex)
