"""What forbids linking by itself, whatever the score (each in words, for the person who decides instead)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property

from radrecon.model.names import PersonName
from radrecon.model.order import Order
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.compare import SAME, Level, compare_birth_dates, compare_id_sets, compare_names
from radrecon.recon.evidence import DEAD as DEAD
from radrecon.recon.evidence import Evidence, accession_level, is_dead
from radrecon.recon.identity import resolve, survivor_of
from radrecon.recon.lookalikes import hidden, mixed
from radrecon.recon.normalise import accession_key, fold, id_key, name_key
from radrecon.recon.overlay import is_alias, is_newborn
from radrecon.recon.procedure import compare_modalities
from radrecon.recon.times import nearest_gap

LONGEST_GAP = timedelta(days=7)
CLOSE = timedelta(hours=2)
IN_A_ROW = 50  # numbers that a busy RIS deals out while one patient's orders are placed
SAME_VISIT = timedelta(hours=36)
ALIKE = SAME | {Level.NICKNAME, Level.LOOKALIKE, Level.NEAR, Level.SWAPPED}
TWINS = frozenset((Level.SOUND, Level.PART, Level.FAMILY))
OTHERS = frozenset((Level.DIFFERENT, Level.FAMILY, Level.GENERATION))
NAMES_WITH_BOTH = SAME | {Level.NICKNAME, Level.NEAR}


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
    LOOKALIKE = "lookalike"
    REGION = "body_part"
    ALIAS = "alias"
    IDENTIFIER = "identifier"
    PERSON = "person"
    ORDER = "order"
    RIVAL = "rival"


# These say that one record of the right patient is out of date or mistyped, not that the order is another one.
IDENTITY_DETAILS = frozenset((VetoKind.NAME, VetoKind.BIRTH_DATE, VetoKind.SEX, VetoKind.LOOKALIKE))


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
    persons_truncated: bool = False  # more namesakes or persons of one birth date than were looked at
    rivals: tuple[Study, ...] = ()  # other studies of this patient that carry no accession number either

    def person_of(self, order: Order) -> int:
        return survivor_of(order.person_id, self.persons)

    def is_taken(self, order: Order) -> bool:
        """By another study."""
        return self.taken.get(order.id, self.study.id) != self.study.id

    @cached_property
    def present_person(self) -> int:
        """Whom the images' present id leads to, after merges; 0 if to nobody known."""
        study = self.study
        if study.person_id:
            return survivor_of(study.person_id, self.persons)
        return resolve(study.facts.patient.patient_id, self.persons, self.watch.patient_id_issuer)

    @cached_property
    def number_holders(self) -> frozenset[int]:
        """Persons whose number reads as the images' does: of an issuer that they do not name, or but for zeros."""
        found, issuer = self.study.facts.patient.patient_id, self.watch.patient_id_issuer
        key = id_key(found.value)
        reading = {
            person.id: [
                each for each in (person.demographics.patient_id, *person.identifiers) if id_key(each.value) == key
            ]
            for person in self.persons.values()
            if key
        }
        holders = (
            number for number, known in reading.items() if known and compare_id_sets(found, known, issuer) in SAME
        )
        return frozenset(survivor_of(number, self.persons) for number in holders)

    @cached_property
    def namesakes(self) -> dict[int, bool]:
        """Persons who have one, as far as they were looked at."""
        return {}

    @cached_property
    def _by_number(self) -> dict[str, list[Order]]:
        found: dict[str, list[Order]] = defaultdict(list)
        for order in self.orders:
            found[accession_key(order.accession_number)].append(order)
        return found

    def numbered(self, accession: str) -> Sequence[Order]:
        """The orders of one accession number, however it is written."""
        key = accession_key(accession)
        return self._by_number.get(key, ()) if key else ()

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
    elif evidence.identity.patient_id in (Level.DIFFERENT, Level.OTHER_ISSUER):
        yield "the patient id differs"


def _name(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """A short form or one slip, where both identifiers agree; else to the letter. A new family name is for a person."""
    level = evidence.identity.name
    both = evidence.order_key and evidence.identity.patient_id in SAME
    if level is Level.MISSING:
        yield "a name is missing"
    elif level is not Level.LOOKALIKE and level not in (NAMES_WITH_BOTH if both else SAME):
        yield f"the name differs ({level})"


def _lookalike(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """Text that only looks like the other's was typed over, or was made to look so."""
    found = around.study.facts.patient
    if Level.LOOKALIKE in (evidence.identity.name, evidence.identity.patient_id, evidence.accession):
        yield "letters of another script that only look alike"
    elif evidence.identity.name is not Level.EQUAL and mixed(found.name):
        yield "letters of several scripts in one word of the name"
    elif hidden(found.patient_id.value) or hidden(around.study.facts.accession_number):
        yield "a number holds characters that nobody sees"


def _birth_date(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    level = evidence.identity.birth_date
    if level is Level.MISSING:
        yield "a birth date is missing"
    elif level is not Level.EQUAL:
        yield f"the birth date differs ({level})"


def _sex(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if evidence.identity.sex is Level.DIFFERENT:
        yield "the sex differs"


def _identifier(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """Name and birth date alone are shared by too many (1 in 200 such pairs are two people)."""
    if evidence.order_key:
        return
    if evidence.identity.patient_id not in SAME:
        yield "neither accession number, Study Instance UID nor patient id agrees"
    elif not around.study.person_id:
        yield "the patient id alone does not lead to one person of the index"


def _accession(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """Another number is another order's until somebody has looked. A plain slip in this one's is not."""
    apart = evidence.accession in (Level.NEAR, Level.DIFFERENT, Level.OTHER_ISSUER)
    if apart and not _mistyped(evidence, around):
        yield "the images carry another accession number"


def _mistyped(evidence: Evidence, around: Surroundings) -> bool:
    """One slip in a number that nobody has, with patient, examination and time all agreeing.

    Numbers are dealt out in a row: one a few further on may be an order's that was never heard.
    """
    mine, found = evidence.order.accession_number, around.study.facts.accession_number
    fits = evidence.modality in SAME and evidence.region is Level.EQUAL and evidence.gap is not None
    return (
        evidence.accession is Level.NEAR
        and evidence.identity.patient_id in SAME
        and evidence.identity.name_and_birth
        and fits
        and abs(evidence.gap or LONGEST_GAP) <= CLOSE
        and not around.numbered(found)
        and not _in_a_row(id_key(mine), id_key(found))
    )


def _in_a_row(one: str, other: str) -> bool:
    tails = [re.findall(r"\d+$", number) for number in (one, other)]
    if len(one) != len(other) or not all(tails):
        return False
    return abs(int(tails[0][0][-9:]) - int(tails[1][0][-9:])) <= IN_A_ROW


def _modality(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if evidence.modality is Level.DIFFERENT:
        yield "another modality was ordered"


def _region(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if evidence.region is Level.DIFFERENT:
        yield "another body part was ordered"


def _side(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if evidence.side is Level.DIFFERENT:
        yield "the other side was ordered"


def _cancelled(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if is_dead(evidence.order):
        yield f"the order is {evidence.order.status.lower()}"


def _taken(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if around.is_taken(evidence.order):
        yield "the order already has images"


def _quarantined(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    people = (around.persons.get(around.person_of(evidence.order)), around.persons.get(around.present_person))
    if any(person and person.quarantined for person in people):
        yield "the patient's identity is under suspicion (overlay)"


def _alias(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """TRAUMA, ALPHA is given again to the next one: it is a person only within one visit."""
    if not (is_alias(around.study.facts.patient) or is_alias(evidence.order.patient)):
        return
    both = evidence.order_key and evidence.identity.patient_id in SAME
    if not both or evidence.gap is None or abs(evidence.gap) > SAME_VISIT:
        yield "a temporary name: whoever has it now may be another visit's"


def _chimera(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """The order was heard with one person's number and another's name and birth date: whose it is nobody knows."""
    if "identity_conflict" in evidence.order.flags:
        yield "the order names another patient than the one known under its number"


def _renamed(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """The order was heard for somebody else than its record now says: merged or overwritten by mistake, perhaps.

    A new family name is a marriage, a slip in a birth date is mended; a temporary or a newborn's name was given away.
    """
    named, found, identity = evidence.order.patient, around.study.facts.patient, evidence.identity
    agrees = identity.birth_date is Level.EQUAL and identity.name not in OTHERS
    if not agrees or is_alias(named) or is_newborn(named):
        return  # the record contradicts the images as well, or the name was meant to be replaced
    born = compare_birth_dates(named.birth_date, found.birth_date)
    if born is Level.DIFFERENT or compare_names(named.name, found.name) in OTHERS:
        yield "the order was placed for another patient than the images name"


def _time(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if evidence.gap is not None and abs(evidence.gap) > LONGEST_GAP:
        yield "more than seven days from the scheduled time"


def _truncated(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    if around.truncated:
        yield "too many orders share a key: the list was cut off"


def _namesake(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """Another person with this name, or a twin. Images that agree in every identifier, letter by letter, are clear."""
    if _agrees_throughout(evidence):
        return
    own = around.person_of(evidence.order)
    if _has_namesake(own, evidence.order, around):
        yield "another person has this name, or this family name and birth date"
    elif any(_could_be(around.persons[other], evidence, around) for other in around.number_holders - {own}):
        yield "the patient id is used by more than one person"
    elif around.persons_truncated:
        yield "too many persons share the birth date: not all were looked at"


def _could_be(person: Person, evidence: Evidence, around: Surroundings) -> bool:
    """Two sites deal out the same numbers; images that name an order are not of whom name and birth date contradict.

    Without the order's number the patient's is all that agrees, and it names two people.
    """
    if not evidence.order_key:
        return True
    mine, found = person.demographics, around.study.facts.patient
    apart = compare_birth_dates(mine.birth_date, found.birth_date) is Level.DIFFERENT
    return not (apart and compare_names(mine.name, found.name) in OTHERS | {Level.GIVEN})


def _others(own: int, around: Surroundings) -> Iterator[Person]:
    return (person for person in around.persons.values() if survivor_of(person.id, around.persons) != own)


def _has_namesake(own: int, order: Order, around: Surroundings) -> bool:
    if own not in around.namesakes or not own:
        around.namesakes[own] = any(_namesakes(person, order, around) for person in _others(own, around))
    return around.namesakes[own]


def _agrees_throughout(evidence: Evidence) -> bool:
    identity = evidence.identity
    ids = evidence.accession is Level.EQUAL and identity.patient_id is Level.EQUAL
    return ids and identity.name_and_birth and evidence.uid is not Level.DIFFERENT


def _namesakes(person: Person, order: Order, around: Surroundings) -> bool:
    """Whom images of this patient may show instead: alike in name and birth date, a twin, a father or son.

    Another birth date tells plain namesakes apart, for the images' has to be the patient's own to the day.
    """
    own = around.persons.get(around.person_of(order))
    mine, theirs = (own.demographics if own else order.patient), person.demographics
    born = compare_birth_dates(mine.birth_date, theirs.birth_date)
    if born is Level.DIFFERENT and not (_has_generation(mine.name) and _has_generation(theirs.name)):
        return False
    name = compare_names(mine.name, theirs.name)
    if born is Level.DIFFERENT or name is Level.GENERATION:
        return name is Level.GENERATION
    return name in (ALIKE | TWINS if born is Level.EQUAL else ALIKE)


def _has_generation(name: PersonName) -> bool:
    return bool(name_key(name.alphabetic).generation)


def _shared(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    own, order = around.person_of(evidence.order), evidence.order
    rivals = [other for other in around.numbered(order.accession_number) if _same_accession(order, other)]
    if any(around.person_of(other) != own or not own for other in rivals):
        yield "several patients' orders carry this accession number"


def _same_accession(one: Order, other: Order) -> bool:
    mine, theirs = fold(one.issuer_of_accession), fold(other.issuer_of_accession)
    return one.id != other.id and (not mine or not theirs or mine == theirs)


def _foreign(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """The number that the images carry is another patient's order, whichever of the two is wrong.

    Two RIS may have dealt it out; then both identifiers of the images have to name the same patient.
    """
    own, facts = around.person_of(evidence.order), around.study.facts
    both = evidence.accession in SAME and evidence.identity.patient_id in SAME and evidence.identity.name_and_birth
    numbers = () if both else (facts.accession_number, *(item.accession_number for item in facts.requests))
    named = [other for number in numbers for other in around.numbered(number)]
    if any(around.person_of(other) != own and accession_level(facts, other) in SAME for other in named):
        yield "the accession number is that of another patient's order"


def _foreign_uid(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """A Study Instance UID is dealt out once: a modality has it from the worklist entry that was picked."""
    own, uid = around.person_of(evidence.order), around.study.facts.study_instance_uid
    named = [other for other in around.orders if uid and other.study_instance_uid == uid]
    if any(around.person_of(other) != own or not own for other in named if other.id != evidence.order.id):
        yield "the Study Instance UID is that of another patient's order"


def _rival(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """Two studies without a number, one order: which of them is it?"""
    if not evidence.order_key and any(_rivals(other.facts, evidence, around) for other in around.rivals):
        yield "another study of this patient without accession number fits as well"


def _rivals(facts: StudyFacts, evidence: Evidence, around: Surroundings) -> bool:
    if facts.study_instance_uid == around.study.facts.study_instance_uid or accession_key(facts.accession_number):
        return False
    gap = nearest_gap(facts.performed, (step.start for step in evidence.order.steps))
    near = gap is None or abs(gap) <= LONGEST_GAP
    return near and compare_modalities(facts, evidence.order) is not Level.DIFFERENT


def _unplaced(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """Images without a number lead to one of a patient's orders by what was done, when and where."""
    if evidence.order_key:
        return
    if evidence.modality not in SAME or evidence.gap is None:
        yield "the images do not say enough of what was done, and when"


RULES: tuple[tuple[VetoKind, Callable[[Evidence, Surroundings], Iterator[str]]], ...] = (
    (VetoKind.WRONG_ENTRY, _wrong_entry),
    (VetoKind.ID, _id_conflict),
    (VetoKind.SHARED, _shared),
    (VetoKind.SHARED, _foreign),
    (VetoKind.SHARED, _foreign_uid),
    (VetoKind.BIRTH_DATE, _birth_date),
    (VetoKind.SEX, _sex),
    (VetoKind.NAME, _name),
    (VetoKind.LOOKALIKE, _lookalike),
    (VetoKind.QUARANTINED, _quarantined),
    (VetoKind.CHIMERA, _chimera),
    (VetoKind.CHIMERA, _renamed),
    (VetoKind.ALIAS, _alias),
    (VetoKind.NAMESAKE, _namesake),
    (VetoKind.CANCELLED, _cancelled),
    (VetoKind.TAKEN, _taken),
    (VetoKind.MODALITY, _modality),
    (VetoKind.REGION, _region),
    (VetoKind.SIDE, _side),
    (VetoKind.TIME, _time),
    (VetoKind.ACCESSION, _accession),
    (VetoKind.IDENTIFIER, _identifier),
    (VetoKind.ORDER, _unplaced),
    (VetoKind.RIVAL, _rival),
    (VetoKind.TRUNCATED, _truncated),
)

# two facts that cannot both be true of this order: no number can say how likely that is
HARD = frozenset(
    (
        VetoKind.WRONG_ENTRY,
        VetoKind.ID,
        VetoKind.SHARED,
        VetoKind.SEX,
        VetoKind.QUARANTINED,
        VetoKind.CHIMERA,
        VetoKind.CANCELLED,
        VetoKind.TAKEN,
        VetoKind.MODALITY,
        VetoKind.SIDE,
        VetoKind.LOOKALIKE,
    )
)


def conflict_of(found: Sequence[Veto]) -> str:
    """The gravest hard conflict in words, which is shown in a probability's place; "" where there is none."""
    return next((veto.text for veto in found if veto.kind in HARD), "")
