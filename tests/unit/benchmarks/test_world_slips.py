"""Slips change a value; ways of writing keep the name."""

from __future__ import annotations

import random
from datetime import date

import pytest

from benchmarks import _world_slips as slips

RNG = random.Random(1)


@pytest.mark.parametrize("text", ["40000001", "7", "11", "Müller^Jürgen", "O'Brien^Anna^Q"])
def test_a_slip_is_another_text(text: str) -> None:
    for _ in range(200):
        assert slips.slip(RNG, text) != text
        assert slips.number_slip(RNG, text) != text


def test_a_slip_of_a_name_stays_in_family_or_given_name() -> None:
    for _ in range(200):
        changed = slips.name_slip(RNG, "Smith^Mary^Ann=山田^花子")
        assert changed.endswith("^Ann=山田^花子")
        assert changed != "Smith^Mary^Ann=山田^花子"


@pytest.mark.parametrize("iso", ["1980-02-29", "1960-05-17", "1999-12-31", "2001-03-03"])
def test_a_wrong_birth_date_is_a_date_or_nothing(iso: str) -> None:
    for _ in range(300):
        changed = slips.birth_slip(RNG, iso)
        assert changed != iso
        assert not changed or date.fromisoformat(changed)


def test_another_way_of_writing_is_another_text() -> None:
    for name in ("Müller^Jürgen^Karl", "Meyer-Landrut^Anna", "Smith^Mary", "Smith^John^^^Jr"):
        for _ in range(50):
            assert slips.rewritten(RNG, name) != name


def test_swapped_twice_is_the_name_again() -> None:
    assert slips.swapped(slips.swapped("Smith^Mary^Ann")) == "Smith^Mary^Ann"
