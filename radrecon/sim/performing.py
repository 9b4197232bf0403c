"""What a modality tells while it works: MPPS data sets of an exam (PS3.3 C.4.13–C.4.15, IHE RAD-6 and RAD-7)."""

from __future__ import annotations

from collections.abc import Sequence

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from radrecon.sim.images import REQUEST_KEYS, STEP_KEYS, Acquired, character_set

TELLING = frozenset(("CT", "MR"))
"""Modalities that send MPPS; the others let their images speak."""

WRONG_ENTRY = ("110514", "DCM", "Incorrect worklist entry selected")
EMPTY = (
    "PerformedLocation", "PerformedProcedureTypeDescription", "PerformedProcedureStepEndDate",
    "PerformedProcedureStepEndTime",
)  # fmt: skip
EMPTY_SEQUENCES = (
    "ReferencedPatientSequence", "ProcedureCodeSequence", "PerformedProtocolCodeSequence", "PerformedSeriesSequence",
    "PerformedProcedureStepDiscontinuationReasonCodeSequence",
)  # fmt: skip


def tells(study: Acquired) -> bool:
    """Whether its modality tells of this exam: one that was picked from the worklist."""
    return study.request is not None and study.station.modality in TELLING


def begun(study: Acquired) -> Dataset:
    """The N-CREATE's attributes."""
    found = Dataset()
    found.SpecificCharacterSet = character_set(study)
    found.ScheduledStepAttributesSequence = Items([_scheduled(study)])
    found.PatientName, found.PatientID = study.patient_name, study.patient_id
    found.PatientBirthDate, found.PatientSex = study.patient_birth_date, study.patient_sex
    found.PerformedProcedureStepID = f"PPS{study.accession_number}"[:16]
    found.PerformedStationAETitle, found.PerformedStationName = study.station.ae_title, study.station.name
    found.PerformedProcedureStepStartDate = study.performed.strftime("%Y%m%d")
    found.PerformedProcedureStepStartTime = study.performed.strftime("%H%M%S")
    found.PerformedProcedureStepStatus = "IN PROGRESS"
    found.PerformedProcedureStepDescription = study.procedure.description
    found.Modality = study.station.modality
    found.StudyID = (study.request or {}).get("RequestedProcedureID", "")
    for keyword in EMPTY:
        setattr(found, keyword, "")
    for keyword in EMPTY_SEQUENCES:
        setattr(found, keyword, Items())
    return found


def completed(study: Acquired, made: Sequence[Dataset]) -> Dataset:
    """The N-SET's attributes when the exam is done, with every instance made."""
    found = _ended(study, "COMPLETED")
    series: dict[str, list[Dataset]] = {}
    for instance in made:
        series.setdefault(str(instance.SeriesInstanceUID), []).append(instance)
    found.PerformedSeriesSequence = Items([_series(some) for some in series.values()])
    return found


def picked_wrongly(study: Acquired) -> Dataset:
    """The N-SET's attributes when the operator notices that another line of the worklist was meant; no image yet."""
    found, reason = _ended(study, "DISCONTINUED"), Dataset()
    reason.CodeValue, reason.CodingSchemeDesignator, reason.CodeMeaning = WRONG_ENTRY
    found.PerformedProcedureStepDiscontinuationReasonCodeSequence = Items([reason])
    found.PerformedSeriesSequence = Items()
    return found


def _ended(study: Acquired, status: str) -> Dataset:
    found = Dataset()
    found.PerformedProcedureStepStatus = status
    found.PerformedProcedureStepEndDate = study.performed.strftime("%Y%m%d")
    found.PerformedProcedureStepEndTime = study.performed.strftime("%H%M%S")
    return found


def _scheduled(study: Acquired) -> Dataset:
    item = Dataset()
    item.StudyInstanceUID = study.study_instance_uid
    item.ReferencedStudySequence = Items()
    item.AccessionNumber = study.accession_number
    for keyword in (*REQUEST_KEYS, *STEP_KEYS):
        setattr(item, keyword, (study.request or {}).get(keyword, ""))
    item.ScheduledProtocolCodeSequence = Items()
    return item


def _series(made: Sequence[Dataset]) -> Dataset:
    first, item = made[0], Dataset()
    item.PerformingPhysicianName, item.OperatorsName, item.RetrieveAETitle = "", "Roe^Rita", ""
    item.ProtocolName, item.SeriesInstanceUID = first.ProtocolName, first.SeriesInstanceUID
    item.SeriesDescription = first.SeriesDescription
    item.ReferencedImageSequence = Items([_reference(instance) for instance in made])
    item.ReferencedNonImageCompositeSOPInstanceSequence = Items()
    return item


def _reference(instance: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = instance.SOPClassUID, instance.SOPInstanceUID
    return item
