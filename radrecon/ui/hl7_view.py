"""An HL7 message as fields for reading: segment by segment with the fields' names (HL7 v2.5.1 chapters 2, 3, 4, 7).

Only for showing. Delimiters are the message's own (MSH-1, MSH-2); nothing is decoded, so that what is shown is what
is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NAMES: dict[str, dict[int, str]] = {
    "MSH": {
        1: "Field separator", 2: "Encoding characters", 3: "Sending application", 4: "Sending facility",
        5: "Receiving application", 6: "Receiving facility", 7: "Date/time of message", 9: "Message type",
        10: "Message control id", 11: "Processing id", 12: "Version id", 15: "Accept ack type",
        16: "Application ack type", 18: "Character set",
    },
    "EVN": {1: "Event type", 2: "Recorded date/time", 4: "Event reason", 5: "Operator", 6: "Event occurred"},
    "PID": {
        1: "Set id", 2: "Patient id (old)", 3: "Patient identifier list", 4: "Alternate patient id", 5: "Patient name",
        6: "Mother's maiden name", 7: "Date of birth", 8: "Sex", 9: "Alias", 11: "Address", 13: "Phone",
        18: "Account number",
    },
    "PV1": {
        1: "Set id", 2: "Patient class", 3: "Assigned location", 7: "Attending doctor", 8: "Referring doctor",
        15: "Ambulatory status", 16: "VIP indicator", 19: "Visit number", 44: "Admitted", 45: "Discharged",
    },
    "MRG": {1: "Prior patient id", 3: "Prior account number", 4: "Prior patient id (old)", 7: "Prior patient name"},
    "ORC": {
        1: "Order control", 2: "Placer order number", 3: "Filler order number", 5: "Order status", 7: "Quantity/timing",
        9: "Transaction date/time", 12: "Ordering provider",
    },
    "OBR": {
        1: "Set id", 2: "Placer order number", 3: "Filler order number", 4: "Universal service id", 7: "Observed",
        13: "Relevant clinical information", 16: "Ordering provider", 18: "Placer field 1 (accession)",
        19: "Placer field 2 (requested procedure id)", 20: "Filler field 1 (step id)", 24: "Modality",
        25: "Result status", 27: "Quantity/timing", 30: "Transport mode", 31: "Reason for study",
        34: "Technician", 36: "Scheduled", 44: "Procedure code",
    },
    "OBX": {1: "Set id", 2: "Value type", 3: "Observation id", 5: "Observation value", 11: "Result status"},
    "IPC": {
        1: "Accession", 2: "Requested procedure id", 3: "Study instance UID", 4: "Scheduled procedure step id",
        5: "Modality", 6: "Protocol code", 7: "Station name", 8: "Location", 9: "Station AE title",
    },
    "TQ1": {1: "Set id", 7: "Start", 9: "Priority"},
    "ZDS": {1: "Study instance UID"},
    "MSA": {1: "Acknowledgment code", 2: "Message control id", 3: "Text"},
    "ERR": {2: "Error location", 3: "Error code", 4: "Severity", 8: "User message"},
}  # fmt: skip
SEGMENTS = {
    "MSH": "Message header", "EVN": "Event", "PID": "Patient", "PV1": "Visit", "MRG": "Merge: the loser",
    "ORC": "Order", "OBR": "Observation request", "OBX": "Result", "IPC": "Imaging procedure", "TQ1": "Timing",
    "ZDS": "Study", "MSA": "Acknowledgment", "ERR": "Error", "NTE": "Note", "AL1": "Allergy", "PD1": "Demographics",
}  # fmt: skip


@dataclass(frozen=True)
class FieldLine:
    """One filled field; `id` numbers them in reading order, `start` is its place in the shown raw text."""

    id: int
    where: str
    name: str
    text: str
    start: int


def segments(raw: str) -> list[str]:
    return [segment for segment in re.split(r"\r\n|\r|\n", raw) if segment.strip()]


def shown(raw: str) -> str:
    """The raw message with a line per segment; other control characters become visible."""
    lines = (re.sub(r"[\x00-\x1f\x7f]", "\N{SYMBOL FOR SUBSTITUTE}", segment) for segment in segments(raw))
    return "\n".join(lines)


def field_lines(raw: str) -> list[FieldLine]:
    """Every filled field of a message; MSH counts its separator as field 1."""
    lines: list[FieldLine] = []
    offset = 0
    for segment in shown(raw).split("\n"):
        separator = _separator(raw)
        parts = segment.split(separator)
        place = offset
        for number, part in enumerate(parts):
            field = number + 1 if parts[0] == "MSH" else number
            if number and part:
                lines.append(FieldLine(len(lines) + 1, f"{parts[0]}-{field}", _name(parts[0], field), part, place))
            place += len(part) + len(separator)
        offset += len(segment) + 1
    return lines


def _separator(raw: str) -> str:
    text = raw.lstrip("\r\n\x0b ")
    return text[3] if text.startswith("MSH") and len(text) > 3 else "|"


def _name(segment: str, field: int) -> str:
    return NAMES.get(segment, {}).get(field, "")


def changed_spans(raw: str, places: set[str]) -> list[tuple[int, int]]:
    """Where the fields named (PID-5, also PID-5.1 or PID-3[1]) stand in the shown text, as (start, length)."""
    roots = {match.group(0) for place in places if (match := re.match(r"[A-Z][A-Z0-9]{2}-\d+", place))}
    return [(line.start, len(line.text)) for line in field_lines(raw) if line.where in roots]
