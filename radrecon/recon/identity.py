"""Two identity blocks side by side: how each field agrees, and whether they can be one person.

Field by field is for looking; a decision takes the block whole. Numbers of merged persons lead to the survivor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.recon.compare import SAME, Level, compare_birth_dates, compare_id_sets, compare_names, compare_sexes
from radrecon.recon.normalise import id_key

APART_NAMES = frozenset((Level.DIFFERENT, Level.FAMILY, Level.GENERATION))


@dataclass(frozen=True)
class IdentityLevels:
    """How the identity block of the images agrees with one record."""

    patient_id: Level
    name: Level
    birth_date: Level
    sex: Level

    @property
    def name_and_birth(self) -> bool:
        return self.name in SAME and self.birth_date is Level.EQUAL

    @property
    def agrees(self) -> bool:
        return self.patient_id in SAME or self.name_and_birth


def identity_levels(
    truth: Demographics, found: Demographics, known: tuple[PatientId, ...], issuer: str
) -> IdentityLevels:
    """`known`: every identifier that leads to the person of `truth`."""
    return IdentityLevels(
        compare_id_sets(found.patient_id, (truth.patient_id, *truth.other_ids, *known), issuer),
        compare_names(truth.name, found.name),
        compare_birth_dates(truth.birth_date, found.birth_date),
        compare_sexes(truth.sex, found.sex),
    )


def cannot_be_one(truth: Demographics, found: Demographics, issuer: str, known: tuple[PatientId, ...] = ()) -> bool:
    """Two of id, name and birth date contradict each other, by more than a slip, and the id does not agree."""
    levels = identity_levels(truth, found, known, issuer)
    apart = (
        levels.patient_id in (Level.DIFFERENT, Level.OTHER_ISSUER),
        levels.name in APART_NAMES,
        levels.birth_date is Level.DIFFERENT,
    )
    return levels.patient_id not in SAME and sum(apart) > 1


def two_of_one_number(one: Demographics, other: Demographics, issuer: str) -> bool:
    """Whether two of issuer, name and birth date contradict each other by more than a slip, under one number."""
    levels = identity_levels(one, other, (), issuer)
    apart = (
        levels.patient_id is Level.OTHER_ISSUER,
        levels.name in APART_NAMES,
        levels.birth_date is Level.DIFFERENT,
    )
    return sum(apart) > 1


def survivor_of(person_id: int, persons: Mapping[int, Person]) -> int:
    """The person that a number leads to after merges; a cycle ends where it began."""
    seen: set[int] = set()
    while person_id not in seen and (person := persons.get(person_id)) and person.merged_into:
        seen.add(person_id)
        person_id = person.merged_into
    return person_id


def resolve(identifier: PatientId, persons: Mapping[int, Person], issuer: str) -> int:
    """The one person (survivor) that an identifier leads to; 0 if none, or if it is several people's."""
    key = id_key(identifier.value)
    found = {
        survivor_of(person.id, persons)
        for person in persons.values()
        if (known := _reading(person, key)) and compare_id_sets(identifier, known, issuer) is Level.EQUAL
    }
    return found.pop() if len(found) == 1 else 0


def _reading(person: Person, key: str) -> list[PatientId]:
    """The person's numbers that are the same but for how they are written."""
    known = (person.demographics.patient_id, *person.identifiers)
    return [each for each in known if id_key(each.value) == key]


def truth_of(person: Person) -> Demographics:
    """A person's identity block with the identifiers in good standing: those of other issuers.

    Another number of the same issuer is one that a merge retired.
    """
    own = person.demographics.patient_id
    others = tuple(each for each in person.identifiers if each.issuer != own.issuer and each != own)
    return replace(person.demographics, other_ids=others)
