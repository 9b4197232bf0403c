"""The modality's console: a picked worklist entry, or an order's paper copy, becomes the header of a study."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from radrecon.sim.exams import Exam
from radrecon.sim.images import REQUEST_KEYS, STEP_KEYS, Acquired


def entry_of(exam: Exam, answers: Sequence[Dataset]) -> Dataset | None:
    """The line that the operator picks: this patient with this accession number."""
    wanted = (exam.accession_number, exam.patient.patient_id.value)
    return next((entry for entry in answers if (entry.get("AccessionNumber"), entry.get("PatientID")) == wanted), None)


def from_worklist(entry: Dataset, exam: Exam, performed: datetime) -> Acquired:
    """Patient, accession, Study UID and request as the worklist gave them (IHE RAD-5 and RAD-8)."""
    step = entry.ScheduledProcedureStepSequence[0]
    request = {keyword: str(entry.get(keyword) or "") for keyword in REQUEST_KEYS}
    request |= {keyword: str(step.get(keyword) or "") for keyword in STEP_KEYS}
    return Acquired(
        patient_id=_text(entry, "PatientID"),
        issuer_of_patient_id=_text(entry, "IssuerOfPatientID"),
        patient_name=_text(entry, "PatientName"),
        patient_birth_date=_text(entry, "PatientBirthDate"),
        patient_sex=_text(entry, "PatientSex"),
        accession_number=_text(entry, "AccessionNumber"),
        study_instance_uid=_text(entry, "StudyInstanceUID") or generate_uid(),
        procedure=exam.procedure,
        station=exam.station,
        performed=performed,
        request=request,
    )


def from_paper(exam: Exam, performed: datetime) -> Acquired:
    """Typed from the order's printed form, without an error: own Study UID, nothing requested."""
    patient = exam.patient
    return Acquired(
        patient_id=patient.patient_id.value,
        issuer_of_patient_id="",
        patient_name=str(patient.name),
        patient_birth_date=patient.birth_date.replace("-", ""),
        patient_sex=patient.sex,
        accession_number=exam.accession_number,
        study_instance_uid=own_uid(exam),
        procedure=exam.procedure,
        station=exam.station,
        performed=performed,
    )


def performed_by_worklist(exam: Exam, performed: datetime) -> Acquired:
    """What the worklist would have given, for studies from before anybody watched."""
    entry, step = Dataset(), Dataset()
    entry.PatientID = exam.patient.patient_id.value
    entry.IssuerOfPatientID = exam.patient.patient_id.issuer
    entry.PatientName = str(exam.patient.name)
    entry.PatientBirthDate = exam.patient.birth_date.replace("-", "")
    entry.PatientSex = exam.patient.sex
    entry.AccessionNumber = exam.accession_number
    entry.StudyInstanceUID = exam.study_instance_uid
    entry.RequestedProcedureID = exam.requested_procedure_id
    entry.RequestedProcedureDescription = exam.procedure.description
    step.ScheduledProcedureStepID = exam.scheduled_procedure_step_id
    step.ScheduledProcedureStepDescription = exam.procedure.description
    entry.ScheduledProcedureStepSequence = [step]
    return from_worklist(entry, exam, performed)


def own_uid(exam: Exam) -> str:
    """A Study UID that the console makes when it was given none; it follows from the order's."""
    return str(generate_uid(entropy_srcs=[exam.study_instance_uid, "console"]))


def _text(entry: Dataset, keyword: str) -> str:
    value = entry.get(keyword)
    return "" if value is None else str(value)
