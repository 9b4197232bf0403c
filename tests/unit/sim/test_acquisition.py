from __future__ import annotations

from datetime import UTC, datetime

from pydicom.dataset import Dataset

from radrecon.sim.acquisition import entry_of, from_paper, from_worklist, performed_by_worklist
from radrecon.sim.exams import Booking, Exam
from radrecon.sim.people import register

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
EXAM = Booking(1).book(next(register(1)), NOW)


def entry(exam: Exam, patient_id: str | None = None) -> Dataset:
    ds, step = Dataset(), Dataset()
    ds.AccessionNumber = exam.accession_number
    ds.PatientID = patient_id or exam.patient.patient_id.value
    ds.PatientName = "Müller^Anna=山田^太郎"
    ds.StudyInstanceUID = exam.study_instance_uid
    ds.RequestedProcedureID = "RP1"
    step.ScheduledProcedureStepID = "SPS1"
    ds.ScheduledProcedureStepSequence = [step]
    return ds


def test_the_operator_picks_by_accession_and_patient_when_two_share_the_accession() -> None:
    answers = [entry(EXAM, "9999999"), entry(EXAM)]
    assert entry_of(EXAM, answers) is answers[1]
    assert entry_of(EXAM, answers[:1]) is None


def test_a_picked_entry_gives_the_study_its_uid_name_and_request() -> None:
    study = from_worklist(entry(EXAM), EXAM, NOW)
    assert study.study_instance_uid == EXAM.study_instance_uid
    assert study.patient_name == "Müller^Anna=山田^太郎"
    assert study.request is not None
    assert study.request["ScheduledProcedureStepID"] == "SPS1"


def test_an_entry_without_a_study_uid_makes_the_console_invent_one() -> None:
    bare = entry(EXAM)
    bare.StudyInstanceUID = ""
    assert from_worklist(bare, EXAM, NOW).study_instance_uid


def test_typing_from_paper_keeps_the_facts_and_makes_an_own_uid() -> None:
    study = from_paper(EXAM, NOW)
    assert study.accession_number == EXAM.accession_number
    assert study.study_instance_uid != EXAM.study_instance_uid
    assert study.request is None
    assert study.issuer_of_patient_id == ""


def test_the_past_looks_as_if_the_worklist_had_been_asked() -> None:
    study = performed_by_worklist(EXAM, NOW)
    assert study.patient_id == EXAM.patient.patient_id.value
    assert study.patient_name == str(EXAM.patient.name)
    assert study.patient_birth_date == EXAM.patient.birth_date.replace("-", "")
