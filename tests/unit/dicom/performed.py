"""N-CREATE and N-SET data sets as modalities send them, written by another implementation (pydicom)."""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

EXPLICIT, IMPLICIT, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
WRONG_ENTRY = ("110514", "DCM", "Incorrect worklist entry selected")
STORAGE = "1.2.840.10008.5.1.4.1.1.2"


def item(**values: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def code(value: str, scheme: str, meaning: str) -> Dataset:
    return item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def scheduled(accession: str = "A100", uid: str = "1.2.3", **more: str) -> Dataset:
    """What the worklist told of one step."""
    sps, procedure = more.get("sps", f"S-{accession}-1"), more.get("procedure", f"RP-{accession}")
    return item(
        StudyInstanceUID=uid, ReferencedStudySequence=Sequence(), AccessionNumber=accession,
        RequestedProcedureID=procedure, RequestedProcedureDescription="CT chest", ScheduledProcedureStepID=sps,
        ScheduledProcedureStepDescription="CT chest", ScheduledProtocolCodeSequence=Sequence(),
    )  # fmt: skip


def creation(*references: Dataset, **values: Any) -> Dataset:
    """A step that begins; `values` replace what a plain one says."""
    return item(
        **{
            "ScheduledStepAttributesSequence": Sequence(references or [scheduled()]),
            "PatientName": "FISCHER^ANNA", "PatientID": "1000001", "PatientBirthDate": "19600517", "PatientSex": "F",
            "ReferencedPatientSequence": Sequence(), "PerformedProcedureStepID": "PPS1",
            "PerformedStationAETitle": "CT1", "PerformedStationName": "CT one", "PerformedLocation": "",
            "PerformedProcedureStepStartDate": "20261122", "PerformedProcedureStepStartTime": "143400",
            "PerformedProcedureStepStatus": "IN PROGRESS", "PerformedProcedureStepDescription": "Thorax",
            "PerformedProcedureTypeDescription": "", "ProcedureCodeSequence": Sequence(),
            "PerformedProcedureStepEndDate": "", "PerformedProcedureStepEndTime": "", "Modality": "CT", "StudyID": "7",
            "PerformedProtocolCodeSequence": Sequence(), "PerformedSeriesSequence": Sequence(),
            "PerformedProcedureStepDiscontinuationReasonCodeSequence": Sequence(),
        }
        | values
    )  # fmt: skip


def unscheduled(uid: str = "1.2.3", **values: Any) -> Dataset:
    """A step of no worklist entry: only its own Study UID is known."""
    return creation(scheduled("", uid, sps="", procedure=""), **values)


def series(uid: str = "1.2.3.1", images: int = 2) -> Dataset:
    instances = [
        item(ReferencedSOPClassUID=STORAGE, ReferencedSOPInstanceUID=f"{uid}.{number}") for number in range(images)
    ]
    return item(
        PerformingPhysicianName="", ProtocolName="Thorax", OperatorsName="ROE^RITA", SeriesInstanceUID=uid,
        SeriesDescription="Axial", RetrieveAETitle="MAIN", ReferencedImageSequence=Sequence(instances),
        ReferencedNonImageCompositeSOPInstanceSequence=Sequence(),
    )  # fmt: skip


def completion(*made: Dataset, **values: Any) -> Dataset:
    return item(
        **{
            "PerformedProcedureStepStatus": "COMPLETED", "PerformedProcedureStepEndDate": "20261122",
            "PerformedProcedureStepEndTime": "144500", "PerformedSeriesSequence": Sequence(made or [series()]),
        }
        | values
    )  # fmt: skip


def discontinuation(*made: Dataset, reason: tuple[str, str, str] | None = None, **values: Any) -> Dataset:
    reasons = Sequence([code(*reason)] if reason else [])
    values = {"PerformedProcedureStepDiscontinuationReasonCodeSequence": reasons} | values
    ended = completion(*made, PerformedProcedureStepStatus="DISCONTINUED", **values)
    if not made:
        ended.PerformedSeriesSequence = Sequence()
    return ended


def encoded(dataset: Dataset, syntax: str = EXPLICIT) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = syntax != BIG, syntax == IMPLICIT
    write_dataset(buffer, dataset)
    return bytes(buffer.getvalue())
