"""Answers of QIDO-RS → datasets (PS3.18 8.3.4 and annex F, the DICOM JSON model).

Every value becomes text, as it stands: what an archive holds against its VR must be seen on the desk, not lost here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydicom import config
from pydicom.datadict import keyword_for_tag, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

PN_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


def dataset(answer: Any, keywords: Sequence[str]) -> Dataset:
    """The attributes named, of one answer; what is missing or no DICOM JSON is left out. Never raises."""
    found = Dataset()
    for keyword in keywords:
        tag = tag_for_keyword(keyword)
        element = answer.get(f"{tag:08X}") if isinstance(answer, dict) and tag is not None else None
        if isinstance(element, dict) and element.get("vr") == "SQ":
            if items := _items(element):
                setattr(found, keyword, items)
            continue
        values = list(_texts(element))
        if tag is not None and values:
            vr = "PN" if isinstance(element, dict) and element.get("vr") == "PN" else "LO"
            value = values if len(values) > 1 else values[0]
            found.add(DataElement(tag, vr, value, validation_mode=config.IGNORE))
    return found


def _items(element: dict[str, Any]) -> list[Dataset]:
    """A sequence's items with whatever text they hold."""
    values = element.get("Value")
    items = [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []
    return [dataset(one, [keyword for tag in one if (keyword := keyword_for_tag(tag))]) for one in items]


def _texts(element: Any) -> Iterator[str]:
    values = element.get("Value") if isinstance(element, dict) else None
    for value in values if isinstance(values, list) else ():
        if isinstance(value, dict):
            groups = [str(value.get(group) or "") for group in PN_GROUPS]
            yield "=".join(groups).rstrip("=")
        elif isinstance(value, float) and value.is_integer():
            yield str(int(value))
        elif isinstance(value, (str, int, float)):
            yield str(value)
