"""Altered values are what `dataclasses.replace` makes."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from radrecon.model.altering import altered
from radrecon.model.names import PersonName
from radrecon.model.order import Order, Step, StepStatus
from radrecon.model.patient import PatientId


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


def test_values_are_equal_by_what_they_hold_and_only_to_their_like() -> None:
    assert PatientId("1", "A") == PatientId("1", "A")
    assert hash(PatientId("1", "A")) == hash(PatientId("1", "A"))
    assert PatientId("1", "A") != PatientId("1", "B")
    assert PersonName.parse("DOE^JANE") == PersonName.parse("DOE^JANE^^")
    assert PatientId("1") != "1"
    assert {PatientId("1"): 1}[PatientId("1")] == 1
