"""Who lives in a world: people, and the records that two sites' registrations keep of them.

A *human* is whoever lies on the table; a `Person` is one record of the index. 8 % of the records are further ones of
somebody who has one, 1.6 % of the people are twins; fathers and sons share a name, strangers share a name, and now and
then the day of birth too. Both sites deal their numbers from the same range, so that a number alone names nobody.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from benchmarks._world_names import Names, western
from radrecon.model.altering import altered
from radrecon.model.names import NameGroup, PersonName
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person

NORTH, SOUTH, LEGACY = "NORTH", "SOUTH", "OLDRIS"
DUPLICATES, TWINS, GENERATIONS, NAMESAKES, DOUBLES = 0.08, 0.016, 0.006, 0.004, 0.0005
UPDATED = datetime(2026, 2, 20, tzinfo=UTC)
EPOCH = date(1930, 1, 1)
FIRST_NUMBER = 1_000_000


@dataclass
class Human:
    """`records`: ids of the index's persons who are this human; `kin`: who could be taken for them."""

    id: int
    name: PersonName
    birth: str
    sex: str
    records: list[int] = field(default_factory=list)
    kin: list[tuple[str, int]] = field(default_factory=list)
    legacy: str = ""


class Register:
    """The index of one world as it grows."""

    def __init__(self, rng: random.Random, names: Names) -> None:
        self.rng, self.names = rng, names
        self.humans: list[Human] = []
        self.regulars = 0  # so many of them come again and again
        self.persons: dict[int, Person] = {}
        self.last_person = 0
        self.dealt: set[PatientId] = set()
        self.last = {NORTH: FIRST_NUMBER, SOUTH: FIRST_NUMBER, LEGACY: 3_000_000}

    # -- people ------------------------------------------------------------------------------------------------------

    def human(self, name: PersonName, birth: str, sex: str) -> Human:
        one = Human(len(self.humans) + 1, name, birth, sex)
        self.humans.append(one)
        return one

    def stranger(self) -> Human:
        sex = "F" if self.rng.random() < 0.53 else "M"
        return self.human(self.names.draw(self.rng, sex), self.birth(), sex)

    def birth(self) -> str:
        """Mostly the old: patients are older than people are."""
        days = int(85 * 365 * (1 - self.rng.random() ** 1.6)) + 3600
        return (EPOCH + timedelta(days=34_900 - days)).isoformat()

    def of(self, human_id: int) -> Human:
        return self.humans[human_id - 1]

    def twin(self, one: Human) -> Human:
        """The same family name and day; given names often begin alike, and the numbers are neighbours."""
        sex = one.sex if self.rng.random() < 0.65 else "FM"[one.sex == "F"]
        given = self.alike(one.name.given, sex) if self.rng.random() < 0.3 else self.names.first(self.rng, sex)
        while given == one.name.given:
            given = self.names.first(self.rng, sex)
        return self.related(one, "twin", western(one.name.family, given), one.birth, sex)

    def alike(self, given: str, sex: str) -> str:
        """A given name with the same beginning, else any."""
        pool = [name for name in self.names.given[sex].names[:140] if name[:2] == given[:2] and name != given]
        return self.rng.choice(pool) if pool else self.names.first(self.rng, sex)

    def son(self, one: Human) -> Human:
        """The same name, a generation apart; the suffix is known of some."""
        year = min(int(one.birth[:4]) + self.rng.randint(18, 38), 2024)
        group = one.name.alphabetic
        stated = self.rng.random()
        if stated < 0.35:
            one.name = altered(one.name, alphabetic=altered(group, suffix="Sr"))
        suffix = self.rng.choice(("Jr", "Jr.", "II", "III")) if stated < 0.7 else ""
        return self.related(one, "generation", western(group.family, group.given, group.middle, suffix),
                            f"{year}{one.birth[4:]}" if self.rng.random() < 0.1 and one.birth[5:] != "02-29"
                            else f"{year}{self.birth()[4:8]}{self.rng.randint(1, 28):02}", one.sex)  # fmt: skip

    def namesake(self, one: Human, same_day: bool = False) -> Human:
        return self.related(
            one, "double" if same_day else "namesake", one.name, one.birth if same_day else self.birth(), one.sex
        )

    def related(self, one: Human, how: str, name: PersonName, birth: str, sex: str) -> Human:
        other = self.human(name, birth, sex)
        one.kin.append((how, other.id))
        other.kin.append((how, one.id))
        return other

    # -- records -----------------------------------------------------------------------------------------------------

    def number(self, site: str) -> PatientId:
        """The next of a site: seven digits."""
        self.last[site] += self.rng.choice((1, 1, 2, 3))
        found = PatientId(str(self.last[site]), site)
        return found if found not in self.dealt else self.number(site)

    def site(self) -> str:
        return NORTH if self.rng.random() < 0.7 else SOUTH

    def admit(self, human: Human, site: str = "") -> Person:
        """One more record of a human, as they are."""
        own = self.number(site or self.site())
        others = []
        if self.rng.random() < 0.10:
            others.append(self.number(SOUTH if own.issuer == NORTH else NORTH))
        if not human.legacy and self.rng.random() < 0.30:
            human.legacy = f"007{self.number(LEGACY).value}"
            others.append(PatientId(human.legacy, LEGACY))
        return self.record(human, own, others)

    def record(self, human: Human, own: PatientId, others: list[PatientId] | None = None) -> Person:
        others = others or []
        self.dealt.update((own, *others))
        block = Demographics(own, human.name, human.birth, human.sex, tuple(others))
        self.last_person += 1
        person = Person(self.last_person, block, (own, *others))
        self.persons[person.id] = person
        human.records.append(person.id)
        return person

    def change(self, person: Person, **block: object) -> Person:
        """The identity as its owner has it from now on."""
        changed = altered(person, demographics=altered(person.demographics, **block), updated_at=UPDATED)
        self.persons[person.id] = changed
        return changed

    def merge(self, loser: Person, survivor: Person) -> Person:
        """All of the loser's numbers lead to the survivor."""
        numbers = (*survivor.identifiers, *loser.identifiers)
        block = altered(survivor.demographics, other_ids=tuple(one for one in numbers if one != numbers[0]))
        self.persons[loser.id] = altered(loser, identifiers=(), merged_into=survivor.id)
        self.persons[survivor.id] = altered(survivor, identifiers=numbers, demographics=block, updated_at=UPDATED)
        return self.persons[survivor.id]


def populate(register: Register, count: int) -> None:
    """So many humans with their records; kin are born one after the other and registered so."""
    rng, makers = register.rng, _kin(register)
    while len(register.humans) < count:
        one, at = register.stranger(), rng.random()
        family = [one]
        for share, make in makers:
            if (at := at - share) < 0:
                family.append(make(one))
                break
        site = register.site()
        for each in family:
            register.admit(each, site)
    for _ in range(int(len(register.persons) * DUPLICATES / (1 - DUPLICATES))):
        _again(register, rng.choice(register.humans))
    register.regulars = len(register.humans)


def _kin(register: Register) -> list[tuple[float, Callable[[Human], Human]]]:
    return [
        (TWINS / 2, register.twin),
        (GENERATIONS / 2, register.son),
        (NAMESAKES / 2, register.namesake),
        (DOUBLES / 2, lambda one: register.namesake(one, same_day=True)),
    ]


def _again(register: Register, human: Human) -> None:
    """A second record of somebody: as the first, or with a slip, a maiden name, no sex."""
    person, at = register.admit(human), register.rng.random()
    if at < 0.12:
        register.change(person, name=renamed(register, human))
    elif at < 0.22:
        register.change(person, name=typed(human.name))
    elif at < 0.30:
        register.change(person, sex="")
    elif at < 0.36:
        register.change(person, birth_date=human.birth[:8] + f"{register.rng.randint(1, 28):02}")


def renamed(register: Register, human: Human) -> PersonName:
    """Another family name: marriage, divorce."""
    group = human.name.alphabetic
    return western(register.names.families.draw(register.rng), group.given, group.middle, group.suffix)


def typed(name: PersonName) -> PersonName:
    """As a clerk types it: capitals, no middle name, one script."""
    return PersonName(NameGroup(name.family.upper(), name.given.upper()))
