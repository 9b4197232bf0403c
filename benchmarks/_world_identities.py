"""Errors of the identity: numbers and names that changed, aliases, and two who could be taken for each other.

The images are of whom their order is; what the header says of the patient is out of date, or nearly another's.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks import _world_slips as slips
from benchmarks._world import World, name_of
from benchmarks._world_errors import Make, anybody, by_hand, done, linkable, no_accession, ordered
from benchmarks._world_register import LEGACY, renamed
from radrecon.model.altering import altered
from radrecon.model.order import StepStatus
from radrecon.model.patient import PatientId
from radrecon.model.person import Person

# -- identities that changed -------------------------------------------------------------------------------------------


def legacy(mapped: bool) -> Make:
    """The scanner still sends the old system's number of ten digits."""

    def make(world: World, kind: str) -> None:
        human, order, exam = ordered(world)
        person = world.register.persons[order.person_id]
        known = [one.value for one in person.identifiers if one.issuer == LEGACY]
        number = known[0] if known and mapped else f"007{world.register.number(LEGACY).value}"
        if mapped and not known:
            also = PatientId(number, LEGACY)
            block = altered(person.demographics, other_ids=(*person.demographics.other_ids, also))
            world.register.persons[person.id] = altered(
                person, identifiers=(*person.identifiers, also), demographics=block
            )
        header = world.header(order, exam)
        header.patient_id, header.issuer = number, ""
        world.perform(header, [exam], linkable(human, order, kind))

    return make


def merged(world: World, kind: str) -> None:
    """The images carry the number that a merge retired; the order was placed before or after it."""
    human, survivor = anybody(world)
    loser = world.register.admit(human)
    before = world.rng.random() < 0.6
    block = altered(loser.demographics, other_ids=()) if before else None
    exam = world.radiology.exam()
    survivor = world.register.merge(loser, survivor)
    order = world.radiology.order(human, survivor, exam, patient=block, status=done(world))
    header = world.header(order, exam)
    number = loser.demographics.patient_id
    header.patient_id, header.issuer = number.value, world.stated(number, exam)
    world.perform(header, [exam], linkable(human, order, kind))


def name_change(world: World, kind: str) -> None:
    """The images carry the maiden name; the order does where it was placed before."""
    human = world.register.stranger()
    person = world.register.admit(human)
    old = altered(person.demographics, other_ids=())
    before = world.rng.random() < 0.6
    exam = world.radiology.exam()
    changed = world.register.change(person, name=renamed(world.register, human))
    order = world.radiology.order(human, changed, exam, patient=old if before else None, status=done(world))
    header = world.header(order, exam)
    header.name = str(old.name)
    world.perform(header, [exam], linkable(human, order, kind))


def trauma(world: World, kind: str) -> None:
    """An alias: settled by a merge, not yet settled, or used again for the next who comes unconscious."""
    register, at = world.register, world.rng.random()
    human, exam = register.stranger(), world.radiology.exam(start=world.radiology.when("CT"))
    sex = world.rng.choice((human.sex, "O", ""))
    word = world.rng.choice(("ALPHA", "BRAVO", "CHARLIE", "DELTA", "ECHO", "UNKNOWN"))
    alias = register.human(name_of(f"TRAUMA^{word}"), world.rng.choice(("1900-01-01", "1901-01-01")), sex)
    record = register.record(alias, PatientId(f"T{len(register.persons):05}", world.register.site()))
    block = record.demographics
    if at < 0.4:
        person = register.merge(record, register.admit(human))
        order = world.radiology.order(human, person, exam, patient=block, status=done(world))
    else:
        order = world.radiology.order(human, record, exam, status=done(world))
    header = world.header(order, exam)
    header.patient_id, header.name = block.patient_id.value, str(block.name)
    header.birth, header.sex = block.birth_date, block.sex
    world.perform(header, [exam], linkable(human, order, kind))
    if at > 0.7:
        _again(world, record, kind)


def _again(world: World, record: Person, kind: str) -> None:
    """The same alias for somebody else, another day; the second's images are typed by hand."""
    human, exam = world.register.stranger(), world.radiology.exam()
    order = world.radiology.order(human, record, exam, status=done(world))
    header = world.header(order, exam)
    no_accession(world, header)
    world.perform(header, [exam], linkable(human, order, kind))


# -- traps -------------------------------------------------------------------------------------------------------------


def trap(how: str) -> Make:
    """Two who could be taken for each other, both expected at the same place within the hour; one is typed by hand."""

    def make(world: World, kind: str) -> None:
        register, rng = world.register, world.rng
        one = register.stranger()
        other = {"twin": register.twin, "generation": register.son, "namesake": register.namesake}[how](one)
        exam = world.radiology.exam()
        site = register.site()
        mine = world.radiology.order(one, register.admit(one, site), exam, status=done(world))
        theirs = replace(exam, start=exam.start + rng.choice((10, 20, 30)))
        world.radiology.order(other, register.admit(other, site), theirs, status=StepStatus.SCHEDULED)
        header = world.header(mine, exam)
        by_hand(world, header)
        at = rng.random()
        if at < 0.3:
            header.patient_id = ""
        elif at < 0.5:
            header.birth = ""
        elif at < 0.7:
            header.name = slips.name_slip(rng, header.name)
        world.perform(header, [exam], linkable(one, mine, kind))

    return make
