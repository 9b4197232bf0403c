"""A message with other values in some of its places: what is not named stays byte for byte.

Places are written `PID-3.1`, `PID-3[2].1` (second repetition) or `OBX[2]-5` (second segment of that name). A path that
stops early replaces all of the repetition or component. Values are data: separators in them are escaped (2.7), and
they are written in the character set that the message was read with. Setting MSH-18 therefore changes the label only,
which is what helps when the label was wrong; a message of plain ASCII takes new values in its new character set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from radrecon.hl7v2.charset import codec, encode
from radrecon.hl7v2.escape import Delimiters, escape
from radrecon.hl7v2.reader import Message
from radrecon.model.errors import Trouble

HEADERS = ("MSH", "FHS", "BHS")
CONTINUED = ("OBX", "NTE")  # a bare line break inside a text does not end these (see reader)
FIELDS_AT_MOST = 999

_PATH = re.compile(r"([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?(?:\.(\d+))?")
_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True)
class Place:
    """Where a value stands; every number counts from 1, component and subcomponent 0 where the path stops before."""

    segment: str
    occurrence: int
    field: int
    repetition: int
    component: int
    subcomponent: int


def place(path: str) -> Place:
    """Raises Trouble in one line for what is no path or may not be set."""
    found = _PATH.fullmatch(path)
    if not found:
        raise Trouble(f"not an HL7 path: {path!r} (write PID-3.1, PID-3[2].1 or OBX[2]-5)")
    occurrence, field, repetition = (int(found[at] or 1) for at in (2, 3, 4))
    made = Place(found[1], occurrence, field, repetition, int(found[5] or 0), int(found[6] or 0))
    if made.segment in HEADERS and made.field <= 2:
        raise Trouble(f"{path} holds the delimiters, which cannot be set")
    numbers = (occurrence, field, repetition, *(int(found[at] or 1) for at in (5, 6)))
    if not all(1 <= number <= FIELDS_AT_MOST for number in numbers):
        raise Trouble(f"{path}: positions count from 1 to {FIELDS_AT_MOST}")
    return made


def edited(raw: bytes, values: Mapping[str, str], charset: str = "") -> bytes:
    """The message with these values by path. `charset` is the interface's setting for an empty MSH-18.

    Raises Trouble for a path that leads nowhere, ContentError for a letter that the character set cannot hold, and
    RejectError for what is no HL7 message.
    """
    message = Message.parse(raw, charset)
    text = message.text
    for path, value in values.items():
        text = _with(text, message.delimiters, place(path), value)
    relabelled = values.get("MSH-18", "") if message.raw.isascii() else ""
    return _before(raw, message) + encode(text, relabelled if codec(relabelled) else message.charset)


def _before(raw: bytes, message: Message) -> bytes:
    """What stands before the message's own text: noise, a byte order mark."""
    own = encode(message.text, message.charset)
    return raw[: len(raw) - len(own)] if raw.endswith(own) else b""


def _with(text: str, delimiters: Delimiters, where: Place, value: str) -> str:
    spans = [span for span in _spans(text, delimiters) if _name(text[slice(*span)], delimiters) == where.segment]
    if len(spans) < where.occurrence:
        which = f" {where.occurrence}" if where.occurrence > 1 else ""
        raise Trouble(f"the message has no segment {where.segment}{which}")
    start, end = spans[where.occurrence - 1]
    segment = _replaced(text[start:end], _levels(where, delimiters), escape(value, delimiters))
    return text[:start] + segment + text[end:]


def _spans(text: str, delimiters: Delimiters) -> list[tuple[int, int]]:
    """Where each segment begins and ends, as the reader sees them."""
    spans: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        bare = line.group().lstrip(" \t\x00")
        if not bare:
            continue
        within = spans and text.startswith(CONTINUED, spans[-1][0]) and delimiters.field not in bare
        if within and not (len(bare.rstrip()) == 3 and bare[:3].isupper()):
            spans[-1] = (spans[-1][0], line.end())
        else:
            spans.append((line.end() - len(bare), line.end()))
    return spans


def _name(segment: str, delimiters: Delimiters) -> str:
    return segment.split(delimiters.field, 1)[0].rstrip()


def _levels(where: Place, delimiters: Delimiters) -> list[tuple[str, int]]:
    """Separator and number of the part, from the segment down to what is replaced."""
    field = where.field if where.segment in HEADERS else where.field + 1  # MSH-1 is the separator itself
    down = [(delimiters.component, where.component), (delimiters.subcomponent, where.subcomponent)]
    return [(delimiters.field, field), (delimiters.repetition, where.repetition), *(one for one in down if one[1])]


def _replaced(text: str, levels: Sequence[tuple[str, int]], value: str) -> str:
    """The text with its part at these levels replaced; missing parts before it are made."""
    if not levels:
        return value
    (separator, number), *below = levels
    parts = text.split(separator)
    parts += [""] * (number - len(parts))
    parts[number - 1] = _replaced(parts[number - 1], below, value)
    return separator.join(parts)
