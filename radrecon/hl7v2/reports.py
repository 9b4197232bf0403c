"""ORU^R01 (chapter 7) → one report version per OBR.

A version is what the sender said at that moment: P, F, C, A. `U` means final with the text *not* sent again, so an
empty text is flagged and never means that the report became empty.
"""

from __future__ import annotations

from collections.abc import Sequence

from radrecon.hl7v2 import patient as pid_group
from radrecon.hl7v2 import values
from radrecon.hl7v2.reader import NULL, Message, Segment
from radrecon.hl7v2.rules import USUAL, SenderRules, first_value, paths_for
from radrecon.model.errors import ContentError
from radrecon.model.order import ReportVersion
from radrecon.model.patient import Demographics

_TEXT_TYPES = ("TX", "FT", "ST", "")
_WITHDRAWN = {"D": "deleted", "W": "wrong_patient"}
_STUDY_UID_CODES = ("110180", "113014", "StudyInstanceUID", "Study Instance UID")
_FORMATTING = ("\\H\\", "\\N\\", "\\.ce\\", "\\.fi\\", "\\.nf\\")


def read_reports(message: Message, rules: SenderRules = USUAL) -> list[ReportVersion]:
    """Every result. Flags: text_not_sent, deleted, wrong_patient, embedded_document, and those of the identity."""
    patient = pid_group.demographics(message.first("PID"), rules)
    groups = _groups(message)
    if not groups:
        raise ContentError("there is no result in the message", "OBR")
    remarks = pid_group.flags(message, patient)
    return [_version(message, group, patient, remarks, rules) for group in groups]


def _groups(message: Message) -> list[list[Segment]]:
    """A run per OBR, with the ORC that stands before it."""
    runs: list[list[Segment]] = []
    order: Segment | None = None
    for segment in message.segments:
        if segment.name == "ORC":
            order = segment
        elif segment.name == "OBR":
            runs.append([order, segment] if order else [segment])
            order = None
        elif runs:
            runs[-1].append(segment)
    return runs


def _version(
    message: Message, group: Sequence[Segment], patient: Demographics, remarks: tuple[str, ...], rules: SenderRules
) -> ReportVersion:
    segments = {segment.name: segment for segment in reversed(group)}
    if (zds := message.first("ZDS")) and len(message.all("OBR")) == 1:
        segments.setdefault("ZDS", zds)
    results = [segment for segment in group if segment.name == "OBX"]
    text = report_text(results)
    return ReportVersion(
        accession_number=first_value(segments, paths_for(message.message_type, rules))[0],
        placer_order_number=first_value(segments, ("ORC-2.1", "OBR-2.1"))[0],
        filler_order_number=first_value(segments, ("ORC-3.1", "OBR-3.1"))[0],
        study_instance_uid=first_value(segments, ("ZDS-1.1",))[0] or _study_uid(results),
        status=_status(segments["OBR"], results),
        text=text,
        observed=_observed(segments),
        patient=patient,
        flags=remarks + _remarks(results, text),
    )


def _status(obr: Segment, results: Sequence[Segment]) -> str:
    """OBR-25, else the results' own OBX-11; a correction or withdrawal in the results outweighs a final OBR."""
    stated = obr.get("25").upper()
    each = [result.get("11").upper() for result in results if result.get("11")]
    if each and set(each) <= set(_WITHDRAWN):
        return each[0]
    if "C" in each and stated in ("", "F"):
        return "C"
    return stated or next((one for one in each if one != "U"), "F" if each else "")


def report_text(results: Sequence[Segment]) -> str:
    """The textual results as one text: a line per OBX and repetition; withdrawn ones are left out."""
    lines = [
        _line(field.whole())
        for result in results
        if result.get("2").upper() in _TEXT_TYPES and result.get("11").upper() not in _WITHDRAWN
        for field in result.repeats(5)
        if not field.null
    ]
    return "\n".join(lines).strip("\n")


def _line(text: str) -> str:
    """FT text without its marks for bold type and layout (2.7.6)."""
    for mark in _FORMATTING:
        text = text.replace(mark, "")
    return text.rstrip()


def _remarks(results: Sequence[Segment], text: str) -> tuple[str, ...]:
    statuses = {result.get("11").upper() for result in results}
    found = [("text_not_sent", not text)]
    found += [(name, status in statuses) for status, name in _WITHDRAWN.items()]
    found += [("embedded_document", any(result.get("2").upper() in ("ED", "RP") for result in results))]
    return tuple(name for name, true in found if true)


def _study_uid(results: Sequence[Segment]) -> str:
    """A Study Instance UID that is sent as a result (RAD-28)."""
    for result in results:
        if result.get("3.1") in _STUDY_UID_CODES or result.get("3.2") in _STUDY_UID_CODES:
            value = result.get("5")
            return "" if value == NULL else value
    return ""


def _observed(segments: dict[str, Segment]) -> str:
    """When the result was reported or its status changed (OBR-22), else OBX-14, else OBR-7."""
    texts = (first_value(segments, (path,))[0] for path in ("OBR-22", "OBX-14", "OBR-7"))
    return next((values.iso(point) for point in map(values.when, texts) if point), "")
