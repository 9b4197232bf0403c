from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pydicom
import pytest

from radrecon.sim.catalogue import PROCEDURES, Procedure, stations_for
from radrecon.sim.images import SIDE, Acquired, character_set, instances, phantom

NOW = datetime(2026, 11, 22, 14, 30, 5, tzinfo=UTC)


def acquired(procedure: Procedure = PROCEDURES[0], name: str = "Müller^Anna") -> Acquired:
    return Acquired(
        patient_id="1234567",
        issuer_of_patient_id="SIMHOSP",
        patient_name=name,
        patient_birth_date="19600517",
        patient_sex="F",
        accession_number="A1",
        study_instance_uid="1.2.3",
        procedure=procedure,
        station=stations_for(procedure)[0],
        performed=NOW,
        request={"RequestedProcedureID": "RP1", "ScheduledProcedureStepID": "SPS1"},
    )


def through_a_file(ds: pydicom.Dataset) -> pydicom.FileDataset:
    buffer = BytesIO()
    pydicom.dcmwrite(buffer, ds, enforce_file_format=True)
    buffer.seek(0)
    return pydicom.dcmread(buffer)


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda p: p.code)
def test_a_study_has_its_series_and_instances_with_uids_of_their_own(procedure: Procedure) -> None:
    made = list(instances(acquired(procedure)))
    assert len(made) == sum(size for _, size in procedure.series)
    assert len({ds.SOPInstanceUID for ds in made}) == len(made)
    assert len({ds.SeriesInstanceUID for ds in made}) == len(procedure.series)
    assert {ds.Modality for ds in made} == {procedure.modality}


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda p: p.code)
def test_an_instance_survives_a_file_with_pixels_of_the_right_length(procedure: Procedure) -> None:
    ds = through_a_file(next(instances(acquired(procedure))))
    assert len(ds.PixelData) == SIDE * SIDE * ds.BitsAllocated // 8
    assert ds.StudyDate == "20261122"
    assert ds.RequestAttributesSequence[0].ScheduledProcedureStepID == "SPS1"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Smith^John", "ISO_IR 100"), ("Müller^Anna", "ISO_IR 100"), ("Nguyễn^Văn Đức", "ISO_IR 192"),
     ("Yamada^Tarou=山田^太郎=やまだ^たろう", "ISO_IR 192")],
)  # fmt: skip
def test_names_of_every_culture_come_back_letter_by_letter(name: str, expected: str) -> None:
    study = acquired(name=name)
    assert character_set(study) == expected
    assert str(through_a_file(next(instances(study))).PatientName) == name


def test_an_exam_that_no_entry_was_picked_for_requests_nothing() -> None:
    ds = next(instances(replace(acquired(), request=None)))
    assert "RequestAttributesSequence" not in ds
    assert ds.StudyID == ""


def test_an_operator_who_knows_no_issuer_leaves_it_out() -> None:
    assert "IssuerOfPatientID" not in next(instances(replace(acquired(), issuer_of_patient_id="")))


def test_the_picture_is_not_empty_and_differs_by_slice() -> None:
    assert len(set(phantom(1, 8))) > 10
    assert phantom(1, 16) != phantom(2, 16)
