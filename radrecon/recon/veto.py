"""What forbids linking by itself, whatever the score (each in words, for the person who decides instead)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property

from radrecon.model.order import Order, StepStatus
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study
from radrecon.recon.compare import SAME, Level, compare_accessions, compare_birth_dates, compare_id_sets, compare_names
from radrecon.recon.evidence import Evidence
from radrecon.recon.identity import resolve, survivor_of
from radrecon.recon.normalise import fold, id_key
from radrecon.recon.performed import BY_MODALITY

DEAD = frozenset((StepStatus.CANCELLED, StepStatus.DISCONTINUED))
LONGEST_GAP = timedelta(days=7)
NAMES_WITH_EQUAL_ID = SAME | {Level.NEAR, Level.SWAPPED, Level.PART, Level.GIVEN}


class VetoKind(StrEnum):
    ID = "patient_id"
    NAME = "patient_name"
    BIRTH_DATE = "patient_birth_date"
    SEX = "patient_sex"
    ACCESSION = "accession_number"
    MODALITY = "modality"
    SIDE = "laterality"
    CANCELLED = "cancelled"
    TAKEN = "taken"
    QUARANTINED = "quarantined"
    CHIMERA = "identity_conflict"
    TIME = "time"
    TRUNCATED = "truncated"
    NAMESAKE = "namesake"
    SHARED = "shared"
    WRONG_ENTRY = "wrong_worklist_entry"


# These say that one record of the right patient is out of date or mistyped, not that the order is another one.
IDENTITY_DETAILS = frozenset((VetoKind.NAME, VetoKind.BIRTH_DATE, VetoKind.SEX))


@dataclass(frozen=True)
class Veto:
    kind: VetoKind
    text: str


@dataclass(frozen=True)
class Surroundings:
    """All that is known around one study: what else could it be?"""

    study: Study
    orders: tuple[Order, ...]
    persons: Mapping[int, Person]
    truncated: bool
    taken: Mapping[int, int]
    watch: Watch
    linked: frozenset[int] = frozenset()  # persons whom registration has linked with the study's own

    def person_of(self, order: Order) -> int:
        return survivor_of(order.person_id, self.persons)

    @cached_property
    def present_person(self) -> int:
        """Whom the images' present id leads to, after merges; 0 if to nobody known."""
        study = self.study
        if study.person_id:
            return survivor_of(study.person_id, self.persons)
        return resolve(study.facts.patient.patient_id, self.persons, self.watch.patient_id_issuer)

    def linked_with(self, order: Order) -> Person | None:
        """The study's own person, where the order's is linked with them."""
        return self.persons.get(self.present_person) if self.person_of(order) in self.linked else None


def vetoes(evidence: Evidence, around: Surroundings) -> tuple[Veto, ...]:
    """Every veto on one candidate, the gravest first."""
    return tuple(Veto(kind, text) for kind, find in RULES for text in find(evidence, around))


def _wrong_entry(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if around.study.wrong_worklist_entry:
        yield "the modality says that the wrong worklist entry was selected"


def _id_conflict(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    present = around.present_person
    if evidence.linked:
        yield "the images are a linked patient's: two persons until registration says otherwise"
    elif present and present != around.person_of(evidence.order):
        yield "the images' patient id is another known person's"
    elif not id_key(around.study.facts.patient.patient_id.value):
        yield "the images carry no patient id"
    elif evidence.identity.patient_id in (Level.DIFFERENT, Level.OTHER_ISSUER) and not evidence.identity.name_and_birth:
        yield "the patient id differs"


def _name(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    level = evidence.identity.name
    allowed = NAMES_WITH_EQUAL_ID if evidence.identity.patient_id is Level.EQUAL else SAME
    if level is Level.MISSING:
        yield "a name is missing"
    elif level not in allowed:
        yield f"the name differs ({level})"


def _birth_date(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    level = evidence.identity.birth_date
    if level is Level.MISSING:
        yield "a birth date is missing"
    elif level is not Level.EQUAL:
        yield f"the birth date differs ({level})"


def _sex(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if evidence.identity.sex is Level.DIFFERENT:
        yield "the sex differs"


def _accession(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """Images that name another accession number, or none, are lost to the worklist even where the UID fits."""
    if evidence.accession in (Level.NEAR, Level.DIFFERENT):
        yield "the images carry another accession number"
    elif evidence.accession is Level.MISSING and evidence.order.accession_number:
        yield "the images carry no accession number"


def _modality(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if evidence.modality is Level.DIFFERENT:
        yield "another modality was ordered"


def _side(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if evidence.side is Level.DIFFERENT:
        yield "the other side was ordered"


def _cancelled(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """An examination that its modality broke off has its images all the same."""
    status, ended_by = evidence.order.status, evidence.order.sources.get("status")
    if status in DEAD and not (status is StepStatus.DISCONTINUED and ended_by == BY_MODALITY):
        yield f"the order is {evidence.order.status.lower()}"


def _taken(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if around.taken.get(evidence.order.id, around.study.id) != around.study.id:
        yield "the order already has images"


def _quarantined(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    person = around.persons.get(around.person_of(evidence.order))
    if person and person.quarantined:
        yield "the patient's identity is under suspicion (overlay)"


def _chimera(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """The order was heard with one person's number and another's name and birth date: whose it is nobody knows."""
    if "identity_conflict" in evidence.order.flags:
        yield "the order names another patient than the one known under its number"


def _time(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if evidence.gap is not None and abs(evidence.gap) > LONGEST_GAP:
        yield "more than seven days from the scheduled time"


def _truncated(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if around.truncated:
        yield "too many orders share a key: the list was cut off"


def _namesake(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """Another person with this name, or a twin. Images that agree in every identifier, letter by letter, are clear."""
    own = around.person_of(evidence.order)
    if _agrees_throughout(evidence):
        return
    others = [person for person in around.persons.values() if survivor_of(person.id, around.persons) != own]
    if any(_namesakes(person, evidence.order, around) for person in others):
        yield "another person has this name, or this family name and birth date"
    elif any(_same_number(person, evidence, around) for person in others):
        yield "the patient id is used by more than one person"


def _agrees_throughout(evidence: Evidence) -> bool:
    identity = evidence.identity
    ids = evidence.accession is Level.EQUAL and identity.patient_id is Level.EQUAL
    return ids and identity.name_and_birth and evidence.uid is not Level.DIFFERENT


def _namesakes(person: Person, order: Order, around: Surroundings) -> bool:
    own = around.persons.get(around.person_of(order))
    mine, theirs = (own.demographics if own else order.patient), person.demographics
    name = compare_names(mine.name, theirs.name)
    born = compare_birth_dates(mine.birth_date, theirs.birth_date)
    if name in SAME or name in (Level.NEAR, Level.SWAPPED, Level.GENERATION):
        return True
    return born is Level.EQUAL and name in (Level.SOUND, Level.PART, Level.FAMILY)


def _same_number(person: Person, evidence: Evidence, around: Surroundings) -> bool:
    """The same text under another issuer, where the images name no issuer to tell them apart."""
    found = around.study.facts.patient.patient_id
    if found.issuer or around.watch.patient_id_issuer or not found.value:
        return False
    return compare_id_sets(found, (person.demographics.patient_id, *person.identifiers)) in SAME


def _shared(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    own, order = around.person_of(evidence.order), evidence.order
    rivals = [other for other in around.orders if other.id != order.id and _same_accession(order, other)]
    if any(around.person_of(other) != own or not own for other in rivals):
        yield "several patients' orders carry this accession number"


def _same_accession(one: Order, other: Order) -> bool:
    mine, theirs = fold(one.issuer_of_accession), fold(other.issuer_of_accession)
    same_issuer = not mine or not theirs or mine == theirs
    return same_issuer and compare_accessions(one.accession_number, other.accession_number) in SAME


RULES: tuple[tuple[VetoKind, Callable[[Evidence, Surroundings], Iterator[str]]], ...] = (
    (VetoKind.WRONG_ENTRY, _wrong_entry),
    (VetoKind.ID, _id_conflict),
    (VetoKind.SHARED, _shared),
    (VetoKind.BIRTH_DATE, _birth_date),
    (VetoKind.SEX, _sex),
    (VetoKind.NAME, _name),
    (VetoKind.QUARANTINED, _quarantined),
    (VetoKind.CHIMERA, _chimera),
    (VetoKind.NAMESAKE, _namesake),
    (VetoKind.CANCELLED, _cancelled),
    (VetoKind.TAKEN, _taken),
    (VetoKind.MODALITY, _modality),
    (VetoKind.SIDE, _side),
    (VetoKind.TIME, _time),
    (VetoKind.ACCESSION, _accession),
    (VetoKind.TRUNCATED, _truncated),
)
