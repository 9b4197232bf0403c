"""What a worklist answer can hold: each return key of PS3.4 table K.6-1 and where its value comes from.

Type 1 values are never empty: where the order says nothing a modality still gets something that it can store. Keys that
radrecon knows of but never has a value for are empty (type 2), so that a modality need not cope without them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from radrecon.dicom.identity import dicom_date
from radrecon.model.order import Code, Order, Step
from radrecon.model.patient import PatientId

UNKNOWN = "UNKNOWN"
SCHEDULED_PROCEDURE_STEP_SEQUENCE = 0x00400100
STUDY_UIDS = uuid.UUID("6f1d1f3e-6d0a-4a52-9a2b-1c6f0c1c7a10")


@dataclass(frozen=True)
class Entry:
    """One line of the worklist. `day` stands in (as DA) for a start that nobody knows."""

    order: Order
    step: Step
    day: str


@dataclass(frozen=True)
class Leaf:
    """One value; `several`: its backslashes part values."""

    vr: str
    value: Callable[[Any], str]
    several: bool = False


@dataclass(frozen=True)
class Nested:
    """A sequence. `whole`: its items always hold all children, whichever were asked for (codes are complete)."""

    children: Mapping[int, Leaf | Nested]
    entries: Callable[[Any], Sequence[Any]]
    whole: bool = True


def _empty(_entry: Any) -> str:
    return ""


def _nothing(_entry: Any) -> Sequence[Any]:
    return ()


def study_uid(order: Order) -> str:
    """The order's Study Instance UID; for one that has none a UID that is the same at every query."""
    if order.study_instance_uid:
        return order.study_instance_uid
    name = (order.sender, order.placer_order_number, order.filler_order_number, order.accession_number, str(order.id))
    return f"2.25.{uuid.uuid5(STUDY_UIDS, chr(0).join(name)).int}"


def requested_procedure_id(order: Order) -> str:
    return (
        order.requested_procedure_id or order.accession_number or order.filler_order_number or order.placer_order_number
    ) or f"RP{order.id}"


def step_id(entry: Entry) -> str:
    return entry.step.scheduled_procedure_step_id or f"SPS{entry.step.id}"


def procedure_description(order: Order) -> str:
    return order.requested_procedure_description or order.requested_procedure_code.meaning


def step_description(entry: Entry) -> str:
    step = entry.step
    return step.description or step.protocol_code.meaning or procedure_description(entry.order) or UNKNOWN


@lru_cache(maxsize=8192)
def _da(iso: str) -> str:
    return dicom_date(iso)  # a tenth of an answer's time without the cache


def start_date(entry: Entry) -> str:
    return _da(entry.step.start[:10]) or entry.day


def start_time(entry: Entry) -> str:
    digits = entry.step.start[11:19].replace(":", "")
    return digits.ljust(6, "0") if digits.isdigit() else "000000"


def _other_ids(entry: Entry) -> Sequence[PatientId]:
    return entry.order.patient.other_ids


def _issuer_of_accession(entry: Entry) -> Sequence[str]:
    return [entry.order.issuer_of_accession] if entry.order.issuer_of_accession else []


def _issuer_of_admission(entry: Entry) -> Sequence[str]:
    return [entry.order.visit.issuer] if entry.order.visit.number and entry.order.visit.issuer else []


def _coded(code: Callable[[Entry], Code]) -> Nested:
    """A code sequence: complete, or no item."""

    def entries(entry: Entry) -> Sequence[Code]:
        found = code(entry)
        return [found] if found else []

    return Nested(CODE, entries)


CODE: Mapping[int, Leaf | Nested] = {
    0x00080100: Leaf("SH", lambda code: code.value),
    0x00080102: Leaf("SH", lambda code: code.scheme),
    0x00080104: Leaf("LO", lambda code: code.meaning or code.value),
}
ISSUER: Mapping[int, Leaf | Nested] = {0x00400031: Leaf("UT", str)}
OTHER_ID: Mapping[int, Leaf | Nested] = {
    0x00100020: Leaf("LO", lambda other: other.value),
    0x00100021: Leaf("LO", lambda other: other.issuer),
    0x00100022: Leaf("CS", lambda _other: "TEXT"),
}
STEP: Mapping[int, Leaf | Nested] = {
    0x00080060: Leaf("CS", lambda entry: entry.step.modality or "OT"),
    0x00321070: Leaf("LO", _empty),  # Requested Contrast Agent
    0x00400001: Leaf("AE", lambda entry: entry.step.station_ae_title or UNKNOWN),
    0x00400002: Leaf("DA", start_date),
    0x00400003: Leaf("TM", start_time),
    0x00400004: Leaf("DA", _empty),  # Scheduled Procedure Step End Date
    0x00400005: Leaf("TM", _empty),
    0x00400006: Leaf("PN", lambda entry: str(entry.step.performing_physician)),
    0x00400007: Leaf("LO", step_description),
    0x00400008: _coded(lambda entry: entry.step.protocol_code),
    0x00400009: Leaf("SH", step_id),
    0x0040000B: Nested({}, _nothing),  # Scheduled Performing Physician Identification Sequence
    0x00400010: Leaf("SH", lambda entry: entry.step.station_name),
    0x00400011: Leaf("SH", lambda entry: entry.step.location),
    0x00400012: Leaf("LO", _empty),  # Pre-Medication
    0x00400020: Leaf("CS", lambda entry: str(entry.step.status)),
    0x00400400: Leaf("LT", _empty),  # Comments on the Scheduled Procedure Step
}
ORDER: Mapping[int, Leaf | Nested] = {
    0x00080050: Leaf("SH", lambda entry: entry.order.accession_number),
    0x00080051: Nested(ISSUER, _issuer_of_accession),
    0x00080090: Leaf("PN", lambda entry: str(entry.order.referring_physician)),
    0x00081110: Nested({}, _nothing),  # Referenced Study Sequence
    0x00081120: Nested({}, _nothing),  # Referenced Patient Sequence
    0x00100010: Leaf("PN", lambda entry: str(entry.order.patient.name) or UNKNOWN),
    0x00100020: Leaf("LO", lambda entry: entry.order.patient.patient_id.value or UNKNOWN),
    0x00100021: Leaf("LO", lambda entry: entry.order.patient.patient_id.issuer),
    0x00100030: Leaf("DA", lambda entry: _da(entry.order.patient.birth_date)),
    0x00100032: Leaf("TM", _empty),  # Patient's Birth Time
    0x00100040: Leaf("CS", lambda entry: entry.order.patient.sex),
    0x00100101: Nested({}, _nothing),  # Patient's Primary Language Code Sequence
    0x00101000: Leaf("LO", lambda entry: "\\".join(other.value for other in _other_ids(entry)), several=True),
    0x00101002: Nested(OTHER_ID, _other_ids),
    0x00101010: Leaf("AS", _empty),  # Patient's Age
    0x00101020: Leaf("DS", _empty),  # Patient's Size
    0x00101030: Leaf("DS", _empty),  # Patient's Weight
    0x00101040: Leaf("LO", _empty),  # Patient's Address
    0x00102000: Leaf("LO", lambda entry: entry.order.medical_alerts),
    0x00102110: Leaf("LO", _empty),  # Allergies
    0x00102154: Leaf("SH", _empty),  # Patient's Telephone Numbers
    0x00102160: Leaf("SH", _empty),  # Ethnic Group
    0x00102180: Leaf("SH", _empty),  # Occupation
    0x001021A0: Leaf("CS", _empty),  # Smoking Status
    0x001021B0: Leaf("LT", _empty),  # Additional Patient History
    0x001021C0: Leaf("US", lambda entry: entry.order.pregnancy_status),
    0x001021D0: Leaf("DA", _empty),  # Last Menstrual Date
    0x001021F0: Leaf("LO", _empty),  # Patient's Religious Preference
    0x00104000: Leaf("LT", _empty),  # Patient Comments
    0x0020000D: Leaf("UI", lambda entry: study_uid(entry.order)),
    0x00321032: Leaf("PN", lambda entry: str(entry.order.requesting_physician)),
    0x00321033: Leaf("LO", _empty),  # Requesting Service
    0x00321060: Leaf("LO", lambda entry: procedure_description(entry.order) or step_description(entry)),
    0x00321064: _coded(lambda entry: entry.order.requested_procedure_code),
    0x00380004: Nested({}, _nothing),  # Referenced Patient Alias Sequence
    0x00380008: Leaf("CS", _empty),  # Visit Status ID
    0x00380010: Leaf("LO", lambda entry: entry.order.visit.number),
    0x00380014: Nested(ISSUER, _issuer_of_admission),
    0x00380050: Leaf("LO", _empty),  # Special Needs
    0x00380300: Leaf("LO", lambda entry: entry.order.visit.location),
    0x00380400: Leaf("LO", _empty),  # Patient's Institution Residence
    0x00380500: Leaf("LO", lambda entry: entry.order.patient_state),
    SCHEDULED_PROCEDURE_STEP_SEQUENCE: Nested(STEP, lambda entry: [entry], whole=False),
    0x00401001: Leaf("SH", lambda entry: requested_procedure_id(entry.order)),
    0x00401002: Leaf("LO", lambda entry: entry.order.reason),
    0x00401003: Leaf("SH", lambda entry: entry.order.priority),
    0x00401004: Leaf("LO", lambda entry: entry.order.patient_transport),
    0x00401005: Leaf("LO", _empty),  # Requested Procedure Location
    0x00401008: Leaf("LO", _empty),  # Confidentiality Code
    0x00401009: Leaf("SH", _empty),  # Reporting Priority
    0x0040100A: Nested({}, _nothing),  # Reason for Requested Procedure Code Sequence
    0x00401010: Leaf("PN", _empty),  # Names of Intended Recipients of Results
    0x00401400: Leaf("LT", _empty),  # Requested Procedure Comments
    0x00402004: Leaf("DA", _empty),  # Issue Date of Imaging Service Request
    0x00402005: Leaf("TM", _empty),
    0x00402008: Leaf("PN", _empty),  # Order Entered By
    0x00402009: Leaf("SH", _empty),  # Order Enterer's Location
    0x00402010: Leaf("SH", _empty),  # Order Callback Phone Number
    0x00402016: Leaf("LO", lambda entry: entry.order.placer_order_number),
    0x00402017: Leaf("LO", lambda entry: entry.order.filler_order_number),
    0x00402400: Leaf("LT", _empty),  # Imaging Service Request Comments
    0x00403001: Leaf("LO", _empty),  # Confidentiality Constraint on Patient Data Description
}
