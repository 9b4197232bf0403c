"""Modality Worklist identifiers → queries (PS3.4 K.6.1.2, C.2.2.2). Nothing that a modality sends makes this raise.

A key that cannot be used is ignored, not refused: its path goes into `unsupported`, which makes the pending answers
say FF01. The worst that a strange key does is a longer list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydicom.datadict import keyword_for_tag

from radrecon.dicom import charset
from radrecon.dicom.elements import Element, Item
from radrecon.dicom.ranges import WHOLE_DAY, date_range, is_range, time_range
from radrecon.dicom.worklist_attributes import ORDER, SCHEDULED_PROCEDURE_STEP_SEQUENCE, Leaf, Nested

Values = tuple[str, ...]
SPECIFIC_CHARACTER_SET = 0x00080005
START_DATE, START_TIME = 0x00400002, 0x00400003
LONGEST_TEXT, LONGEST_NAME, LONGEST_CODE = 64, 3 * 64 + 2, 16
NAMES = frozenset(("patient_name", "performing_physician"))
LONGEST = dict.fromkeys(NAMES, LONGEST_NAME)
LONGEST |= dict.fromkeys(("modality", "station_ae_title", "status"), LONGEST_CODE)
# identifiers of 16 characters by the standard are longer at many sites, and are found by what they are
UID = re.compile(r"[0-9.]{1,64}")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

ORDER_KEYS = {
    0x00080050: "accession_number",
    0x00100010: "patient_name",
    0x00100020: "patient_id",
    0x0020000D: "study_instance_uid",
    0x00401001: "requested_procedure_id",
}
STEP_KEYS = {
    0x00080060: "modality",
    0x00400001: "station_ae_title",
    0x00400006: "performing_physician",
    0x00400009: "scheduled_procedure_step_id",
    0x00400010: "station_name",
    0x00400011: "location",
    0x00400020: "status",
}


@dataclass(frozen=True)
class WorklistQuery:
    """What is asked. Of several values of a key any may match; no value at all matches everything.

    `date_from` … `time_to` are ISO texts, "" is an open end. `combined`: date and time both are ranges, which then is
    one period (the 5th 22:00 until the 6th 06:00). `asked` are the return keys, `unsupported` the paths of keys that
    were ignored, `keys` what was typed, for people; `charset` the character set's terms.
    """

    patient_id: Values = ()
    patient_name: Values = ()
    accession_number: Values = ()
    requested_procedure_id: Values = ()
    study_instance_uid: Values = ()
    modality: Values = ()
    station_ae_title: Values = ()
    station_name: Values = ()
    location: Values = ()
    performing_physician: Values = ()
    scheduled_procedure_step_id: Values = ()
    status: Values = ()
    date_from: str = ""
    date_to: str = ""
    time_from: str = ""
    time_to: str = ""
    combined: bool = False
    asked: Item = field(default_factory=dict, hash=False)
    unsupported: Values = ()
    keys: dict[str, str] = field(default_factory=dict, hash=False)
    charset: Values = ()


CRITERIA = ("patient_id", "patient_name", "accession_number", "requested_procedure_id", "study_instance_uid",
            "modality", "station_ae_title", "station_name", "location", "performing_physician",
            "scheduled_procedure_step_id", "status")  # fmt: skip
PERIOD = ("date_from", "date_to", "time_from", "time_to")


def criteria(query: WorklistQuery) -> dict[str, Any]:
    """What a query matches by, for keeping it; `from_criteria` makes it again."""
    kept: dict[str, Any] = {name: list(values) for name in CRITERIA if (values := getattr(query, name))}
    kept |= {name: value for name in PERIOD if (value := getattr(query, name))}
    return kept | ({"combined": True} if query.combined else {})


def from_criteria(kept: Mapping[str, Any]) -> WorklistQuery:
    """The query that was kept; what is not known here is left out."""
    values: dict[str, Any] = {name: tuple(map(str, kept[name])) for name in CRITERIA if kept.get(name)}
    values |= {name: str(kept[name]) for name in PERIOD if kept.get(name)}
    return WorklistQuery(**values, combined=bool(kept.get("combined")))


@dataclass(frozen=True)
class Narrow:
    """Exact values that a store may select by without losing a match; "" and () do not restrict."""

    patient_id: str = ""
    accession_number: str = ""
    ae: str = ""
    modalities: Values = ()
    date_from: str = ""
    date_to: str = ""


def narrow(query: WorklistQuery) -> Narrow:
    modalities = tuple(value.upper() for value in query.modality)
    return Narrow(
        _exact(query.patient_id),
        _exact(query.accession_number),
        _exact(query.station_ae_title),
        () if any(map(_is_wild, modalities)) else modalities,
        query.date_from,
        query.date_to,
    )


def read_query(identifier: Item) -> WorklistQuery:
    """An identifier as it came → the query that it is."""
    declared = charset.terms(identifier.get(SPECIFIC_CHARACTER_SET, Element("CS")).value)
    reading = _Reading(declared)
    reading.level(identifier, ORDER_KEYS, ORDER, "")
    return WorklistQuery(
        **reading.values,
        **reading.period(),
        asked=identifier,
        unsupported=tuple(dict.fromkeys(reading.unsupported)),
        keys=reading.keys,
        charset=declared,
    )


class _Reading:
    """What has been found while an identifier is gone through."""

    def __init__(self, declared: Values) -> None:
        self._declared = declared
        self._start: dict[int, str] = {}
        self.values: dict[str, Any] = {}
        self.unsupported: list[str] = []
        self.keys: dict[str, str] = {}

    def level(self, item: Item, keys: Mapping[int, str], known: Mapping[int, Leaf | Nested], path: str) -> None:
        """One level of the identifier: the order's, or the scheduled procedure step's."""
        for tag, element in item.items():
            if tag & 0xFFFF == 0 or tag == SPECIFIC_CHARACTER_SET:
                continue
            where = path + keyword(tag)
            if tag == SCHEDULED_PROCEDURE_STEP_SEQUENCE and known is ORDER:
                self._step(element, where)
            elif element.vr == "SQ":
                self._sequence(element, where, isinstance(known.get(tag), Nested))
            else:
                self._leaf(tag, element, keys, where, isinstance(known.get(tag), Leaf))

    def period(self) -> dict[str, Any]:
        """Start date and time; a range of times that covers the day restricts nothing."""
        days = self._range(START_DATE, date_range)
        times = self._range(START_TIME, time_range)
        if (times[0] or WHOLE_DAY[0]) <= WHOLE_DAY[0] and (times[1] or WHOLE_DAY[1]) >= WHOLE_DAY[1]:
            times = ("", "")
        combined = days != ("", "") and times != ("", "") and all(map(is_range, self._start.values()))
        if times[0] and times[1] and times[0] > times[1] and (not combined or days[0] == days[1]):
            self._ignore(STEP_PATH + keyword(START_TIME))
            times, combined = ("", ""), False
        return dict(zip(("date_from", "date_to", "time_from", "time_to"), days + times, strict=True), combined=combined)

    def _range(self, tag: int, read: Callable[[str], tuple[str, str] | None]) -> tuple[str, str]:
        text = self._start.get(tag, "")
        found = read(text) if text else ("", "")
        if found is None:
            self._ignore(STEP_PATH + keyword(tag))
            del self._start[tag]
        return found or ("", "")

    def _step(self, element: Element, where: str) -> None:
        if element.value.strip(b" \0") or len(element.items) > 1:
            self._ignore(where)
        if element.items:
            self.level(element.items[0], STEP_KEYS, STEP_KNOWN, where + ".")

    def _sequence(self, element: Element, where: str, known: bool) -> None:
        """No other sequence is matched on: what is asked of its items comes back, values in it are ignored."""
        for path, text in self._texts(element, where):
            self.keys[path.rpartition(".")[2]] = text
            self._ignore(path)
        if not known:
            self._ignore(where)

    def _texts(self, element: Element, where: str) -> Iterator[tuple[str, str]]:
        for item in element.items:
            for tag, nested in item.items():
                path = f"{where}.{keyword(tag)}"
                if text := self._text(nested):
                    yield path, text
                yield from self._texts(nested, path)

    def _leaf(self, tag: int, element: Element, keys: Mapping[int, str], where: str, known: bool) -> None:
        text = self._text(element)
        if text:
            self.keys[keyword(tag)] = text
        if keys is STEP_KEYS and tag in (START_DATE, START_TIME):
            self._start |= {tag: text} if text else {}
        elif tag in keys:
            self._matching(keys[tag], text, where)
        elif text.strip("*") or not known:
            self._ignore(where)

    def _matching(self, name: str, text: str, where: str) -> None:
        found = [value.strip() for value in text.split("\\")]
        found = [value for value in found if value]
        if all(_is_well_formed(name, value) for value in found):
            # of several values one that matches everything makes the whole key do so
            self.values[name] = () if any(_takes_all(name, value) for value in found) else tuple(found)
        else:
            self._ignore(where)

    def _text(self, element: Element) -> str:
        return charset.decode(element.value, self._declared).strip(" \0") if element.value else ""

    def _ignore(self, where: str) -> None:
        self.unsupported.append(where)


STEP_PATH = "ScheduledProcedureStepSequence."
STEP_KNOWN = getattr(ORDER[SCHEDULED_PROCEDURE_STEP_SEQUENCE], "children", {})


def keyword(tag: int) -> str:
    """The attribute's keyword; (gggg,eeee) for one that has none."""
    return str(keyword_for_tag(tag)) or f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _is_well_formed(name: str, value: str) -> bool:
    if name == "study_instance_uid":
        return UID.fullmatch(value) is not None or not value.strip("*")
    return len(value) <= LONGEST.get(name, LONGEST_TEXT) and not CONTROL.search(value)


def _takes_all(name: str, value: str) -> bool:
    """`*`; of a name also empty components, `^^^^` or `*^*`: the empty fields of a console (PS3.5 6.2.1)."""
    return not value.strip("*^=, " if name in NAMES else "*")


def _is_wild(value: str) -> bool:
    return "*" in value or "?" in value


def _exact(values: Values) -> str:
    return values[0] if len(values) == 1 and not _is_wild(values[0]) else ""
