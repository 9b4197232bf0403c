"""The patient block and DICOM's dates ↔ the model's values (PS3.5 6.2, PS3.3 C.2.1–C.2.3).

Reading never raises: what a modality or a person mistyped must be seen on the desk, not lost on the way there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.valuerep import CUSTOMIZABLE_CHARSET_VR

from radrecon.dicom.charset import decode, without_escape
from radrecon.dicom.elements import usual_vr
from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics, PatientId

SEXES = {"M", "F", "O"}
ASCII = "iso8859"  # the library's codec for ISO_IR 6 and for no character set at all
TIME_FORMATS = {2: ("%H", "%H"), 4: ("%H%M", "%H:%M"), 6: ("%H%M%S", "%H:%M:%S")}


def text(dataset: Dataset, keyword: str) -> str:
    """An attribute as text, several values joined by a backslash; "" if absent, empty or not to be read.

    Padding is stripped, and NULs go wherever they stand: not every database takes them.
    """
    value = _value(dataset, keyword)
    if value is None:
        return ""
    values = value if isinstance(value, (MultiValue, list)) else [value]
    return "\\".join(_storable(str(one)).strip(" ") for one in values)


def _storable(value: str) -> str:
    """Also without halves of UTF-16 pairs, which JSON of a careless server holds."""
    return without_escape(value).replace("\0", "").encode("utf-8", "ignore").decode()


def items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; none if it is absent or not to be read."""
    found = _value(dataset, keyword)
    return [one for one in found if isinstance(one, (Dataset, dict))] if isinstance(found, (Sequence, list)) else []


def _value(dataset: Dataset, keyword: str) -> Any:
    try:
        raw = astray(dataset, tag_for_keyword(keyword) or 0)
        return decode(raw, ()).split("\\") if raw else dataset.get(keyword)
    except Exception:  # pydicom reads on here, and what it meets is a peer's
        return None


def astray(dataset: Dataset, tag: int) -> bytes:
    """The bytes of a text that does not fit its declared character set, before anybody has converted it; else b""."""
    element = dataset.get_item(tag) if isinstance(dataset, Dataset) else None
    if not isinstance(element, RawDataElement) or not isinstance(element.value, bytes) or element.value.isascii():
        return b""
    is_text = (element.VR or usual_vr(element.tag)) in CUSTOMIZABLE_CHARSET_VR
    return element.value if is_text and not _fits(element.value, dataset.original_character_set) else b""


def _fits(raw: bytes, codecs: str | list[str]) -> bool:
    """By the first set; code extensions are left to the library. `codecs`: an item has those of what it is in."""
    first = codecs if isinstance(codecs, str) else codecs[0]
    if not first or b"\x1b" in raw:
        return True
    try:
        raw.decode("ascii" if first == ASCII else first)
    except UnicodeError:
        return False
    return True


def person_name(dataset: Dataset, keyword: str) -> PersonName:
    """A PN; of several values the first."""
    return PersonName.parse(text(dataset, keyword).split("\\")[0])


def iso_date(da: str) -> str:
    """`19600517` (or ACR-NEMA's `1960.05.17`) → `1960-05-17`; text that is no date comes back as it was."""
    digits = da.strip().replace(".", "")
    try:
        return datetime.strptime(digits, "%Y%m%d").date().isoformat() if len(digits) == 8 else da.strip()  # noqa: DTZ007
    except ValueError:
        return da.strip()


def dicom_date(iso: str) -> str:
    """`1960-05-17` → `19600517`; "" for a date that is partial or none, which DA cannot hold."""
    digits = iso.replace("-", "")
    return digits if iso_date(digits) != digits else ""


def iso_date_time(da: str, tm: str) -> str:
    """DA and TM → ISO wall clock as precise as given; "" without a date, the date alone without a readable time."""
    day = iso_date(da)
    if day == da.strip():
        return ""
    clock = tm.strip().replace(":", "").split(".")[0]
    reading, writing = TIME_FORMATS.get(len(clock), ("", ""))
    try:
        return f"{day}T{datetime.strptime(clock, reading).strftime(writing)}" if reading else day  # noqa: DTZ007
    except ValueError:
        return day


def demographics(dataset: Dataset) -> Demographics:
    """The identity block of an image, a C-FIND answer or a worklist entry."""
    sex = text(dataset, "PatientSex").upper()
    return Demographics(
        PatientId(text(dataset, "PatientID"), text(dataset, "IssuerOfPatientID")),
        person_name(dataset, "PatientName"),
        iso_date(text(dataset, "PatientBirthDate")),
        sex if sex in SEXES else "",
        tuple(dict.fromkeys(_other_ids(dataset))),
    )


def identity_values(patient: Demographics) -> dict[str, str]:
    """The identity block as keyword → DICOM text, taken whole."""
    return {
        "PatientID": patient.patient_id.value,
        "IssuerOfPatientID": patient.patient_id.issuer,
        "PatientName": str(patient.name),
        "PatientBirthDate": dicom_date(patient.birth_date),
        "PatientSex": patient.sex,
    }


def _other_ids(dataset: Dataset) -> Iterator[PatientId]:
    for item in items(dataset, "OtherPatientIDsSequence"):
        if value := text(item, "PatientID"):
            yield PatientId(value, text(item, "IssuerOfPatientID"))
    for value in text(dataset, "OtherPatientIDs").split("\\"):
        if value:
            yield PatientId(value)
