"""Acknowledgements, both ways (chapter 2.9, 2.14.1): building one for any message, however short, and reading one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from radrecon.hl7v2.charset import codec
from radrecon.hl7v2.escape import STANDARD, Delimiters, escape
from radrecon.hl7v2.reader import Message, split_path
from radrecon.hl7v2.values import ts
from radrecon.model.errors import RejectError

DEFAULT_VERSION = "2.5.1"
_POSITIVE = ("AA", "CA")
_ORIGINAL = (None, None)
_MISSING, _INTERNAL = "101", "207"
_ERRORS = {
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "103": "Table value not found",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "204": "Unknown key identifier",
    "205": "Duplicate key identifier",
    "206": "Application record locked",
    "207": "Application internal error",
}  # HL7 table 0357


@dataclass(frozen=True)
class Ack:
    """An answer as read: MSA-1, MSA-2, the words, and what ERR says (`PID-3: Required field missing`)."""

    code: str
    control_id: str
    text: str = ""
    raw: bytes = b""
    error: str = ""

    @property
    def positive(self) -> bool:
        return self.code in _POSITIVE


def ack(
    message: Message | None,
    code: str,
    text: str = "",
    location: str = "",
    *,
    now: datetime,
    control_id: str,
    sender: tuple[str, str] = ("RADRECON", ""),
    error: str = "",
) -> bytes:
    """The answer to a message, in its own delimiters, version and character set; `message` None: there was no MSH.

    `code` is of the original mode (AA, AE, AR) or of the accept level (CA, CE, CR). `location` is a path such as
    PID-3; `error` a code of table 0357. What is not positive carries an ERR segment.
    """
    marks = message.delimiters if message else STANDARD
    version = (message.version if message else "") or DEFAULT_VERSION
    answered = escape(message.control_id, marks) if message else ""
    segments = [
        _msh(message, marks, version, now, control_id, sender, code.startswith("C")),
        marks.field.join(("MSA", code, answered, escape(text, marks))).rstrip(marks.field),
    ]
    if code not in _POSITIVE:
        error = error or (_MISSING if location else _INTERNAL)
        segments.append(_err(marks, version, text, location, error))
    return _bytes("\r".join((*segments, "")), message)


def _msh(
    message: Message | None,
    marks: Delimiters,
    version: str,
    now: datetime,
    control_id: str,
    sender: tuple[str, str],
    accept: bool,
) -> str:
    receiver = (message.sending_application, message.sending_facility) if message else ("", "")
    processing = (message.header.raw(11) if message else "") or "P"
    charset = message.header.raw(18) if message and not message.guessed else ""
    quiet = accept or (message is not None and wanted(message) != _ORIGINAL)
    before = _ends(marks, *sender, *receiver)
    kind = _kind(message.event if message else "", marks, version)
    behind = _behind(processing, version, quiet, charset, marks)
    return f"{before}{_written(now.replace(microsecond=0), marks)}{kind}{escape(control_id, marks)}{behind}"


@lru_cache(maxsize=4)
def _written(now: datetime, marks: Delimiters) -> str:
    """MSH-7: what is answered within a second."""
    return escape(ts(now), marks)


@lru_cache(maxsize=256)
def _ends(marks: Delimiters, *ends: str) -> str:
    """MSH-1 to MSH-6 with the separator behind them."""
    return marks.field.join(("MSH", marks.encoding, *(escape(part, marks) for part in ends), ""))


@lru_cache(maxsize=256)
def _kind(event: str, marks: Delimiters, version: str) -> str:
    """MSH-8 and MSH-9 with the separators around them."""
    return marks.field.join(("", "", _type(event, marks, version), ""))


@lru_cache(maxsize=256)
def _behind(processing: str, version: str, quiet: bool, charset: str, marks: Delimiters) -> str:
    """MSH-11 to the last that is filled. Nobody is to acknowledge an acknowledgement."""
    never = ("NE", "NE") if quiet else ("", "")
    fields = ("", processing, escape(version, marks), "", "", *never, "", charset)
    return marks.field.join(fields).rstrip(marks.field)


def _type(event: str, marks: Delimiters, version: str) -> str:
    """`ACK^A08^ACK` from 2.3.1 on; older receivers know `ACK` only."""
    if not event or _number(version) < (2, 3):
        return "ACK"
    structure = ("ACK",) if _number(version) > (2, 3) else ()
    return marks.component.join(("ACK", escape(event, marks), *structure))


def _number(version: str) -> tuple[int, ...]:
    parts = version.split(".")
    return tuple(int(part) for part in parts) if all(part.isascii() and part.isdigit() for part in parts) else (2, 5, 1)


def _err(marks: Delimiters, version: str, text: str, location: str, error: str) -> str:
    """ERR-2 to 8 since 2.5; before that ERR-1 with position and code in one."""
    meaning = _ERRORS.get(error, "")
    if _number(version) < (2, 5):
        code = marks.subcomponent.join((error, escape(meaning, marks), "HL70357"))
        place = [escape(part, marks) for part in (*_position(location), "", "", "")[:3]]
        return marks.field.join(("ERR", marks.component.join((*place, code))))
    where = marks.component.join(escape(part, marks) for part in _position(location))
    code = marks.component.join((error, escape(meaning, marks), "HL70357"))
    return marks.field.join(("ERR", "", where, code, "E", "", "", "", escape(text, marks)))


def _position(location: str) -> list[str]:
    """`PID-3.4` → ERL: segment, its number, field, repetition, component."""
    if not location:
        return []
    try:
        name, position = split_path(location)
    except ValueError:
        return [location[:3], "1"]
    field, *below = position.split(".")
    return [name, "1", field, *(("1", *below) if below else ())]


def _bytes(text: str, message: Message | None) -> bytes:
    """In the character set of the message; our own words are plain, what it cannot hold is replaced."""
    return text.encode((codec(message.charset) if message else "") or "utf-8", "replace")


def wanted(message: Message) -> tuple[str | None, str | None]:
    """MSH-15 and MSH-16 (AL, NE, ER, SU): accept and application acknowledgement; (None, None) is original mode."""
    header = message.header
    return header.value(15).upper() or None, header.value(16).upper() or None


def read_ack(raw: bytes) -> Ack:
    """Raises RejectError for what is no acknowledgement."""
    message = Message.parse(raw)
    msa = message.first("MSA")
    if msa is None:
        raise RejectError("the answer has no MSA segment")
    words = msa.whole("3") or message.get("ERR-8") or message.get("ERR-7")
    return Ack(msa.get("1").upper(), msa.get("2"), words, raw, _error(message))


def _error(message: Message) -> str:
    err = message.first("ERR")
    if err is None:
        return ""
    new = err.field(2)
    place = new if new else err.field(1)
    numbers = [place.get(3), place.get(5) if new else ""]
    where = "-".join(part for part in (place.get(1), ".".join(filter(None, numbers))) if part)
    what = (err.get("3.2") or err.get("3.1")) if err.raw(3) else (place.get(4, 2) or place.get(4, 1))
    return ": ".join(part for part in (where, what) if part)
