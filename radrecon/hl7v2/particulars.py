"""What a PID says of a person beside the identity block: PID-6, PID-11, PID-13, PID-14, PID-19 (chapter 3.4.2).

Read from the journal by the worker where two persons are compared; intake does not read them.
"""

from __future__ import annotations

from collections.abc import Iterable

from radrecon.hl7v2 import values
from radrecon.hl7v2.patient import visit
from radrecon.hl7v2.reader import NULL, Field, Message, Segment
from radrecon.model.duplicate import Particulars

_NATIONAL = ("SS", "NI", "NNDEU", "NNGBR", "NNUSA", "PNT")
_WHERE_THEY_LIVE = ("H", "P", "L", "")  # home, permanent, legal, not said (table 0190)
_NOT_VOICE = ("NET", "X.400")  # telecommunication use and equipment (tables 0201, 0202)
_MOST_PHONES = 4


def particulars(message: Message) -> Particulars:
    """Of the message's first PID; empty where it says nothing of them."""
    pid = message.first("PID")
    if pid is None:
        return Particulars()
    address = _home(pid.repeats(11))
    return Particulars(
        street=_street(address),
        other_designation=_text(address, 2),
        city=_text(address, 3),
        state=_text(address, 4),
        postcode=_text(address, 5),
        phones=tuple(dict.fromkeys(_phones((*pid.repeats(13), *pid.repeats(14)))))[:_MOST_PHONES],
        national_id=_national(pid),
        mothers_name=str(values.person_name(pid.repeats(6))),
    )


def confidential(message: Message) -> bool | None:
    """PV1-16 and PD1-12 of the message's first patient; None where neither says anything."""
    says = any((one := message.first(name)) and one.raw(at) for name, at in (("PV1", 16), ("PD1", 12)))
    return visit(message.segments).confidential if says else None


def _home(repeats: Iterable[Field]) -> Field:
    found = [field for field in repeats if field and not field.null]
    return min(found, key=lambda field: _place(field.get(7).upper()), default=Field(""))


def _place(kind: str) -> int:
    return _WHERE_THEY_LIVE.index(kind) if kind in _WHERE_THEY_LIVE else len(_WHERE_THEY_LIVE)


def _street(address: Field) -> str:
    """XAD-1 is a street address (SAD): as one line, or street name and dwelling number apart."""
    name, number = address.get(1, 2), address.get(1, 3)
    return f"{number} {name}".strip() if name and number else _text(address, 1)


def _text(field: Field, component: int) -> str:
    text = field.get(component)
    return "" if text == NULL else text


def _phones(repeats: Iterable[Field]) -> Iterable[str]:
    """XTN: the formatted number (XTN-1, XTN-12), else its parts; addresses of mail are no phones."""
    for field in repeats:
        if field.get(2).upper() in _NOT_VOICE or field.get(3).upper() in ("INTERNET", *_NOT_VOICE):
            continue
        number = _text(field, 1) or _text(field, 12) or f"{_text(field, 6)}{_text(field, 7)}"
        if number and "@" not in number:
            yield number


def _national(pid: Segment) -> str:
    """PID-19, or what PID-3 gives as a social security or national number."""
    if (number := pid.value(19)) and number != NULL:
        return number
    return next((field.get(1) for field in pid.repeats(3) if field.get(5).upper() in _NATIONAL), "")
