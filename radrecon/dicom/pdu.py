"""Protocol data units of the DICOM upper layer ↔ values (PS3.8 9.3), as an acceptor needs them."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from radrecon import __version__

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"
IMPLEMENTATION_UID = "2.25.290391203958810470349836722571632158433"
IMPLEMENTATION_VERSION = f"RADRECON_{__version__}"[:16]

ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = range(1, 8)
HEADER = struct.Struct(">BxI")

# A-ABORT reasons of the service provider (table 9-26)
NOT_SPECIFIED, UNRECOGNIZED_PDU, UNEXPECTED_PDU = 0, 1, 2
UNRECOGNIZED_PARAMETER, UNEXPECTED_PARAMETER, INVALID_PARAMETER = 4, 5, 6

# results of a presentation context (table 9-18)
ACCEPTED, ABSTRACT_SYNTAX_NOT_SUPPORTED, TRANSFER_SYNTAXES_NOT_SUPPORTED = 0, 3, 4


class ProtocolError(Exception):
    """The peer broke the protocol; `reason` is for the A-ABORT."""

    def __init__(self, text: str, reason: int = NOT_SPECIFIED) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True)
class Rejection:
    """Why an association is refused: result, source, reason (table 9-21), and in words."""

    result: int
    source: int
    reason: int
    text: str


BUSY = Rejection(2, 3, 2, "local limit exceeded")
CONGESTED = Rejection(2, 3, 1, "temporary congestion")
CALLED_UNKNOWN = Rejection(1, 1, 7, "called AE title not recognized")
CALLING_UNKNOWN = Rejection(1, 1, 3, "calling AE title not recognized")
CONTEXT_UNKNOWN = Rejection(1, 1, 2, "application context name not supported")
VERSION_UNKNOWN = Rejection(1, 2, 2, "protocol version not supported")


@dataclass(frozen=True)
class ProposedContext:
    id: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


@dataclass(frozen=True)
class AnsweredContext:
    id: int
    result: int
    transfer_syntax: str


@dataclass(frozen=True)
class AssociateRequest:
    """A-ASSOCIATE-RQ. `max_length` 0 means that the peer sets no limit to a P-DATA-TF PDU."""

    called_ae_title: str
    calling_ae_title: str
    contexts: tuple[ProposedContext, ...]
    protocol_version: int = 1
    application_context: str = APPLICATION_CONTEXT
    max_length: int = 0
    implementation_uid: str = ""
    implementation_version: str = ""
    titles: bytes = b""
    """Both AE titles and what is reserved behind them, as they came: the acceptance repeats them (table 9-17)."""


@dataclass(frozen=True)
class Fragment:
    """One presentation data value (Annex E.2)."""

    context_id: int
    is_command: bool
    is_last: bool
    data: bytes | memoryview


def items(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Variable items: type and content."""
    at = 0
    while at < len(body):
        if at + 4 > len(body):
            raise ProtocolError("an item's header is cut off", INVALID_PARAMETER)
        kind, length = struct.unpack_from(">BxH", body, at)
        if at + 4 + length > len(body):
            raise ProtocolError("an item is longer than what holds it", INVALID_PARAMETER)
        yield kind, body[at + 4 : at + 4 + length]
        at += 4 + length


def parse_associate_request(body: bytes) -> AssociateRequest:
    """Unknown items are skipped, as PS3.8 9.3.1 wants; role selection and extended negotiation get the defaults."""
    if len(body) < 68:
        raise ProtocolError("A-ASSOCIATE-RQ is too short", INVALID_PARAMETER)
    version, called, calling = struct.unpack_from(">H2x16s16s", body)
    parts = list(items(body[68:]))
    user = dict(items(b"".join(content for kind, content in parts if kind == 0x50)))
    contexts = tuple(_proposed(content) for kind, content in parts if kind == 0x20)
    ids = [context.id for context in contexts]
    if len(set(ids)) < len(ids) or any(number % 2 == 0 for number in ids):
        raise ProtocolError("presentation context identifiers are even or not unique", INVALID_PARAMETER)
    name = next((_uid(content) for kind, content in parts if kind == 0x10), "")
    limit = struct.unpack(">I", user[0x51])[0] if len(user.get(0x51, b"")) == 4 else 0
    return AssociateRequest(
        _title(called), _title(calling), contexts, version, name, limit,
        _uid(user.get(0x52, b"")), _title(user.get(0x55, b"")), bytes(body[4:68]),
    )  # fmt: skip


def _proposed(body: bytes) -> ProposedContext:
    if len(body) < 4:
        raise ProtocolError("a presentation context is cut off", INVALID_PARAMETER)
    parts = list(items(body[4:]))
    abstract = next((_uid(content) for kind, content in parts if kind == 0x30), "")
    return ProposedContext(body[0], abstract, tuple(_uid(content) for kind, content in parts if kind == 0x40))


def _uid(raw: bytes) -> str:
    return raw.rstrip(b"\0 ").decode("ascii", "replace")


def _title(raw: bytes) -> str:
    """Up to a NUL in it, for behind one stands what a peer's buffer held before; other control characters as `?`."""
    text = raw.decode("iso8859-1").lstrip(" \0").partition("\0")[0].strip()
    return text if text.isprintable() else "".join(letter if letter.isprintable() else "?" for letter in text)


def fragments(body: bytes | memoryview) -> Iterator[Fragment]:
    """The presentation data values of a P-DATA-TF PDU; they are views where the PDU is one."""
    at = 0
    while at < len(body):
        if at + 6 > len(body):
            raise ProtocolError("a presentation data value is cut off", INVALID_PARAMETER)
        length, context_id, control = struct.unpack_from(">IBB", body, at)
        if length < 2 or at + 4 + length > len(body):
            raise ProtocolError("a presentation data value's length is wrong", INVALID_PARAMETER)
        yield Fragment(context_id, bool(control & 1), bool(control & 2), body[at + 6 : at + 4 + length])
        at += 4 + length


def associate_accept(request: AssociateRequest, contexts: Sequence[AnsweredContext], max_length: int) -> bytes:
    user = [
        _item(0x51, struct.pack(">I", max_length)),
        _item(0x52, IMPLEMENTATION_UID.encode()),
        _item(0x55, IMPLEMENTATION_VERSION.encode()),
    ]
    body = [
        struct.pack(">H2x64s", 1, request.titles),
        _item(0x10, APPLICATION_CONTEXT.encode()),
        *(_answered(context) for context in contexts),
        _item(0x50, b"".join(user)),
    ]
    return _pdu(ASSOCIATE_AC, b"".join(body))


def associate_reject(why: Rejection) -> bytes:
    return _pdu(ASSOCIATE_RJ, bytes((0, why.result, why.source, why.reason)))


def release_reply() -> bytes:
    return _pdu(RELEASE_RP, bytes(4))


def abort(reason: int = NOT_SPECIFIED, source: int = 2) -> bytes:
    """A-ABORT by the service provider (2), or by us as the user of the service (0)."""
    return _pdu(ABORT, bytes((0, 0, source, reason)))


def data(context_id: int, payload: bytes, is_command: bool, max_length: int) -> bytes:
    """One message part as P-DATA-TF PDUs no longer than the peer takes."""
    room = (max_length - 6) & ~1
    starts = range(0, max(len(payload), 1), room)
    return b"".join(
        [_fragment(context_id, payload[at : at + room], is_command, at + room >= len(payload)) for at in starts]
    )


def _fragment(context_id: int, chunk: bytes, is_command: bool, is_last: bool) -> bytes:
    size = len(chunk)
    return struct.pack(">BxIIBB", P_DATA, size + 6, size + 2, context_id, is_command | is_last << 1) + chunk


def _answered(context: AnsweredContext) -> bytes:
    syntax = _item(0x40, context.transfer_syntax.encode("ascii", "replace"))
    return _item(0x21, bytes((context.id, 0, context.result, 0)) + syntax)


def _item(kind: int, content: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(content)) + content


def _pdu(kind: int, body: bytes) -> bytes:
    return HEADER.pack(kind, len(body)) + body
