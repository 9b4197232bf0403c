from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.sequence import Sequence

from radrecon.dicom.elements import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE
from radrecon.dicom.mpps import read_performed
from radrecon.dicom.uids import is_uid
from radrecon.model.errors import ContentError
from radrecon.model.performed import PerformedStatus, PerformedStep, StepReference
from tests.unit.dicom import performed
from tests.unit.dicom.performed import (
    WRONG_ENTRY,
    code,
    completion,
    creation,
    discontinuation,
    encoded,
    item,
    scheduled,
    series,
    unscheduled,
)


def read(dataset: object, syntax: str = EXPLICIT_LE) -> PerformedStep:
    return read_performed(encoded(dataset, syntax), syntax)  # type: ignore[arg-type]


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE])
def test_a_step_that_begins_is_read_in_every_transfer_syntax(syntax: str) -> None:
    found = read(creation(), syntax)
    assert found.status is PerformedStatus.IN_PROGRESS
    assert (found.performed_procedure_step_id, found.modality, found.station_ae_title) == ("PPS1", "CT", "CT1")
    assert (found.start, found.end) == ("2026-11-22T14:34:00", "")
    assert (found.patient.patient_id.value, str(found.patient.name)) == ("1000001", "FISCHER^ANNA")
    assert (found.patient.birth_date, found.patient.sex) == ("1960-05-17", "F")
    assert found.references == (StepReference("1.2.3", "A100", "RP-A100", "S-A100-1"),)
    assert not found.unscheduled


def test_its_end_counts_series_and_instances() -> None:
    found = read(completion(series("1.5", 3), series("1.6", 1)))
    assert found.status is PerformedStatus.COMPLETED
    assert [(one.series_instance_uid, one.images, one.protocol_name) for one in found.series] == [
        ("1.5", 3, "Thorax"), ("1.6", 1, "Thorax"),
    ]  # fmt: skip
    assert (found.instances, found.end) == (4, "2026-11-22T14:45:00")


def test_several_steps_in_one_are_several_references_each_once() -> None:
    found = read(creation(scheduled("A1"), scheduled("A2"), scheduled("A1")))
    assert [one.accession_number for one in found.references] == ["A1", "A2"]


@pytest.mark.parametrize("dataset", [unscheduled(), creation(ScheduledStepAttributesSequence=Sequence())])
def test_a_step_of_no_worklist_entry_is_unscheduled(dataset: object) -> None:
    assert read(dataset).unscheduled


def test_what_stands_beside_the_sequence_is_taken_where_there_is_none() -> None:
    found = read(creation(ScheduledStepAttributesSequence=Sequence(), StudyInstanceUID="1.9", AccessionNumber="A9"))
    assert found.references == (StepReference("1.9", "A9"),)


def test_the_referenced_study_stands_for_a_study_uid_that_is_missing() -> None:
    named = scheduled(uid="")
    named.ReferencedStudySequence = Sequence([item(ReferencedSOPInstanceUID="1.7")])
    assert read(creation(named)).references[0].study_instance_uid == "1.7"


@pytest.mark.parametrize(
    ("reason", "wrong"),
    [
        (WRONG_ENTRY, True),
        (("110514", "dcm", ""), True),
        (("110514", "", ""), True),
        (("", "", "Incorrect worklist entry selected"), True),
        (("110514", "99LOCAL", "Patient moved"), False),
        (("110513", "DCM", "Discontinued for unspecified reason"), False),
        (None, False),
    ],
)
def test_a_wrong_pick_is_known_by_its_code(reason: tuple[str, str, str] | None, wrong: bool) -> None:
    assert read(discontinuation(reason=reason)).wrong_worklist_entry is wrong


def test_only_what_was_broken_off_is_a_wrong_pick() -> None:
    reasons = Sequence([code(*WRONG_ENTRY)])
    ended = completion(PerformedProcedureStepDiscontinuationReasonCodeSequence=reasons)
    assert not read(ended).wrong_worklist_entry


@pytest.mark.parametrize(
    ("written", "status"),
    [("", None), ("in progress", "IN PROGRESS"), ("IN_PROGRESS", "IN PROGRESS"), ("COMPLETE", "COMPLETED")],
)
def test_a_status_is_read_as_it_is_spelled(written: str, status: str | None) -> None:
    assert read(item(PerformedProcedureStepStatus=written)).status == status


def test_a_status_that_there_is_none_of_is_an_error_that_names_it() -> None:
    with pytest.raises(ContentError) as caught:
        read(item(PerformedProcedureStepStatus="SUSPENDED"))
    assert caught.value.location == "(0040,0252)"


def test_bytes_that_are_no_data_set_are_an_error_without_a_place() -> None:
    with pytest.raises(ContentError) as caught:
        read_performed(b"\x10\x00\x10\x00PN\xff\xffX", EXPLICIT_LE)
    assert caught.value.location == ""


def test_nothing_at_all_says_nothing() -> None:
    assert read_performed(b"", EXPLICIT_LE) == PerformedStep()


@pytest.mark.parametrize("charset", ["ISO_IR 100", "ISO_IR 192"])
def test_names_are_read_in_their_character_set(charset: str) -> None:
    found = read(creation(SpecificCharacterSet=charset, PatientName="MÜLLER^ZOË"))
    assert str(found.patient.name) == "MÜLLER^ZOË"


def test_what_breaks_its_rules_is_read_as_far_as_it_can_be() -> None:
    odd = creation(scheduled(uid="../../x"), PerformedProcedureStepStartTime="late", PatientSex="X", Modality="ct\0 ")
    found = read(odd)
    assert (found.start, found.patient.sex, found.modality) == ("2026-11-22", "", "CT")
    assert found.references[0].study_instance_uid == ""


def test_a_series_without_its_uid_and_an_empty_reference_count_nothing() -> None:
    made = series("1.5", 0)
    made.ReferencedImageSequence = Sequence([item()])
    found = read(completion(made, series("", 2)))
    assert [(one.series_instance_uid, one.images) for one in found.series] == [("1.5", 0)]


@pytest.mark.parametrize(
    ("text", "yes"),
    [("1.2.840", True), ("1" * 64, True), ("1" * 65, False), ("", False), ("1..2", False), ("١.2", False)],
)
def test_a_uid_is_digits_and_single_dots(text: str, yes: bool) -> None:
    assert is_uid(text) is yes


@given(st.binary(max_size=300), st.sampled_from([EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE]))
def test_no_bytes_make_it_raise_anything_else(data: bytes, syntax: str) -> None:
    with contextlib.suppress(ContentError):
        read_performed(data, syntax)


@given(st.data())
def test_a_data_set_with_broken_bytes_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(encoded(creation(performed.scheduled())))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ContentError):
        read_performed(bytes(whole), EXPLICIT_LE)
