from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise

from radrecon.model.patient import Demographics
from radrecon.sim.people import ISSUER, register


def some(number: int, seed: int = 7) -> list[Demographics]:
    return list(islice(register(seed), number))


def test_equal_seeds_give_equal_people_and_other_seeds_others() -> None:
    assert some(50) == some(50)
    assert some(50) != some(50, seed=8)


def test_every_number_has_seven_digits_and_one_owner() -> None:
    numbers = [person.patient_id for person in some(500)]
    assert len(set(numbers)) == 500
    assert all(len(number.value) == 7 and number.value.isdigit() and number.issuer == ISSUER for number in numbers)


def test_the_register_holds_names_that_break_things() -> None:
    names = " ".join(str(person.name) for person in some(500))
    for letters in ("ü", "ễ", "O'", "de la Cruz", "-", "山田^太郎"):
        assert letters in names


def test_names_of_several_words_stay_one_family_name() -> None:
    assert "de la Cruz" in {person.name.family for person in some(500)}
    assert not {"de", "la", "van"} & {person.name.family for person in some(500)}


def test_there_are_twins_and_namesakes() -> None:
    people = some(500)
    births = Counter((person.name.family, person.birth_date) for person in people)
    names = Counter(str(person.name) for person in people if not person.name.ideographic)
    assert max(births.values()) > 1
    assert max(names.values()) > 1


def test_twins_have_neighbouring_numbers() -> None:
    people = some(200)
    twins = [(a, b) for a, b in pairwise(people) if a.birth_date == b.birth_date]
    assert twins
    assert all(int(b.patient_id.value) - int(a.patient_id.value) == 1 for a, b in twins)
