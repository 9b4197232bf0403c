"""Random small hospitals full of traps: whatever goes wrong in a header, no study is given to the wrong patient."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from radrecon.model.names import PersonName
from radrecon.model.order import Order
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.model.study import Study
from radrecon.recon.classify import Neighbourhood, classify
from radrecon.recon.identity import resolve
from radrecon.recon.match import candidates
from radrecon.recon.normalise import birth_date_key, blocking_keys_of_order, blocking_keys_of_study, fold, sound

from .people import SLOT, WATCH, order, study, who

FAMILIES = ["MEYER", "MEIER", "SMITH", "SCHULZ", "GARCIA LOPEZ", "GARCIA", "NGUYEN", "O'BRIEN"]
GIVEN = ["ANNA", "ANNE", "ELSA", "JOHN", "JOAN", "MARIA", "MARIO", "UDO"]
WORLDS = int(os.environ.get("RADRECON_ADVERSARIAL_WORLDS", "15"))


def world(chance: random.Random) -> list[Person]:
    """Strangers, twins, namesakes of one day, junior and senior, with patient ids dealt out in a row."""
    found: list[Demographics] = []
    for _ in range(6):
        family, given = chance.choice(FAMILIES), chance.choice(GIVEN)
        birth = f"19{chance.randint(30, 99)}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}"
        sex = chance.choice("MF")
        found.append(who("", f"{family}^{given}", birth, sex))
        found.append(who("", f"{family}^{chance.choice(GIVEN)}", birth, chance.choice("MF")))
        found.append(who("", f"{family}^{given}", birth, sex))
        found.append(who("", f"{family}^{given}^^^JR", f"20{birth[2:]}", sex))
    start = chance.randint(4_000_000, 4_999_000)
    numbered = [replace(each, patient_id=PatientId(str(start + at))) for at, each in enumerate(found)]
    return [Person(at, each, (each.patient_id,)) for at, each in enumerate(numbered, 1)]


def slip(text: str, chance: random.Random) -> str:
    if len(text) < 2:
        return text
    at = chance.randrange(len(text) - 1)
    return chance.choice([text[:at] + text[at + 1] + text[at] + text[at + 2 :], text[:at] + text[at + 1 :]])


def broken(truth: Demographics, other: Demographics, chance: random.Random) -> Demographics:
    """The header of a true patient after up to three accidents; `other` is whom a value may be taken from."""
    for accident in chance.sample(range(11), chance.randint(0, 3)):
        number, name = truth.patient_id.value, str(truth.name)
        birth = truth.birth_date
        truth = [
            replace(truth, patient_id=PatientId(slip(number, chance))),
            replace(truth, patient_id=other.patient_id),
            replace(truth, patient_id=PatientId("")),
            replace(truth, name=PersonName.parse(slip(name, chance))),
            replace(truth, name=other.name),
            replace(truth, name=PersonName.parse(f"{truth.name.family}^{truth.name.given[:1]}")),
            replace(truth, name=PersonName()),
            replace(truth, birth_date=birth[:-2] + slip(birth[-2:], chance)),
            replace(truth, birth_date=other.birth_date),
            replace(truth, birth_date=""),
            replace(truth, sex=chance.choice(["M", "F", "O", ""])),
        ][accident]
    return truth


def studies(people: list[Person], orders: list[Order], chance: random.Random) -> Iterator[tuple[Study, int]]:
    for number in range(100, 140):
        true, other = chance.sample(people, 2)
        other = chance.choice([other, people[max(0, true.id - 2)], people[min(len(people) - 1, true.id)]])
        own = chance.choice([each for each in orders if each.person_id == true.id])
        taken = chance.choice([each for each in orders if each.person_id == other.id])
        number_of = own.accession_number
        accession = chance.choice([number_of] * 4 + [taken.accession_number, slip(number_of, chance), ""])
        header = broken(true.demographics, other.demographics, chance)
        yield study(accession, header, number), true.id


@cache
def keys_of(each: Order) -> frozenset[tuple[str, str]]:
    return blocking_keys_of_order(each)


def neighbours(images: Study, orders: list[Order], people: list[Person]) -> tuple[list[Order], dict[int, Person]]:
    keys = blocking_keys_of_study(images)
    near = [each for each in orders if keys & keys_of(each)]
    ids = {each.person_id for each in near}
    names = {text for kind, text in keys if kind == "name_birth"}
    for each in people:
        own = f"{sound(fold(each.demographics.name.family))}/{birth_date_key(each.demographics.birth_date)}"
        if own in names or each.demographics.patient_id == images.facts.patient.patient_id:
            ids.add(each.id)
    return near, {each.id: each for each in people if each.id in ids}


def is_self_consistent(images: Study, other: Person, true: Person) -> bool:
    """A header that is another patient's throughout: the wrong entry was picked, and no header can tell."""
    found, theirs = images.facts.patient, other.demographics
    names_other = found.patient_id == theirs.patient_id and other.id != true.id
    return names_other and found.birth_date == theirs.birth_date


@pytest.mark.parametrize("seed", range(WORLDS))
def test_no_study_is_given_to_the_wrong_patient(seed: int) -> None:
    chance = random.Random(seed)
    people = world(chance)
    orders = [
        order(10 * each.id + at, f"A{20000 + 2 * each.id + at}", each.demographics, person_id=each.id, start=SLOT)
        for each in people
        for at in (0, 1)
    ]
    by_id = {each.id: each for each in people}
    for images, true in studies(people, orders, chance):
        near, persons = neighbours(images, orders, people)
        present = resolve(images.facts.patient.patient_id, by_id, "")
        verdict = classify(
            Neighbourhood(images, tuple(near), persons, study_person_id=present, orders_total=len(orders)), WATCH
        )
        if verdict.order_id:
            given = next(each.person_id for each in orders if each.id == verdict.order_id)
            assert given == true or is_self_consistent(images, by_id[given], by_id[true]), images.facts


def test_most_clean_work_needs_nobody() -> None:
    chance = random.Random(7)
    people = world(chance)
    orders = [order(each.id, f"A{2000 + each.id}", each.demographics, person_id=each.id) for each in people]
    for each in orders:
        images = study(each.accession_number, each.patient)
        near, persons = neighbours(images, orders, people)
        around = {"orders_total": len(orders), "truncated": False, "taken": {}, "watch": WATCH}
        assert candidates(images, near, persons, **around).automatic
