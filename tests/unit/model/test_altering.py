"""Altered values are what `dataclasses.replace` makes."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from radrecon.model.altering import altered
from radrecon.model.order import Order, Step, StepStatus


def test_it_is_what_replace_makes_and_the_first_stays_as_it_is() -> None:
    first = Order("A100", steps=(Step("S1"),), flags=("no_step",))
    second = altered(first, accession_number="A200", status=StepStatus.CANCELLED)
    assert second == replace(first, accession_number="A200", status=StepStatus.CANCELLED)
    assert first.accession_number == "A100"
    with pytest.raises(FrozenInstanceError):
        second.accession_number = "A300"  # type: ignore[misc]


def test_a_field_that_there_is_none_of_is_a_bug() -> None:
    with pytest.raises(TypeError, match="colour"):
        altered(Step("S1"), colour="red")
