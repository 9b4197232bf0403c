"""Command sets of DIMSE messages ↔ values (PS3.7 6.3, 9.3, 10.3, annex E)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from radrecon.dicom.elements import IMPLICIT_LE, Element, Item, encode, parse
from radrecon.model.errors import ContentError

C_STORE_RQ, C_FIND_RQ, C_ECHO_RQ, C_CANCEL_RQ = 0x0001, 0x0020, 0x0030, 0x0FFF
N_SET_RQ, N_CREATE_RQ = 0x0120, 0x0140
RESPONSE = 0x8000
NO_DATA_SET = 0x0101

SUCCESS, PENDING, PENDING_WARNING, CANCELLED = 0x0000, 0xFF00, 0xFF01, 0xFE00
OUT_OF_RESOURCES, IDENTIFIER_MISMATCH, UNABLE_TO_PROCESS = 0xA700, 0xA900, 0xC001
SOP_CLASS_NOT_SUPPORTED, UNRECOGNIZED_OPERATION = 0x0122, 0x0211
INVALID_VALUE, PROCESSING_FAILURE, DUPLICATE_INSTANCE, NO_SUCH_INSTANCE = 0x0106, 0x0110, 0x0111, 0x0112
INVALID_INSTANCE, MISSING_ATTRIBUTE = 0x0117, 0x0120

NUMBERS = {
    "field": 0x00000100,
    "message_id": 0x00000110,
    "responded_to": 0x00000120,
    "priority": 0x00000700,
    "status": 0x00000900,
    "error_id": 0x00000903,
}
TEXTS = {
    "affected_sop_class": (0x00000002, "UI"),
    "requested_sop_class": (0x00000003, "UI"),
    "error_comment": (0x00000902, "LO"),
    "affected_sop_instance": (0x00001000, "UI"),
    "requested_sop_instance": (0x00001001, "UI"),
}
GROUP_LENGTH, DATA_SET_TYPE = 0x00000000, 0x00000800


@dataclass(frozen=True)
class Command:
    """One command set; None and "" are elements that are absent. `has_data_set`: an identifier or instance follows."""

    field: int
    message_id: int | None = None
    responded_to: int | None = None
    affected_sop_class: str = ""
    requested_sop_class: str = ""
    affected_sop_instance: str = ""
    requested_sop_instance: str = ""
    priority: int | None = None
    status: int | None = None
    error_id: int | None = None
    error_comment: str = ""
    has_data_set: bool = False

    @property
    def sop_class(self) -> str:
        return self.affected_sop_class or self.requested_sop_class


def parse_command(data: bytes) -> Command:
    """Raises ContentError where the bytes are no command set."""
    found = parse(data, IMPLICIT_LE)
    numbers = {name: _number(found, tag) for name, tag in NUMBERS.items()}
    field = numbers.pop("field")
    kind = _number(found, DATA_SET_TYPE)
    if field is None or kind is None:
        raise ContentError("a command without Command Field or Command Data Set Type")
    texts = {name: _text(found, tag) for name, (tag, _) in TEXTS.items()}
    return Command(field, has_data_set=kind != NO_DATA_SET, **numbers, **texts)  # type: ignore[arg-type]


@lru_cache(maxsize=64)
def encode_command(command: Command) -> bytes:
    """The pending answers of one query all have the same command."""
    elements = {DATA_SET_TYPE: _us(0x0001 if command.has_data_set else NO_DATA_SET)}
    for name, tag in NUMBERS.items():
        if (number := getattr(command, name)) is not None:
            elements[tag] = _us(number)
    for name, (tag, vr) in TEXTS.items():
        if text := getattr(command, name):
            elements[tag] = Element(vr, _padded(text, vr))
    body = encode(elements, IMPLICIT_LE)
    return encode({GROUP_LENGTH: Element("UL", len(body).to_bytes(4, "little"))}, IMPLICIT_LE) + body


def response(request: Command, status: int, comment: str = "", *, has_data_set: bool = False) -> Command:
    """The answer to a request with this status; an Error Comment is cut to the 64 characters that it may have."""
    return Command(
        request.field | RESPONSE,
        responded_to=request.message_id,
        affected_sop_class=request.sop_class,
        status=status,
        error_comment=comment[:64],
        has_data_set=has_data_set,
    )


def instance_response(request: Command, status: int, instance: str, comment: str = "", error_id: int = 0) -> Command:
    """The answer of a normalized service, which names the instance that it is about (PS3.7 10.3.3, 10.3.5)."""
    return replace(response(request, status, comment), affected_sop_instance=instance, error_id=error_id or None)


def _number(found: Item, tag: int) -> int | None:
    value = found[tag].value if tag in found else b""
    return int.from_bytes(value, "little") if len(value) == 2 else None


def _text(found: Item, tag: int) -> str:
    return found[tag].value.rstrip(b"\0 ").decode("ascii", "replace") if tag in found else ""


def _us(number: int) -> Element:
    return Element("US", number.to_bytes(2, "little"))


def _padded(text: str, vr: str) -> bytes:
    raw = text.encode("ascii", "replace")
    return raw + (b"\0" if vr == "UI" else b" ") * (len(raw) % 2)
