"""The simulated modality's MPPS as the engine reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from pydicom.dataset import Dataset

from radrecon.dicom.mpps import read_performed
from radrecon.model.performed import PerformedStatus, PerformedStep
from radrecon.sim.acquisition import performed_by_worklist
from radrecon.sim.exams import Booking
from radrecon.sim.images import Acquired, instances
from radrecon.sim.people import register
from radrecon.sim.performing import begun, completed, picked_wrongly, tells
from tests.unit.dicom.performed import EXPLICIT, encoded


def acquired() -> Acquired:
    exam = Booking(1).book(next(register(1)), datetime(2026, 11, 22, 14, 30, tzinfo=UTC))
    return performed_by_worklist(exam, exam.start)


def read(dataset: Dataset) -> PerformedStep:
    return read_performed(encoded(dataset), EXPLICIT)


def test_a_step_begins_with_what_the_worklist_told() -> None:
    study = acquired()
    found = read(begun(study))
    assert found.status is PerformedStatus.IN_PROGRESS
    assert (found.patient.patient_id.value, str(found.patient.name)) == (study.patient_id, study.patient_name)
    (named,) = found.references
    assert (named.study_instance_uid, named.accession_number) == (study.study_instance_uid, study.accession_number)
    assert named.scheduled_procedure_step_id == (study.request or {})["ScheduledProcedureStepID"]


def test_its_end_names_every_instance() -> None:
    study = acquired()
    found = read(completed(study, list(instances(study))))
    assert found.status is PerformedStatus.COMPLETED
    assert [one.images for one in found.series] == [size for _, size in study.procedure.series]


def test_a_wrong_pick_is_told_as_one() -> None:
    assert read(picked_wrongly(acquired())).wrong_worklist_entry


def test_only_exams_from_the_worklist_of_some_modalities_are_told_of() -> None:
    study = acquired()
    for modality, told in (("CT", True), ("US", False)):
        assert tells(replace(study, station=replace(study.station, modality=modality))) is told
    assert not tells(replace(study, station=replace(study.station, modality="CT"), request=None))
