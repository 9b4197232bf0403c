"""The worklist query that a modality makes (PS3.4 table K.6-1): its matching keys, and all that is worth comparing."""

from __future__ import annotations

from collections.abc import Sequence

from pydicom.dataset import Dataset

from radrecon.dicom.identity import dicom_date

RETURNED = (
    "AccessionNumber", "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex",
    "StudyInstanceUID", "RequestedProcedureDescription", "RequestedProcedureID",
    "PlacerOrderNumberImagingServiceRequest", "FillerOrderNumberImagingServiceRequest",
)  # fmt: skip
RETURNED_OF_STEP = (
    "ScheduledProcedureStepStartTime", "ScheduledProcedureStepDescription", "ScheduledProcedureStepID",
    "ScheduledStationName",
)  # fmt: skip


def modality_queries(station: str, modalities: Sequence[str], day_from: str, day_to: str) -> tuple[Dataset, ...]:
    """One query per modality, for Modality is matched by a single value; one without where none is named.

    `station`: the AE title that the steps are to be scheduled on, "" for any. Days are ISO, both included.
    """
    return tuple(_query(station, modality, day_from, day_to) for modality in modalities or ("",))


def _query(station: str, modality: str, day_from: str, day_to: str) -> Dataset:
    query, step, issuer = Dataset(), Dataset(), Dataset()
    for keyword in RETURNED:
        setattr(query, keyword, "")
    for keyword in RETURNED_OF_STEP:
        setattr(step, keyword, "")
    step.Modality, step.ScheduledStationAETitle = modality, station
    step.ScheduledProcedureStepStartDate = f"{dicom_date(day_from)}-{dicom_date(day_to)}"
    issuer.LocalNamespaceEntityID = ""
    query.SpecificCharacterSet = "ISO_IR 192"
    query.IssuerOfAccessionNumberSequence = [issuer]
    query.ScheduledProcedureStepSequence = [step]
    return query
