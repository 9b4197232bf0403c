"""HL7 v2 data types ↔ the model's values (chapter 2A: XPN, XCN, CX, TS, CE/CWE), both ways where we also write them.

XPN and PN order their parts differently: XPN has suffix before prefix, PN prefix before suffix. Times are parsed
strictly: a wrong guess of day and month would be worse than a missing time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache

from radrecon.hl7v2.escape import STANDARD, Delimiters, escape
from radrecon.hl7v2.reader import NULL, Field
from radrecon.model.names import NameGroup, PersonName
from radrecon.model.order import Code
from radrecon.model.patient import PatientId
from radrecon.model.when import PRECISIONS, When

_LONGEST_NAME, _LONGEST_TIME = 500, 64
_NO_MARKS = str.maketrans("", "", "-:T")
_NOT_STATED = ("", NULL)
_LENGTHS = dict(zip((4, 6, 8, 10, 12, 14), PRECISIONS, strict=True))
_UID, _LONGEST_UID = re.compile(r"[0-9]+(?:\.[0-9]+)+"), 64
_OID = re.compile(r"[0-2](?:\.\d+)+\Z")
_SEXES = {"M": "M", "MALE": "M", "F": "F", "FEMALE": "F"} | dict.fromkeys(("O", "OTHER", "A", "N", "X"), "O")
_GROUPS = {"I": "ideographic", "P": "phonetic"}
_NOT_LEGAL = ("A", "B", "C", "D", "M", "N", "S", "T", "U")


def person_name(repeats: Sequence[Field]) -> PersonName:
    """XPN repetitions → one name. Representation (XPN-8) tells the groups; of several, the legal one (L) is taken."""
    if not repeats:
        return PersonName()
    one = repeats[0]
    return _remembered(_person_name, tuple(field.raw for field in repeats), one.delimiters, one.charset)


def _person_name(texts: Sequence[str], delimiters: Delimiters, charset: str) -> PersonName:
    groups: dict[str, tuple[bool, NameGroup]] = {}
    for field in (Field(text, delimiters, charset) for text in texts):
        group = _group(field, first=1)
        which = _GROUPS.get(field.get(8).upper(), "alphabetic")
        legal = field.get(7).upper() not in _NOT_LEGAL
        if group and (which not in groups or (legal and not groups[which][0])):
            groups[which] = (legal, group)
    return PersonName(**{which: group for which, (_, group) in groups.items()})


def physician_name(field: Field) -> PersonName:
    """XCN or CN → name. Text with a blank and no other part is a name that somebody typed into the id."""
    return _remembered(_physician_name, (field.raw,), field.delimiters, field.charset) if field.raw else PersonName()


def _physician_name(texts: Sequence[str], delimiters: Delimiters, charset: str) -> PersonName:
    field = Field(texts[0], delimiters, charset)
    group = _group(field, first=2)
    if not group and " " in field.get(1):
        group = NameGroup(family=_part(field.get(1)))
    return PersonName(**{_GROUPS.get(field.get(15).upper(), "alphabetic"): group})


_ReadName = Callable[[tuple[str, ...], Delimiters, str], PersonName]


def _remembered(read: _ReadName, texts: tuple[str, ...], delimiters: Delimiters, charset: str) -> PersonName:
    """The same people are in message after message. A text too long for a name is read, but not kept."""
    if sum(map(len, texts)) > _LONGEST_NAME:
        return read(texts, delimiters, charset)
    return _read_once(read, texts, delimiters, charset)


@lru_cache(maxsize=4096)
def _read_once(read: _ReadName, texts: tuple[str, ...], delimiters: Delimiters, charset: str) -> PersonName:
    return read(texts, delimiters, charset)


def _group(field: Field, first: int) -> NameGroup:
    given, middle, suffix, prefix, degree = (_part(field.get(first + at)) for at in range(1, 6))
    title = " ".join(part for part in (suffix, degree) if part)
    return NameGroup(_family(field, first), given, middle, prefix, title)


def _family(field: Field, component: int) -> str:
    """FN: the surname, with its own prefix (`van`) where a sender keeps that only in the second part.

    The first part should be the whole of it; where the third, the name without its prefix, is the same, it is not.
    """
    surname, prefix = _part(field.get(component)), _part(field.get(component, 2))
    own = _part(field.get(component, 3)) if prefix else ""
    if prefix and own in ("", surname) and surname and not surname.lower().startswith(prefix.lower()):
        return f"{prefix} {surname}"
    return surname


def _part(text: str) -> str:
    """A component as it may stand in a PN: without the characters that part names there."""
    if not text or text.isalnum():
        return text
    if text == NULL:
        return ""
    return " ".join(text.translate({ord("^"): " ", ord("="): " "}).split())


def xpn(name: PersonName, delimiters: Delimiters = STANDARD) -> str:
    """Name → XPN, legal, one repetition per group; XPN-8 only where there is more than the alphabetic group."""
    groups = ((name.alphabetic, "A"), (name.ideographic, "I"), (name.phonetic, "P"))
    single = not (name.ideographic or name.phonetic)
    return delimiters.repetition.join(
        _xpn_group(group, "" if single else code, delimiters) for group, code in groups if group
    )


def _xpn_group(group: NameGroup, representation: str, delimiters: Delimiters) -> str:
    parts = (group.family, group.given, group.middle, group.suffix, group.prefix, "", "L", representation)
    return join(parts, delimiters)


def join(parts: Sequence[str], delimiters: Delimiters = STANDARD) -> str:
    """Components, escaped, trailing empty ones cut."""
    mark = delimiters.component
    return mark.join(escape(part, delimiters) for part in parts).rstrip(mark)


def patient_id(field: Field, issuer: str = "") -> PatientId:
    """CX → identifier. The authority is the namespace (CX-4.1), else its universal id (CX-4.2), else `issuer`."""
    value = field.get(1)
    if not value or value == NULL:
        return PatientId("")
    authority = field.get(4)
    if authority in _NOT_STATED:
        authority = field.get(4, 2)
    return PatientId(value, issuer if authority in _NOT_STATED else authority)


def cx(identifier: PatientId, type_code: str = "MR", delimiters: Delimiters = STANDARD) -> str:
    """Identifier → CX. An authority that is an OID goes where OIDs belong (CX-4.2, type ISO)."""
    below = delimiters.subcomponent
    issuer = escape(identifier.issuer, delimiters)
    authority = f"{below}{issuer}{below}ISO" if _OID.match(identifier.issuer) else issuer
    mark = delimiters.component
    return mark.join((escape(identifier.value, delimiters), "", "", authority, type_code))


def when(text: str) -> When | None:
    """TS / DTM → time with its precision and zone; None for what is not strictly one."""
    text = text.strip()
    return _when(text) if text and len(text) <= _LONGEST_TIME else None


@lru_cache(maxsize=4096)
def _when(text: str) -> When | None:
    body, offset = _zone(text)
    digits, dot, fraction = body.partition(".")
    precision = _LENGTHS.get(len(digits))
    if not (precision and _digits(digits)) or (dot and not (precision == "second" and _digits(fraction))):
        return None
    if offset is None and len(text) != len(body):
        return None
    numbers = [int(digits[:4])] + [int(digits[at : at + 2]) for at in range(4, len(digits), 2)]
    numbers += [1, 1][len(numbers) - 1 :] if len(numbers) < 3 else []
    try:
        return When(text, datetime(*numbers), precision, offset)  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None


def _zone(text: str) -> tuple[str, int | None]:
    """Body and offset in minutes; offset None with a shorter body marks a zone that is wrong."""
    at = max(text.find("+"), text.find("-"))
    if at < 0:
        return text, None
    digits = text[at + 1 :]
    if len(digits) != 4 or not _digits(digits) or int(digits[:2]) > 14 or int(digits[2:]) > 59:
        return text[:at], None
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return text[:at], -minutes if text[at] == "-" else minutes


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def ts(instant: datetime) -> str:
    """An aware instant → TS with its zone."""
    text = instant.isoformat(timespec="seconds")
    return text[:19].translate(_NO_MARKS) + text[19:].replace(":", "")


def iso(point: When) -> str:
    """ISO 8601 text with the precision and the zone that were stated."""
    at = PRECISIONS.index(point.precision)
    if at < 3:
        return point.local.isoformat()[: (4, 7, 10)[at]]
    if point.offset is None:
        return point.local.isoformat()
    hours, minutes = divmod(abs(point.offset), 60)
    return f"{point.local.isoformat()}{'-' if point.offset < 0 else '+'}{hours:02}:{minutes:02}"


def wall_clock(point: When, zone: tzinfo, sender_zone: tzinfo | None = None) -> str:
    """The site's wall clock as ISO text; "" where not even the day is known. A day without a time stays a day."""
    at = PRECISIONS.index(point.precision)
    if at < 3:
        return point.local.date().isoformat() if at == 2 else ""
    if point.offset is None and sender_zone is not None:
        return point.instant(sender_zone).astimezone(zone).replace(tzinfo=None).isoformat()
    return point.wall(zone).isoformat()


def birth_date(text: str) -> str:
    """ISO text with the precision given (a newborn's hour is left out); what is no date is kept as it came."""
    text = "" if text == NULL else text.strip()
    point = when(_ESTIMATED.sub(r"\1\2", text))
    return iso(point)[:10] if point else text


_ESTIMATED = re.compile(r"^(\d{4})(?:0000|(\d\d)00)$")
"""Registers write 00 for a month or day that nobody knows: 19750000 is 1975, 19750500 is May of that year."""


@lru_cache(maxsize=4096)
def is_date(birth_date: str) -> bool:
    """Whether what `birth_date` made of a text is one, of any precision."""
    return when(da(birth_date)) is not None


def da(text: str) -> str:
    """ISO date of any precision → HL7 DT."""
    return text.replace("-", "") if re.fullmatch(r"\d{4}(-\d\d){0,2}", text) else text


def sex(text: str) -> str:
    """HL7 table 0001 → DICOM's M, F, O, "" (unknown)."""
    return _SEXES.get(text.strip().upper(), "")


def is_study_uid(text: str) -> bool:
    """At most 64 digits and dots, at least two parts (PS3.5 9.1); leading zeros, which devices write, do no harm."""
    return len(text) <= _LONGEST_UID and _UID.fullmatch(text) is not None


def code(field: Field, first: int = 1) -> Code:
    """CE / CWE → code from components first, first+1, first+2 (identifier, text, system)."""
    value, meaning, scheme = field.get(first), field.whole(first + 1).strip(), field.get(first + 2)
    return Code(*("" if part == NULL else part for part in (value, scheme, meaning)))


def text_of(field: Field) -> str:
    """What a person reads of a coded field: its text, else its identifier."""
    found = field.whole(2).strip() or field.whole(1).strip()
    return "" if found == NULL else found
