"""The DICOM upper layer's accepting side without sockets: bytes in, events and bytes out (PS3.8 9.2).

One `Acceptor` per connection. Whatever a peer sends, `receive` raises nothing and holds no more than one PDU and one
message within its limits; a length is refused before anything of it is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from radrecon.dicom import pdu
from radrecon.dicom.dimse import Command, encode_command, parse_command
from radrecon.dicom.elements import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE
from radrecon.dicom.pdu import AnsweredContext, AssociateRequest, Fragment, ProposedContext, ProtocolError, Rejection
from radrecon.model.errors import ContentError

VERIFICATION = "1.2.840.10008.1.1"
MODALITY_WORKLIST_FIND = "1.2.840.10008.5.1.4.31"
QUERY_SYNTAXES = (EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE)

LARGEST_REQUEST = 128 << 10
LARGEST_PDU = 1 << 20
LARGEST_COMMAND = 16 << 10
LARGEST_MESSAGE = 128 << 10
MAX_LENGTH = 64 << 10
SMALLEST_LENGTH = 64
"""A peer that takes less in a PDU than this is sent this much: a length of 7 would mean a PDU for each byte."""


class State(Enum):
    """Those of PS3.8 table 9-10 that an acceptor tells apart: Sta2, Sta3, Sta6, Sta8, and Sta13 or gone."""

    WAITING = auto()
    REQUESTED = auto()
    OPEN = auto()
    RELEASING = auto()
    ENDED = auto()


@dataclass(frozen=True)
class Context:
    """An accepted presentation context."""

    id: int
    abstract_syntax: str
    transfer_syntax: str


@dataclass(frozen=True)
class AssociationRequested:
    """Answer it with `accept` or `reject`."""

    request: AssociateRequest


@dataclass(frozen=True)
class MessageReceived:
    context: Context
    command: Command
    data_set: bytes = b""


@dataclass(frozen=True)
class ReleaseRequested:
    """Answer it with `release` when everything before it is answered."""


@dataclass(frozen=True)
class Aborted:
    """The peer has aborted; nothing is to be sent."""

    source: int
    reason: int


@dataclass(frozen=True)
class Failed:
    """The association cannot go on: send `reply` and close. `why` is for the log and holds nothing of the content."""

    why: str
    reply: bytes


Event = AssociationRequested | MessageReceived | ReleaseRequested | Aborted | Failed


class Acceptor:
    """One association as the accepting side sees it.

    `supported`: abstract syntax → transfer syntaxes in the order of our preference.
    """

    def __init__(
        self,
        supported: Mapping[str, Sequence[str]],
        *,
        max_length: int = MAX_LENGTH,
        largest_pdu: int = LARGEST_PDU,
        largest_message: int = LARGEST_MESSAGE,
    ) -> None:
        self.state = State.WAITING
        self.contexts: dict[int, Context] = {}
        self.request: AssociateRequest | None = None
        self._supported = supported
        self._max_length = max_length
        self._limits = {pdu.ASSOCIATE_RQ: LARGEST_REQUEST, pdu.P_DATA: largest_pdu}
        self._largest_message = largest_message
        self._peer_length = max_length
        self._buffer = bytearray()
        self._assembly = _Assembly(largest_message)

    def receive(self, data: bytes) -> list[Event]:
        """What the bytes complete, in their order. Never raises."""
        events: list[Event] = []
        if self.ended:
            return events
        self._buffer += data
        try:
            while not self.ended and (found := self._next_pdu()):
                self._take(*found, events)
        except ProtocolError as error:
            events.append(Failed(str(error), self._ending(pdu.abort(error.reason))))
        return events

    @property
    def ended(self) -> bool:
        return self.state is State.ENDED

    @property
    def holds(self) -> int:
        """Bytes kept of what is not complete."""
        return len(self._buffer) + self._assembly.holds

    # -- what we send -------------------------------------------------------------------------------------------------

    def accept(self) -> bytes:
        """A-ASSOCIATE-AC with a result for every proposed context."""
        if self.state is not State.REQUESTED or self.request is None:
            return b""
        answered = [_negotiate(context, self._supported) for context in self.request.contexts]
        for proposed, answer in zip(self.request.contexts, answered, strict=True):
            if answer.result == pdu.ACCEPTED:
                self.contexts[answer.id] = Context(answer.id, proposed.abstract_syntax, answer.transfer_syntax)
        self.state = State.OPEN
        return pdu.associate_accept(self.request, answered, self._max_length)

    def reject(self, why: Rejection) -> bytes:
        return self._ending(pdu.associate_reject(why)) if self.state is State.REQUESTED else b""

    def send_message(self, context_id: int, command: Command, data_set: bytes | None = None) -> bytes:
        """A command, and its data set where it has one, as PDUs of the size that the peer takes."""
        if self.state not in (State.OPEN, State.RELEASING):
            return b""
        if command.has_data_set is (data_set is None):
            command = replace(command, has_data_set=data_set is not None)
        sent = pdu.data(context_id, encode_command(command), True, self._peer_length)
        return sent if data_set is None else sent + pdu.data(context_id, data_set, False, self._peer_length)

    def release(self) -> bytes:
        """A-RELEASE-RP, once it was asked for."""
        return self._ending(pdu.release_reply()) if self.state is State.RELEASING else b""

    def abort(self) -> bytes:
        """A-ABORT of our own accord (time limits, shutting down)."""
        return b"" if self.state is State.ENDED else self._ending(pdu.abort(source=0))

    # -- what we are sent ---------------------------------------------------------------------------------------------

    def _next_pdu(self) -> tuple[int, bytes] | None:
        """Type and body of the next whole PDU. The header alone decides what is not waited for."""
        if len(self._buffer) < pdu.HEADER.size:
            return None
        kind, length = pdu.HEADER.unpack_from(self._buffer)
        self._check(kind, length)
        end = pdu.HEADER.size + length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[pdu.HEADER.size : end])
        del self._buffer[:end]
        return kind, body

    def _check(self, kind: int, length: int) -> None:
        if not pdu.ASSOCIATE_RQ <= kind <= pdu.ABORT:
            raise ProtocolError(f"PDU type {kind:#04x} does not exist", pdu.UNRECOGNIZED_PDU)
        if kind not in EXPECTED[self.state]:
            raise ProtocolError(f"PDU type {kind:#04x} is not expected now", pdu.UNEXPECTED_PDU)
        if length > self._limits.get(kind, 4):
            raise ProtocolError(f"PDU type {kind:#04x} declares {length} bytes", pdu.INVALID_PARAMETER)

    def _take(self, kind: int, body: bytes, events: list[Event]) -> None:
        if kind == pdu.ASSOCIATE_RQ:
            self._requested(body, events)
        elif kind == pdu.P_DATA:
            self._data(body, events)
        elif kind == pdu.RELEASE_RQ:
            self.state = State.RELEASING
            events.append(ReleaseRequested())
        else:
            self._ending(b"")
            events.append(Aborted(*body[2:4]) if len(body) == 4 else Aborted(0, 0))

    def _requested(self, body: bytes, events: list[Event]) -> None:
        request = pdu.parse_associate_request(body)
        self.state, self.request = State.REQUESTED, request
        wrong = (
            (pdu.VERSION_UNKNOWN, not request.protocol_version & 1),
            (
                pdu.CONTEXT_UNKNOWN,
                request.application_context != pdu.APPLICATION_CONTEXT,
            ),
        )
        for why, applies in wrong:
            if applies:
                events.append(Failed(why.text, self.reject(why)))
                return
        if request.max_length:
            self._peer_length = max(min(request.max_length, MAX_LENGTH), SMALLEST_LENGTH)
        events.append(AssociationRequested(request))

    def _data(self, body: bytes, events: list[Event]) -> None:
        if not body:
            raise ProtocolError("a P-DATA-TF PDU without a presentation data value", pdu.INVALID_PARAMETER)
        for fragment in pdu.fragments(body):
            if whole := self._assembly.add(fragment, self.contexts):
                command, data_set = whole
                events.append(MessageReceived(self.contexts[fragment.context_id], command, data_set))

    def _ending(self, reply: bytes) -> bytes:
        self.state = State.ENDED
        self._buffer.clear()
        self._assembly = _Assembly(self._largest_message)
        return reply


EXPECTED = {
    State.WAITING: (pdu.ASSOCIATE_RQ, pdu.ABORT),
    State.REQUESTED: (pdu.ABORT,),
    State.OPEN: (pdu.P_DATA, pdu.RELEASE_RQ, pdu.ABORT),
    State.RELEASING: (pdu.ABORT,),
    State.ENDED: (),
}


class _Assembly:
    """Fragments of one message, until it is whole: the command's first, then the data set's (PS3.7 6.3.1)."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._context = 0
        self._command: Command | None = None
        self._bytes = bytearray()

    @property
    def holds(self) -> int:
        return len(self._bytes)

    def add(self, fragment: Fragment, contexts: Collection[int]) -> tuple[Command, bytes] | None:
        self._check(fragment, contexts)
        self._context = fragment.context_id
        self._bytes += fragment.data
        if len(self._bytes) > (self._largest if self._command else LARGEST_COMMAND):
            raise ProtocolError("a message is over the limit", pdu.INVALID_PARAMETER)
        if not fragment.is_last:
            return None
        data, self._bytes = bytes(self._bytes), bytearray()
        return self._whole(data)

    def _whole(self, data: bytes) -> tuple[Command, bytes] | None:
        command, self._command = self._command, None
        if command is None:
            command, data = _command(data), b""
            if command.has_data_set:
                self._command = command
                return None
        self._context = 0
        return command, data

    def _check(self, fragment: Fragment, contexts: Collection[int]) -> None:
        if fragment.context_id not in contexts:
            raise ProtocolError("data for a presentation context that was not accepted", pdu.INVALID_PARAMETER)
        if self._context not in (0, fragment.context_id) or fragment.is_command is not (self._command is None):
            raise ProtocolError("fragments of two messages are mixed", pdu.UNEXPECTED_PARAMETER)


def _command(data: bytes) -> Command:
    try:
        return parse_command(data)
    except ContentError as error:
        raise ProtocolError(f"no command: {error}", pdu.INVALID_PARAMETER) from error


def _negotiate(proposed: ProposedContext, supported: Mapping[str, Sequence[str]]) -> AnsweredContext:
    """Our order of preference decides among the transfer syntaxes that the peer offers."""
    offered = proposed.transfer_syntaxes
    if proposed.abstract_syntax not in supported:
        return AnsweredContext(proposed.id, pdu.ABSTRACT_SYNTAX_NOT_SUPPORTED, IMPLICIT_LE)
    for syntax in supported[proposed.abstract_syntax]:
        if syntax in offered:
            return AnsweredContext(proposed.id, pdu.ACCEPTED, syntax)
    return AnsweredContext(proposed.id, pdu.TRANSFER_SYNTAXES_NOT_SUPPORTED, IMPLICIT_LE)
