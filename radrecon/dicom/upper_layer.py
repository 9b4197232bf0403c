"""The DICOM upper layer's accepting side without sockets: bytes in, events and bytes out (PS3.8 9.2).

One `Acceptor` per connection. Whatever a peer sends, `receive` raises nothing and holds no more than one PDU and one
message within its limits; a length is refused before anything of it is kept. What a service has to store is not
assembled at all: its bytes go to the service's sink as they come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Protocol

from radrecon.dicom import pdu
from radrecon.dicom.dimse import Command, encode_command, parse_command
from radrecon.dicom.elements import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE
from radrecon.dicom.pdu import AnsweredContext, AssociateRequest, Fragment, ProposedContext, ProtocolError, Rejection
from radrecon.dicom.uids import STANDARD, is_uid
from radrecon.model.errors import ContentError

VERIFICATION = "1.2.840.10008.1.1"
MODALITY_WORKLIST_FIND = "1.2.840.10008.5.1.4.31"
QUERY_SYNTAXES = (EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE)

LARGEST_REQUEST = 128 << 10
LARGEST_PDU = 1 << 20
LARGEST_COMMAND = 16 << 10
LARGEST_MESSAGE = 128 << 10
MAX_LENGTH = 128 << 10
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


class Sink(Protocol):
    """Takes a data set piece by piece as it comes, and keeps of it what it wants. Nothing makes it raise."""

    @property
    def holds(self) -> int:
        """Bytes kept in memory."""

    def feed(self, data: memoryview) -> None:
        """The next bytes; they are gone after the call."""

    def close(self) -> None:
        """The message is answered, or will never be whole."""


@dataclass(frozen=True)
class Offer:
    """How a service is spoken with.

    `transfer_syntaxes` in the order of our preference; none: whichever the peer names first, a private one (which may
    be encoded in any way) only where it names no other. A message of a `sink` is taken in pieces; where it is over
    `largest_message` it is read on to its end, so that it can be refused by a status, but not to more than twice that.
    Any other message over the limit ends the association.
    """

    transfer_syntaxes: Sequence[str] = QUERY_SYNTAXES
    largest_message: int = LARGEST_MESSAGE
    sink: Callable[[Context, Command], Sink | None] | None = None

    def negotiate(self, offered: Sequence[str]) -> str:
        """The transfer syntax that is taken; "" for none."""
        if not self.transfer_syntaxes:
            named = [one for one in offered if is_uid(one)]
            return next((one for one in named if one.startswith(STANDARD)), named[0] if named else "")
        return next((one for one in self.transfer_syntaxes if one in offered), "")


@dataclass(frozen=True)
class AssociationRequested:
    """Answer it with `accept` or `reject`."""

    request: AssociateRequest


@dataclass(frozen=True)
class MessageReceived:
    """`sink` has taken the data set where the service takes it in pieces."""

    context: Context
    command: Command
    data_set: bytes = b""
    sink: Sink | None = None


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

    `supported`: abstract syntax → how it is offered; plain transfer syntaxes, in the order of our preference, stand for
    an offer with the usual limit.
    """

    def __init__(
        self,
        supported: Mapping[str, Sequence[str] | Offer],
        *,
        max_length: int = MAX_LENGTH,
        largest_pdu: int = LARGEST_PDU,
        largest_message: int = LARGEST_MESSAGE,
    ) -> None:
        self.state = State.WAITING
        self.contexts: dict[int, Context] = {}
        self.request: AssociateRequest | None = None
        self._offers = {
            syntax: offer if isinstance(offer, Offer) else Offer(offer, largest_message)
            for syntax, offer in supported.items()
        }
        self._max_length = max_length
        self._limits = {pdu.ASSOCIATE_RQ: LARGEST_REQUEST, pdu.P_DATA: largest_pdu}
        self._peer_length = max_length
        self._buffer = bytearray()
        self._needed = pdu.HEADER.size
        self._assembly = _Assembly()

    def receive(self, data: bytes) -> list[Event]:
        """What the bytes complete, in their order. Never raises."""
        events: list[Event] = []
        if self.ended:
            return events
        try:
            self._take_all(self._enough(data), events)
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

    def accept(self, offers: Mapping[str, Offer] | None = None) -> bytes:
        """A-ASSOCIATE-AC with a result for every proposed context. `offers`: those for this peer, else the usual."""
        if self.state is not State.REQUESTED or self.request is None:
            return b""
        if offers is not None:
            self._offers = dict(offers)
        answered = [_negotiate(context, self._offers) for context in self.request.contexts]
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

    def forget(self) -> None:
        """The connection is gone: nothing that was under way will be whole."""
        self._ending(b"")

    # -- what we are sent ---------------------------------------------------------------------------------------------

    def _enough(self, data: bytes) -> bytes:
        """All that is there, once it holds a whole PDU or its header; until then b"" and it is kept.

        Kept bytes are copied when they are complete and not before, whatever the size of the pieces.
        """
        if not self._buffer and len(data) >= self._needed:
            return data
        self._buffer += data
        if len(self._buffer) < self._needed:
            return b""
        data, self._buffer = bytes(self._buffer), bytearray()
        return data

    def _take_all(self, data: bytes, events: list[Event]) -> None:
        """Every whole PDU; the rest is kept. The header alone decides what is not waited for."""
        at, size = 0, len(data)
        while data and not self.ended:
            self._needed = pdu.HEADER.size
            if size - at >= self._needed:
                kind, length = pdu.HEADER.unpack_from(data, at)
                self._check(kind, length)
                self._needed += length
            if size - at < self._needed:
                self._buffer = bytearray(memoryview(data)[at:])
                return
            body = memoryview(data)[at + pdu.HEADER.size : at + self._needed]
            at += self._needed
            self._take(kind, body, events)

    def _check(self, kind: int, length: int) -> None:
        if not pdu.ASSOCIATE_RQ <= kind <= pdu.ABORT:
            raise ProtocolError(f"PDU type {kind:#04x} does not exist", pdu.UNRECOGNIZED_PDU)
        if kind not in EXPECTED[self.state]:
            raise ProtocolError(f"PDU type {kind:#04x} is not expected now", pdu.UNEXPECTED_PDU)
        if length > self._limits.get(kind, 4):
            raise ProtocolError(f"PDU type {kind:#04x} declares {length} bytes", pdu.INVALID_PARAMETER)

    def _take(self, kind: int, body: memoryview, events: list[Event]) -> None:
        if kind == pdu.ASSOCIATE_RQ:
            self._requested(bytes(body), events)
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

    def _data(self, body: memoryview, events: list[Event]) -> None:
        if not body:
            raise ProtocolError("a P-DATA-TF PDU without a presentation data value", pdu.INVALID_PARAMETER)
        for fragment in pdu.fragments(body):
            context = self.contexts.get(fragment.context_id)
            if context is None:
                raise ProtocolError("data for a presentation context that was not accepted", pdu.INVALID_PARAMETER)
            if whole := self._assembly.add(fragment, context, self._offers[context.abstract_syntax]):
                events.append(whole)

    def _ending(self, reply: bytes) -> bytes:
        self.state = State.ENDED
        self._buffer = bytearray()
        self._assembly.close()
        self._assembly = _Assembly()
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

    def __init__(self) -> None:
        self._context = 0
        self._command: Command | None = None
        self._bytes = bytearray()
        self._sink: Sink | None = None
        self._size = 0

    @property
    def holds(self) -> int:
        return len(self._bytes) + (self._sink.holds if self._sink else 0)

    def close(self) -> None:
        if self._sink:
            self._sink.close()

    def add(self, fragment: Fragment, context: Context, offer: Offer) -> MessageReceived | None:
        self._check(fragment, offer)
        self._context = fragment.context_id
        if self._sink:
            self._sink.feed(memoryview(fragment.data))
        else:
            self._bytes += fragment.data
        return self._whole(context, offer) if fragment.is_last else None

    def _whole(self, context: Context, offer: Offer) -> MessageReceived | None:
        data, self._bytes, self._size = bytes(self._bytes), bytearray(), 0
        command, sink, self._command, self._sink = self._command, self._sink, None, None
        if command is None:
            command, data = _command(data), b""
            if command.has_data_set:
                self._command = command
                self._sink = offer.sink(context, command) if offer.sink else None
                return None
        self._context = 0
        return MessageReceived(context, command, data, sink)

    def _check(self, fragment: Fragment, offer: Offer) -> None:
        if self._context not in (0, fragment.context_id) or fragment.is_command is not (self._command is None):
            raise ProtocolError("fragments of two messages are mixed", pdu.UNEXPECTED_PARAMETER)
        self._size += len(fragment.data)
        if self._size > self._largest(offer):
            raise ProtocolError("a message is over the limit", pdu.INVALID_PARAMETER)

    def _largest(self, offer: Offer) -> int:
        if self._command is None:
            return LARGEST_COMMAND
        if self._sink:
            return 2 * offer.largest_message
        return min(offer.largest_message, LARGEST_MESSAGE) if offer.sink else offer.largest_message


def _command(data: bytes) -> Command:
    try:
        return parse_command(data)
    except ContentError as error:
        raise ProtocolError(f"no command: {error}", pdu.INVALID_PARAMETER) from error


def _negotiate(proposed: ProposedContext, offers: Mapping[str, Offer]) -> AnsweredContext:
    offer = offers.get(proposed.abstract_syntax)
    if offer is None:
        return AnsweredContext(proposed.id, pdu.ABSTRACT_SYNTAX_NOT_SUPPORTED, IMPLICIT_LE)
    if syntax := offer.negotiate(proposed.transfer_syntaxes):
        return AnsweredContext(proposed.id, pdu.ACCEPTED, syntax)
    return AnsweredContext(proposed.id, pdu.TRANSFER_SYNTAXES_NOT_SUPPORTED, IMPLICIT_LE)
