"""The images that a simulated modality makes: small, but complete instances (PS3.3 A) with a picture in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import PYDICOM_IMPLEMENTATION_UID, ExplicitVRLittleEndian, generate_uid

from radrecon.sim.catalogue import Procedure, Station

SOP_CLASSES = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "CR": "1.2.840.10008.5.1.4.1.1.1",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "US": "1.2.840.10008.5.1.4.1.1.6.1",
}
SIDE = 64
REQUEST_KEYS = ("RequestedProcedureID", "RequestedProcedureDescription")
SPIN_ECHO = {
    "ScanningSequence": "SE",
    "SequenceVariant": "NONE",
    "ScanOptions": "",
    "MRAcquisitionType": "2D",
    "EchoTime": "90",
    "RepetitionTime": "3000",
    "EchoTrainLength": "1",
}
FOR_PRESENTATION = {
    "PresentationIntentType": "FOR PRESENTATION",
    "PixelIntensityRelationship": "LOG",
    "PixelIntensityRelationshipSign": -1,
}
STEP_KEYS = ("ScheduledProcedureStepID", "ScheduledProcedureStepDescription")


@dataclass(frozen=True)
class Acquired:
    """A study as the console has it: what came from the worklist, or what the operator typed instead.

    Texts are in DICOM form (`patient_birth_date` YYYYMMDD); `request` is the content of the one item of Request
    Attributes Sequence, None for an exam that no worklist entry was picked for.
    """

    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    accession_number: str
    study_instance_uid: str
    procedure: Procedure
    station: Station
    performed: datetime
    request: dict[str, str] | None = None


def instances(study: Acquired) -> Iterator[Dataset]:
    """Every instance of every series of the study; UIDs follow from the Study Instance UID."""
    for series, (description, size) in enumerate(study.procedure.series, 1):
        for number in range(1, size + 1):
            ds = _instance(study, series, number)
            ds.SeriesDescription = description
            yield ds


def _instance(study: Acquired, series: int, number: int) -> Dataset:
    ds = Dataset()
    _sop_common(ds, study, series, number)
    _patient(ds, study)
    _study(ds, study)
    _series(ds, study, series)
    _modality(ds, study, number)
    _pixels(ds, study, number)
    return ds


def character_set(study: Acquired) -> str:
    """The smallest that holds the name: Latin-1 where it fits, else UTF-8 (PS3.3 C.12.1.1.2)."""
    try:
        study.patient_name.encode("latin-1")
    except UnicodeEncodeError:
        return "ISO_IR 192"
    return "ISO_IR 100"


def _sop_common(ds: Dataset, study: Acquired, series: int, number: int) -> None:
    ds.SpecificCharacterSet = character_set(study)
    ds.SOPClassUID = SOP_CLASSES[study.station.modality]
    ds.SOPInstanceUID = generate_uid(entropy_srcs=[study.study_instance_uid, str(series), str(number)])
    ds.InstanceNumber = number
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.ImplementationClassUID = PYDICOM_IMPLEMENTATION_UID


def _patient(ds: Dataset, study: Acquired) -> None:
    ds.PatientName = study.patient_name
    ds.PatientID = study.patient_id
    if study.issuer_of_patient_id:
        ds.IssuerOfPatientID = study.issuer_of_patient_id
    ds.PatientBirthDate = study.patient_birth_date
    ds.PatientSex = study.patient_sex


def _study(ds: Dataset, study: Acquired) -> None:
    ds.StudyInstanceUID = study.study_instance_uid
    ds.StudyDate, ds.StudyTime = _date_time(study.performed)
    ds.ReferringPhysicianName = "Referrer^Rita"
    ds.StudyID = (study.request or {}).get("RequestedProcedureID", "")
    ds.AccessionNumber = study.accession_number
    ds.StudyDescription = study.procedure.description


def _series(ds: Dataset, study: Acquired, series: int) -> None:
    started = study.performed + timedelta(minutes=2 * (series - 1))
    ds.Modality = study.station.modality
    ds.SeriesInstanceUID = generate_uid(entropy_srcs=[study.study_instance_uid, str(series)])
    ds.SeriesNumber = series
    ds.SeriesDate, ds.SeriesTime = _date_time(started)
    ds.PerformedProcedureStepStartDate, ds.PerformedProcedureStepStartTime = _date_time(study.performed)
    ds.BodyPartExamined = study.procedure.body_part
    ds.Laterality = study.procedure.laterality
    ds.ProtocolName = study.procedure.description
    if study.request is not None:
        ds.RequestAttributesSequence = Sequence([_request_item(study.request)])


def _request_item(request: dict[str, str]) -> Dataset:
    item = Dataset()
    for keyword in (*REQUEST_KEYS, *STEP_KEYS):
        if request.get(keyword):
            setattr(item, keyword, request[keyword])
    return item


def _modality(ds: Dataset, study: Acquired, number: int) -> None:
    station = study.station
    ds.Manufacturer = "Simulated Imaging"
    ds.ManufacturerModelName = station.model
    ds.StationName = station.name
    ds.InstitutionName = "Simulated Hospital"
    ds.DeviceSerialNumber = f"SN-{station.ae_title}"
    ds.SoftwareVersions = "1.0"
    ds.ImageType = ["ORIGINAL", "PRIMARY", *(["AXIAL"] if station.modality == "CT" else [])]
    taken = study.performed + timedelta(seconds=number)
    ds.AcquisitionDate, ds.AcquisitionTime = ds.ContentDate, ds.ContentTime = _date_time(taken)
    for keyword, value in _technique(station.modality, number).items():
        setattr(ds, keyword, value)


def _technique(modality: str, number: int) -> dict[str, object]:
    """The type 1 and 2 attributes of each image module that a viewer looks at."""
    plane: dict[str, object] = {
        "ImagePositionPatient": ["-160", "-160", str(number * 5)],
        "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
        "PixelSpacing": ["5", "5"],
        "SliceThickness": "5",
    }
    sets: dict[str, dict[str, object]] = {
        "CT": {**plane, "KVP": "120", "RescaleIntercept": "-1024", "RescaleSlope": "1"},
        "MR": {**plane, **SPIN_ECHO},
        "CR": {"KVP": "85", "ViewPosition": "AP", "PixelSpacing": ["5", "5"]},
        "DX": {"KVP": "110", "ViewPosition": "PA", "ImagerPixelSpacing": ["5", "5"], **FOR_PRESENTATION},
        "US": {"LossyImageCompression": "00"},
    }
    return sets[modality]


def _pixels(ds: Dataset, study: Acquired, number: int) -> None:
    bits = 8 if study.station.modality == "US" else 16
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows = ds.Columns = SIDE
    ds.BitsAllocated = bits
    ds.BitsStored = 8 if bits == 8 else 12
    ds.HighBit = ds.BitsStored - 1
    ds.PixelRepresentation = 0
    ds.WindowCenter, ds.WindowWidth = ("128", "256") if bits == 8 else ("2048", "4096")
    if study.station.modality == "CT":
        ds.WindowCenter = "1024"
    ds.PixelData = phantom(number % 8, bits)


@cache
def phantom(slice_number: int, bits: int) -> bytes:
    """An elliptic body with two darker organs whose size follows the slice; little endian, MONOCHROME2."""
    scale = 15 if bits == 16 else 0.9
    values = [int(scale * _shade(x, y, slice_number)) for y in range(SIDE) for x in range(SIDE)]
    return b"".join(value.to_bytes(bits // 8, "little") for value in values)


def _shade(x: int, y: int, slice_number: int) -> int:
    """0 to 255 at one point."""
    across, down = (x - 31.5) / 28, (y - 31.5) / 22
    if across * across + down * down > 1:
        return 4
    organ = 0.06 + 0.012 * slice_number
    for side in (-0.45, 0.45):
        if (across - side) ** 2 + (down + 0.1) ** 2 < organ:
            return 70 + 3 * slice_number
    return 170 + (x * 7 + y * 13 + slice_number * 5) % 40


def _date_time(when: datetime) -> tuple[str, str]:
    return when.strftime("%Y%m%d"), when.strftime("%H%M%S")
