"""Vetoes about whoever else the images could show: namesakes, twins, father and son, holders of the same number."""

from __future__ import annotations

from collections.abc import Iterator

from radrecon.model.names import PersonName
from radrecon.model.order import Order
from radrecon.model.person import Person
from radrecon.recon.compare import SAME, Level, compare_birth_dates, compare_names
from radrecon.recon.evidence import Evidence
from radrecon.recon.identity import survivor_of
from radrecon.recon.normalise import id_key, name_key
from radrecon.recon.surroundings import Surroundings

ALIKE = SAME | {Level.NICKNAME, Level.LOOKALIKE, Level.NEAR, Level.SWAPPED}
SAME_DAY = SAME | {Level.NEAR, Level.SWAPPED}
TWINS = frozenset((Level.SOUND, Level.PART, Level.FAMILY))
OTHERS = frozenset((Level.DIFFERENT, Level.FAMILY, Level.GIVEN, Level.GENERATION))


def namesake(evidence: Evidence, around: Surroundings) -> Iterator[str]:
    """Another person with this name, or a twin. Images that agree in every identifier are clear.

    Not where their accession number was dealt out to somebody else as well: then it tells nobody apart. Nor where
    they are written as somebody else of the birth date is, and not quite as the order's patient.
    """
    own = around.person_of(evidence.order)
    dealt_to = {around.person_of(one) for one in around.numbered(evidence.order.accession_number)}
    if _agrees_throughout(evidence, own, around) and dealt_to <= {own}:
        yield from _nearer(evidence, own, around)
    elif _has_namesake(own, evidence.order, around):
        yield "another person has this name, or this family name and birth date"
    elif any(_could_be(around.persons[other], evidence, around) for other in around.number_holders - {own}):
        yield "the patient id is used by more than one person"
    elif any(_same_number(person, around) for person in _others(own, around)):
        yield "another site's patient with the same number has this name or birth date"
    elif around.persons_truncated:
        yield "too many persons share the birth date: not all were looked at"


def _nearer(evidence: Evidence, own: int, around: Surroundings) -> Iterator[str]:
    """Müller's order and Muller's images, both born that day: the numbers may be those of a wrong worklist entry."""
    if evidence.identity.name is not Level.EQUAL and any(_written_so(each, around) for each in _others(own, around)):
        yield "another person of this birth date has the name as the images write it"


def _could_be(person: Person, evidence: Evidence, around: Surroundings) -> bool:
    """Two sites deal out the same numbers; images that name an order are not of whom name and birth date contradict.

    Without the order's number the patient's is all that agrees, and it names two people.
    """
    if not evidence.order_key:
        return True
    mine, found = person.demographics, around.study.facts.patient
    apart = compare_birth_dates(mine.birth_date, found.birth_date) is Level.DIFFERENT
    return not (apart and compare_names(mine.name, found.name) in OTHERS)


def _same_number(person: Person, around: Surroundings) -> bool:
    """Alike in name or birth date too, whoever dealt the number out: the images' issuer may be a guess, or wrong."""
    found, theirs = around.study.facts.patient, person.demographics
    key = id_key(found.patient_id.value)
    if not any(id_key(each.value) == key for each in (theirs.patient_id, *person.identifiers)):
        return False
    born = compare_birth_dates(theirs.birth_date, found.birth_date)
    return born in SAME_DAY or compare_names(theirs.name, found.name) in ALIKE


def _written_so(person: Person, around: Surroundings) -> bool:
    found, theirs = around.study.facts.patient, person.demographics
    born = compare_birth_dates(theirs.birth_date, found.birth_date)
    return born is Level.EQUAL and compare_names(theirs.name, found.name) is Level.EQUAL


def _others(own: int, around: Surroundings) -> Iterator[Person]:
    return (person for person in around.persons.values() if survivor_of(person.id, around.persons) != own)


def _has_namesake(own: int, order: Order, around: Surroundings) -> bool:
    if own not in around.namesakes or not own:
        around.namesakes[own] = any(_namesakes(person, order, around) for person in _others(own, around))
    return around.namesakes[own]


def _agrees_throughout(evidence: Evidence, own: int, around: Surroundings) -> bool:
    """A number that is written otherwise (zeros, hyphens) is as good where nobody else's can be read from it."""
    identity = evidence.identity
    theirs = identity.patient_id is Level.EQUAL or (identity.patient_id in SAME and around.number_holders <= {own})
    ids = evidence.accession in SAME and theirs
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
