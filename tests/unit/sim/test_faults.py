from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics
from radrecon.sim.acquisition import performed_by_worklist
from radrecon.sim.exams import Booking
from radrecon.sim.faults import (
    CLEAN,
    FAULTS,
    OPENING,
    Scenario,
    changed_by_registration,
    letters,
    misspelt,
    mistyped,
    other_birth_date,
    overlaid,
    timetable,
    transposed,
    typed_by_hand,
)
from radrecon.sim.people import register

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
PEOPLE = list(islice(register(5), 60))
SEEDS = st.integers(0, 10_000)


@given(st.text("0123456789", min_size=2, max_size=10), SEEDS)
def test_transposed_digits_are_the_same_digits_in_another_order_or_one_is_wrong(text: str, seed: int) -> None:
    wrong = transposed(text, random.Random(seed))
    assert wrong != text
    assert len(wrong) == len(text)
    assert sum(a != b for a, b in zip(text, wrong, strict=True)) <= 2


@given(SEEDS)
def test_a_mistyped_accession_keeps_its_letter_in_front(seed: int) -> None:
    assert transposed("A1234567", random.Random(seed))[0] == "A"


@given(st.text("abcdeé'- ", min_size=1, max_size=12), SEEDS)
def test_a_slip_changes_a_word_in_more_than_its_punctuation(word: str, seed: int) -> None:
    assert letters(mistyped(word, random.Random(seed))) != letters(word)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda p: str(p.name))
def test_a_misspelt_name_differs_in_one_part_only(person: Demographics) -> None:
    name = person.name
    wrong = misspelt(name, random.Random(1))
    assert (wrong.family != name.family) != (wrong.given != name.given)


def test_manual_entry_changes_the_number_and_drops_issuer_and_request() -> None:
    exam = Booking(1).book(PEOPLE[0], NOW)
    study = performed_by_worklist(exam, NOW)
    typed = typed_by_hand(study, random.Random(1))
    assert typed.patient_id != study.patient_id
    assert typed.issuer_of_patient_id == ""
    assert typed.request is None
    assert typed.accession_number == study.accession_number
    assert typed.patient_name == typed.patient_name.upper()


@pytest.mark.parametrize("person", PEOPLE, ids=lambda p: p.patient_id.value)
def test_registration_changes_one_fact_of_the_same_person(person: Demographics) -> None:
    changed = changed_by_registration(person, random.Random(1))
    assert changed.patient_id == person.patient_id
    assert (changed.name != person.name) != (changed.birth_date != person.birth_date)


@given(st.dates(date(1930, 1, 1), date(2024, 12, 31)))
def test_the_other_birth_date_is_a_date_and_another(born: date) -> None:
    assert date.fromisoformat(other_birth_date(born.isoformat())) != born


def test_an_overlay_keeps_the_number_and_nothing_else() -> None:
    result = overlaid(PEOPLE[0], PEOPLE[3])
    assert result.patient_id == PEOPLE[0].patient_id
    assert (result.name, result.birth_date) == (PEOPLE[3].name, PEOPLE[3].birth_date)


def test_the_opening_shows_every_fault_once() -> None:
    assert Counter(scenario for scenario in OPENING if scenario in FAULTS) == Counter(FAULTS)


def test_afterwards_about_seventy_in_a_hundred_are_clean_and_every_fault_comes() -> None:
    later = list(islice(timetable(3), len(OPENING), 2000))
    assert 0.65 < sum(scenario in CLEAN for scenario in later) / len(later) < 0.75
    assert set(later) == set(Scenario)


def test_names_without_groups_stay_without() -> None:
    assert not misspelt(PersonName.parse("Yamada^Tarou=山田^太郎"), random.Random(2)).ideographic
