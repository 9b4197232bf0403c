"""Texts of a plan → DICOM elements, within the limits of their value representation (PS3.5 6.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydicom import config
from pydicom.datadict import dictionary_VM, dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from radrecon.model.errors import Refused, Trouble

# lengths are in characters, for PN in each of its groups
LIMITS = {"AE": 16, "CS": 16, "IS": 12, "LO": 64, "LT": 10240, "PN": 64, "SH": 16, "ST": 1024, "UI": 64}
LONG_TEXT = {"LT", "ST", "UT"}
NEVER_EDITED = {
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SOPInstanceUID",
    "SOPClassUID",
    "InstanceCreationDate",
    "InstanceCreationTime",
}
# SR and key object documents name their requests here instead of in Request Attributes Sequence (PS3.3 C.17.2)
DOCUMENTS = "1.2.840.10008.5.1.4.1.1.88."
DOCUMENT_REQUEST = ("RequestedProcedureID", "RequestedProcedureDescription")


def element(keyword: str, value: str) -> DataElement:
    """One attribute. Raises Trouble for a text that the attribute cannot hold, Refused for one that is never edited."""
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise Trouble(f"there is no DICOM attribute {keyword}")
    if keyword in NEVER_EDITED:
        raise Refused(f"{keyword} is never edited in place")
    vr = dictionary_VR(tag)
    if vr == "SQ":
        raise Trouble(f"{keyword} is a sequence and takes no text")
    values = value.split("\\") if dictionary_VM(tag) != "1" else [value]
    for one in values:
        check(keyword, vr, one)
    return DataElement(tag, vr, values if len(values) > 1 else values[0], validation_mode=config.IGNORE)


def check(keyword: str, vr: str, value: str) -> None:
    """Raise Trouble where a value breaks its VR's rules."""
    groups = value.split("=") if vr == "PN" else [value]
    if any(len(group) > LIMITS.get(vr, 1 << 31) for group in groups) or len(groups) > 3:
        raise Trouble(f"{keyword} holds at most {LIMITS.get(vr, 64)} characters")
    if vr not in LONG_TEXT and ("\\" in value or any(ord(letter) < 32 for letter in value)):
        raise Trouble(f"{keyword} cannot hold a backslash or a control character")
    if vr == "DA" and value and not _is_date(value):
        raise Trouble(f"{keyword} wants a date such as 19600517")


def items(keyword: str, texts: Sequence[Mapping[str, str]]) -> DataElement:
    """A sequence of flat items."""
    return DataElement(tag_for_keyword(keyword) or 0, "SQ", Items([_item(one) for one in texts]))


def requests(dataset: Dataset, texts: Sequence[Mapping[str, str]], accession_number: str) -> DataElement:
    """The requests that an instance answers, in the sequence that belongs to its kind."""
    if not is_document(dataset):
        return items("RequestAttributesSequence", texts)
    return items("ReferencedRequestSequence", [_document_request(dataset, one, accession_number) for one in texts])


def is_document(dataset: Dataset) -> bool:
    return str(dataset.get("SOPClassUID", "")).startswith(DOCUMENTS)


def _item(texts: Mapping[str, str]) -> Dataset:
    item = Dataset()
    for keyword, value in texts.items():
        item.add(_nested(keyword, value))
    return item


def _nested(keyword: str, value: str) -> DataElement:
    """In an item a Study UID is a reference, not the instance's own."""
    if keyword == "StudyInstanceUID":
        return DataElement(keyword, "UI", value, validation_mode=config.IGNORE)
    if dictionary_VR(tag_for_keyword(keyword) or 0x00080005) == "SQ" and not value:
        return DataElement(keyword, "SQ", Items())
    return element(keyword, value)


def _document_request(dataset: Dataset, texts: Mapping[str, str], accession_number: str) -> dict[str, str]:
    """Type 2 attributes stay empty where the plan does not name them."""
    kept = {keyword: texts.get(keyword, "") for keyword in DOCUMENT_REQUEST}
    empty = dict.fromkeys(("ReferencedStudySequence", "RequestedProcedureCodeSequence"), "")
    orders = dict.fromkeys(("PlacerOrderNumberImagingServiceRequest", "FillerOrderNumberImagingServiceRequest"), "")
    study = texts.get("StudyInstanceUID") or str(dataset.get("StudyInstanceUID", ""))
    accession = texts.get("AccessionNumber", accession_number)
    return {"StudyInstanceUID": study, "AccessionNumber": accession} | kept | empty | orders


def _is_date(value: str) -> bool:
    try:
        return len(value) == 8 and bool(datetime.strptime(value, "%Y%m%d"))  # noqa: DTZ007
    except ValueError:
        return False
