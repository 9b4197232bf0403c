"""Who can be taken for whom: pairs of people made to be confused, with their records.

Each maker returns people whose records the index holds, or would hold: twins, senior and junior, namesakes, the same
number at both sites, newborns, aliases, people unknown, records that were overwritten or merged wrongly, orders that
name two people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from benchmarks import _world_slips as slips
from benchmarks._world import World, name_of
from benchmarks._world_names import western
from benchmarks._world_register import NORTH, SOUTH, Human
from radrecon.model.altering import altered
from radrecon.model.names import NameGroup, PersonName
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person


@dataclass
class Role:
    """One human of a pair. `block`: as messages name them, where that is not as the index has the record."""

    human: Human
    person: Person | None
    block: Demographics | None = None
    flags: tuple[str, ...] = ()


Pair = Sequence[Role]


def admitted(world: World, *humans: Human) -> Pair:
    """Each with a record of their own, mostly at one site."""
    site = world.register.site()
    return [Role(one, world.register.admit(one, site if world.rng.random() < 0.8 else "")) for one in humans]


def strangers(world: World) -> Pair:
    return admitted(world, world.register.stranger(), world.register.stranger())


def twins(world: World) -> Pair:
    one = world.register.stranger()
    return admitted(world, one, world.register.twin(one))


def alike_twins(world: World) -> Pair:
    """Given names that are one slip apart, the same sex."""
    one = world.register.stranger()
    given = slips.slip(world.rng, one.name.given).capitalize()
    other = world.register.related(one, "twin", western(one.name.family, given), one.birth, one.sex)
    return admitted(world, one, other)


def generations(world: World) -> Pair:
    one = world.register.stranger()
    return admitted(world, one, world.register.son(one))


def namesakes(world: World) -> Pair:
    one = world.register.stranger()
    return admitted(world, one, world.register.namesake(one))


def near_namesakes(world: World) -> Pair:
    """The same name, and birth dates that one slip keeps apart."""
    one = world.register.stranger()
    birth = slips.birth_slip(world.rng, one.birth)
    while len(birth) < len(one.birth) or birth < "1902":
        birth = slips.birth_slip(world.rng, one.birth)
    return admitted(world, one, world.register.related(one, "namesake", one.name, birth, one.sex))


def doubles(world: World) -> Pair:
    """The same name, birth date and sex: one in two hundred such pairs are two people."""
    one = world.register.stranger()
    return admitted(world, one, world.register.namesake(one, same_day=True))


def doubles_otherwise(world: World) -> Pair:
    """The same name and birth date; one record has a middle name, capitals, another sex or none."""
    one = world.register.stranger()
    other = world.register.namesake(one, same_day=True)
    other.name = name_of(slips.rewritten(world.rng, str(one.name)))
    other.sex = world.rng.choice((one.sex, "", "O", "FM"[one.sex == "F"]))
    return admitted(world, one, other)


def swapped_names(world: World) -> Pair:
    """Thomas James and James Thomas, born on one day or nearly."""
    one = world.register.stranger()
    group = one.name.alphabetic
    birth = one.birth if world.rng.random() < 0.5 else world.register.birth()
    return admitted(
        world, one, world.register.related(one, "swapped", western(group.given, group.family), birth, one.sex)
    )


def half_names(world: World) -> Pair:
    """García and García López, Meyer and Meyer-Müller, born on one day."""
    one = world.register.stranger()
    more = world.register.names.families.draw(world.rng)
    family = f"{one.name.family}{world.rng.choice((' ', '-'))}{more}"
    other = world.register.related(one, "half", western(family, one.name.given), one.birth, one.sex)
    return admitted(world, one, other)


def other_script(world: World) -> Pair:
    """The same letters and sound, other characters."""
    one = world.register.human(japanese("伊藤", "健二"), world.register.birth(), "M")
    birth = one.birth if world.rng.random() < 0.6 else world.register.birth()
    return admitted(world, one, world.register.related(one, "script", japanese("伊東", "賢治"), birth, "M"))


def japanese(family: str, given: str) -> PersonName:
    return PersonName(NameGroup("Ito", "Kenji"), NameGroup(family, given), NameGroup("いとう", "けんじ"))


def newborns(world: World) -> Pair:
    """Not named yet; sometimes mother and child."""
    register, rng = world.register, world.rng
    mother = register.stranger()
    family, day = mother.name.family, (date(2026, 2, 20) + timedelta(days=rng.randrange(30))).isoformat()
    words = rng.choice((("Baby A", "Baby B"), ("Baby Girl", "Baby Girl"), ("BG1", "BG2"), ("Baby", "Baby")))
    children = [register.human(western(family, word), day, "F") for word in words]
    return admitted(world, *(children if rng.random() < 0.7 else (mother, children[0])))


def same_number(world: World) -> Pair:
    """Both sites have dealt this number, to strangers or to namesakes."""
    register = world.register
    one = register.stranger()
    other = register.stranger() if world.rng.random() < 0.5 else register.namesake(one)
    number = register.number(NORTH).value
    while PatientId(number, SOUTH) in register.dealt:
        number = register.number(NORTH).value
    return [
        Role(one, register.record(one, PatientId(number, NORTH))),
        Role(other, register.record(other, PatientId(number, SOUTH))),
    ]


def near_number(world: World) -> Pair:
    """Numbers that one slip keeps apart, one issuer; strangers or twins."""
    register = world.register
    one = register.stranger()
    other = register.stranger() if world.rng.random() < 0.5 else register.twin(one)
    first = register.admit(one)
    own = first.demographics.patient_id
    near = own
    while near in register.dealt:
        near = PatientId(slips.number_slip(world.rng, own.value), own.issuer)
    return [Role(one, first), Role(other, register.record(other, near))]


def alias(world: World) -> Pair:
    """One trauma record for two who came on different days, both named by the alias only."""
    register, rng = world.register, world.rng
    block_name = name_of(rng.choice(("TRAUMA^ALPHA", "UNKNOWN^MALE", "DOE^JOHN", "TRAUMA^BRAVO")))
    one, other = (register.human(block_name, "1900-01-01", "M") for _ in range(2))
    record = register.record(one, PatientId(f"T{len(register.persons):05}", register.site()))
    other.records.append(record.id)
    return [Role(one, record), Role(other, record)]


NOBODIES = (
    "TRAUMA^ALPHA",
    "UNKNOWN^MALE",
    "UNBEKANNT^MANN",
    "INCONNU^X",
    "DESCONOCIDO",
    "NN^NN",
    "X^X",
    "=不明^",
    "DOE^JOHN",
)
NO_DATES = ("1900-01-01", "1901-01-01", "1899-12-30", "")


def nobodies(world: World) -> Pair:
    """Two who could not say who they were: the same words, no date, numbers in a row."""
    register, rng = world.register, world.rng
    name, birth, sex = name_of(rng.choice(NOBODIES)), rng.choice(NO_DATES), rng.choice("MFO")
    first, site = len(register.persons), register.site()
    both = [register.human(name, birth, sex) for _ in range(2)]
    return [Role(one, register.record(one, PatientId(f"T{first + at:05}", site))) for at, one in enumerate(both)]


def undated(world: World) -> Pair:
    """Namesakes of whom the desk knew no birth date."""
    one = world.register.stranger()
    one.birth = world.rng.choice(NO_DATES[:3])
    return admitted(world, one, world.register.related(one, "namesake", one.name, one.birth, one.sex))


def overwritten(world: World) -> Pair:
    """A new person typed over an old record (or its number dealt out again): orders of both are under it."""
    register, rng = world.register, world.rng
    one = register.stranger()
    other = register.stranger() if rng.random() < 0.6 else register.twin(one)
    record = register.admit(one)
    before = altered(record.demographics, other_ids=())
    after = altered(record.demographics, name=other.name, birth_date=other.birth, sex=other.sex)
    noticed = rng.random() < 0.5
    record = altered(record, demographics=after, quarantined=noticed, before_overlay=before if noticed else None)
    register.persons[record.id] = record
    other.records.append(record.id)
    return [Role(one, record, before), Role(other, record, altered(after, other_ids=()))]


def merged_wrongly(world: World) -> Pair:
    """Two people's records were merged: numbers and orders of both lead to one of them."""
    first, second = (twins, strangers, namesakes)[world.rng.randrange(3)](world)
    assert first.person
    assert second.person
    block = altered(second.person.demographics, other_ids=())
    survivor = world.register.merge(second.person, first.person)
    return [Role(first.human, survivor), Role(second.human, survivor, block)]


def merged_rightly(world: World) -> Pair:
    """Somebody with two numbers, one retired, and a namesake."""
    one = world.register.stranger()
    other = world.register.namesake(one, same_day=world.rng.random() < 0.3)
    loser, survivor = world.register.admit(one), world.register.admit(one)
    return [Role(one, world.register.merge(loser, survivor)), Role(other, world.register.admit(other))]


def duplicated(world: World) -> Pair:
    """Somebody who has two records, and their twin."""
    one = world.register.stranger()
    other = world.register.twin(one)
    world.register.admit(one)
    return admitted(world, one, other)


def chimera(world: World) -> Pair:
    """The second's order was placed under the first's number (the wrong line of a list): it names two people."""
    first, second = (twins, strangers, namesakes, generations)[world.rng.randrange(4)](world)
    assert first.person
    known, human = first.person.demographics, second.human
    block = Demographics(known.patient_id, human.name, human.birth, human.sex)
    changed = (
        human.name.family.casefold() != known.name.family.casefold(),
        human.birth != known.birth_date,
        human.sex != known.sex,
    )
    return [first, Role(human, first.person, block, ("identity_conflict",) if sum(changed) > 1 else ())]


PAIRS: tuple[tuple[str, float, Callable[[World], Pair]], ...] = (
    ("strangers", 10, strangers),
    ("twins", 10, twins),
    ("alike_twins", 8, alike_twins),
    ("generations", 9, generations),
    ("namesakes", 9, namesakes),
    ("near_namesakes", 6, near_namesakes),
    ("doubles", 6, doubles),
    ("doubles_otherwise", 5, doubles_otherwise),
    ("swapped_names", 3, swapped_names),
    ("half_names", 4, half_names),
    ("other_script", 2, other_script),
    ("newborns", 4, newborns),
    ("same_number", 6, same_number),
    ("near_number", 5, near_number),
    ("alias", 3, alias),
    ("nobodies", 4, nobodies),
    ("undated", 3, undated),
    ("overwritten", 4, overwritten),
    ("merged_wrongly", 3, merged_wrongly),
    ("merged_rightly", 3, merged_rightly),
    ("duplicated", 3, duplicated),
    ("chimera", 5, chimera),
)
