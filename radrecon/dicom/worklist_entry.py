"""A worklist answer of another system → entries (PS3.4 K.6.1.2.2). Reading never raises: what is wrong is flagged.

Values are taken as the bytes that came: the library's own conversion warns or raises where a RIS is careless, and shows
nothing then. Text is decoded as a modality decodes it, by what the answer declares.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pydicom.charset import python_encoding
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from radrecon.dicom.charset import decode, terms
from radrecon.dicom.identity import SEXES, iso_date, iso_date_time
from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.ris_worklist import WorklistEntry

LONGEST = 256  # characters kept of a value; the longest that PS3.5 allows here is 5 × 64
MANY_STEPS = 32
ASCII = dict.fromkeys(("ISO_IR 6", "ISO 2022 IR 6"), "ascii")  # to the library they are Latin-1
_UID = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def entries(answer: Dataset) -> tuple[WorklistEntry, ...]:
    """One per scheduled step: the standard has one in each answer; a RIS that sends several, or none, is read too."""
    reading = _Reading(answer)
    steps = reading.items("ScheduledProcedureStepSequence")[:MANY_STEPS]
    if not steps:
        reading.flag("the answer has no scheduled procedure step")
        return (_entry(reading, _Reading(Dataset())),)
    return tuple(_entry(reading, _Reading(step, reading)) for step in steps)


def _entry(top: _Reading, step: _Reading) -> WorklistEntry:
    issuer = next((_Reading(item, top) for item in top.items("IssuerOfAccessionNumberSequence")), None)
    uid = top.text("StudyInstanceUID")
    if uid and (len(uid) > 64 or not _UID.fullmatch(uid)):
        top.flag("the Study Instance UID is none")
    found = WorklistEntry(
        accession_number=top.text("AccessionNumber"),
        issuer_of_accession=issuer.text("LocalNamespaceEntityID") if issuer else "",
        placer_order_number=top.text("PlacerOrderNumberImagingServiceRequest"),
        filler_order_number=top.text("FillerOrderNumberImagingServiceRequest"),
        requested_procedure_id=top.text("RequestedProcedureID"),
        requested_procedure_description=top.text("RequestedProcedureDescription"),
        scheduled_procedure_step_id=step.text("ScheduledProcedureStepID"),
        step_description=step.text("ScheduledProcedureStepDescription"),
        station_ae_title=step.text("ScheduledStationAETitle"),
        station_name=step.text("ScheduledStationName"),
        modality=step.text("Modality").upper(),
        start=iso_date_time(step.text("ScheduledProcedureStepStartDate"), step.text("ScheduledProcedureStepStartTime")),
        study_instance_uid=uid,
        patient=_patient(top),
        charset="\\".join(top.declared),
    )
    return replace(found, flags=tuple(dict.fromkeys((*top.flags, *step.flags))))


def _patient(top: _Reading) -> Demographics:
    sex = top.text("PatientSex").upper()
    patient_id = PatientId(top.text("PatientID"), top.text("IssuerOfPatientID"))
    if not patient_id:
        top.flag("the answer has no patient id")
    return Demographics(
        patient_id,
        PersonName.parse(top.text("PatientName")),
        iso_date(top.text("PatientBirthDate")),
        sex if sex in SEXES else "",
    )


class _Reading:
    """One dataset being read; an item without a character set of its own has that of what it is in."""

    def __init__(self, dataset: Dataset, within: _Reading | None = None) -> None:
        self._dataset = dataset
        self.flags: list[str] = []
        raw = self._raw("SpecificCharacterSet")
        own = terms(raw if isinstance(raw, bytes) else raw.encode("ascii", "replace"))
        self.declared: tuple[str, ...] = own or (within.declared if within else ())
        if raw and not own:
            self.flag("the character set that the answer declares is not known")

    def flag(self, words: str) -> None:
        self.flags.append(words)

    def text(self, keyword: str) -> str:
        """The first value, decoded, without padding and control characters."""
        raw = self._raw(keyword)
        whole = self._decoded(raw) if isinstance(raw, bytes) else raw
        return _UNSEEN.sub("", whole.split("\\")[0]).strip()[:LONGEST]

    def _decoded(self, raw: bytes) -> str:
        if not raw.isascii():
            self._check(raw)
        return decode(raw, self.declared)

    def _check(self, raw: bytes) -> None:
        """What a modality would show as garbage, and why."""
        if not self.declared:
            self.flag("letters beyond ASCII, and no character set declared")
        elif b"\x1b" not in raw and not _reads(raw, ASCII.get(self.declared[0]) or python_encoding[self.declared[0]]):
            self.flag(f"text does not fit the declared character set {self.declared[0]}")
        elif self.declared[0] == "ISO_IR 100" and _reads(raw, "utf-8"):
            self.flag("declared ISO_IR 100, but reads like UTF-8")

    def _raw(self, keyword: str) -> bytes | str:
        """Bytes as they came; text where the element was converted already."""
        try:
            element = self._dataset.get_item(tag_for_keyword(keyword) or 0)
            value = element.value if element is not None else None
        except Exception:  # pydicom reads on here, and what it meets is a peer's
            return self._unreadable(keyword)
        if isinstance(element, RawDataElement):
            return value if isinstance(value, bytes) else b""
        values = value if isinstance(value, (list, tuple, MultiValue)) else () if value is None else (value,)
        return "\\".join(str(one) for one in values)

    def items(self, keyword: str) -> list[Dataset]:
        try:
            element = self._dataset.get(tag_for_keyword(keyword) or 0)
            found = [one for one in (element.value or ()) if isinstance(one, Dataset)] if element is not None else []
        except Exception:  # a sequence that is none
            self._unreadable(keyword)
            return []
        return found

    def _unreadable(self, keyword: str) -> str:
        self.flag(f"{keyword} cannot be read")
        return ""


def _reads(raw: bytes, codec: str) -> bool:
    try:
        raw.decode(codec)
    except (UnicodeError, LookupError):
        return False
    return True
