"""What was written before an update of the same sender and comes after it changes nothing, whatever number is first."""

from __future__ import annotations

import pytest

from tests.workflow.adt_messages import mrg, patient, said
from tests.workflow.hospital import Hospital, on_both


def name(hospital: Hospital, mrn: str = "1") -> str:
    return str(hospital.person(mrn).demographics.name)


@on_both
@pytest.mark.parametrize(
    ("first", "later", "late"),
    [
        ("1", "E9^^^ENT 1", "1"),
        ("1 E9^^^ENT", "E9^^^ENT 1", "1 E9^^^ENT"),
        ("1 E9^^^ENT", "E9^^^ENT", "1"),
        ("1 E9^^^ENT", "1", "E9^^^ENT"),
    ],
)
def test_the_later_word_stands_whichever_number_stood_first(
    hospital: Hospital, first: str, later: str, late: str
) -> None:
    hospital.hears(said("A04", patient(first), minute=1), said("A08", patient(later, "FISCHER^ANNA^M"), minute=9))
    assert name(hospital) == "FISCHER^ANNA^M"
    hospital.hears(said("A08", patient(late, "FISCHER^ANNE"), minute=5))
    assert name(hospital) == "FISCHER^ANNA^M"
    assert "a later message of this sender" in hospital.journal()[-1].reason


@on_both
def test_the_same_number_of_another_authority_is_another_patients_word(hospital: Hospital) -> None:
    hospital.hears(said("A04", patient("1"), minute=1), said("A04", patient("1^^^RIS", "BAUER^KARL"), minute=9))
    hospital.hears(said("A08", patient("1", "FISCHER^ANNE"), minute=5))
    assert name(hospital) == "FISCHER^ANNE"


def test_who_stands_again_by_a_merge_the_other_way_round_was_described_by_it(hospital: Hospital) -> None:
    hospital.hears(said("A04", patient("1"), minute=1), said("A04", patient("2"), minute=1))
    hospital.hears(said("A40", patient("2"), mrg("1"), minute=3))
    hospital.hears(said("A40", patient("1", "FISCHER^ANNA^M"), mrg("2"), minute=6))
    hospital.hears(said("A08", patient("1", "FISCHER^ANNE"), minute=5))
    assert name(hospital) == "FISCHER^ANNA^M"


@on_both
def test_a_later_message_under_a_retired_number_has_described_somebody_else(hospital: Hospital) -> None:
    hospital.hears(said("A04", patient("1"), minute=1), said("A40", patient("1"), mrg("3"), minute=2))
    hospital.hears(said("A08", patient("3"), minute=8), said("A08", patient("1", "FISCHER^ANNE"), minute=5))
    assert name(hospital) == "FISCHER^ANNE"


@pytest.mark.parametrize(
    "later",
    [
        said("A47", patient("1", "FISCHER^ANNA^M"), mrg("7"), minute=9),
        said("A43", patient("1", "FISCHER^ANNA^M"), mrg("7"), minute=9),
    ],
)
def test_a_change_of_number_and_a_move_describe_the_patient_too(hospital: Hospital, later: bytes) -> None:
    hospital.hears(said("A04", patient("1"), minute=1), later, said("A08", patient("1", "FISCHER^ANNE"), minute=5))
    assert name(hospital) == "FISCHER^ANNA^M"
