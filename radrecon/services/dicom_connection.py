"""One DICOM connection under asyncio: the upper layer's events in their order, and bytes that leave at the peer's pace.

Reading goes on while an answer is being written, so that a C-CANCEL is seen between two pending answers; it stops while
a peer has more requests waiting than are worth keeping. What is stored goes to its sink in the same step.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable

from radrecon.dicom.dimse import C_CANCEL_RQ
from radrecon.dicom.upper_layer import Aborted, Acceptor, Event, MessageReceived

MOST_WAITING = 16
MOST_SINKS_WAITING = 2
LEAST_PROGRESS = 64 << 10
"""Bytes that keep a long message alive for another idle time; one byte per second does not."""

WRITE_SECONDS = 30.0
"""A peer that reads nothing for so long is gone."""

LINGER_SECONDS = 2.0
"""How long a peer may take to close after the last word; closing first could cost it that word."""


class Connection(asyncio.Protocol):
    """`serve` is called with each connection that is made."""

    def __init__(self, acceptor: Acceptor, serve: Callable[[Connection], None]) -> None:
        self.acceptor = acceptor
        self.cancelled: set[int] = set()
        self.address, self.port = "", 0
        self.received = 0
        self._serve = serve
        self._transport: asyncio.Transport | None = None
        self._events: deque[Event] = deque()
        self._news = asyncio.Event()
        self._writable = asyncio.Event()
        self._lost = asyncio.Event()
        self._paused = False
        self._aborted = False

    # -- what asyncio calls -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.address, self.port = (transport.get_extra_info("peername") or ("", 0))[:2]
        tune(transport)
        self._writable.set()
        self._serve(self)

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        for event in self.acceptor.receive(data):
            self._arrived(event)

    def connection_lost(self, exc: Exception | None) -> None:
        self.acceptor.forget()
        self._lost.set()
        self._news.set()
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # -- what a service calls -----------------------------------------------------------------------------------------

    async def next_event(self, seconds: float) -> Event:
        """The next event. Raises TimeoutError, and ConnectionResetError when the peer is gone."""
        async with asyncio.timeout(seconds):
            while not self._events:
                if self._lost.is_set():
                    raise ConnectionResetError("the peer has closed the connection")
                self._news.clear()
                await self._news.wait()
        event = self._events.popleft()
        if self._paused and self._transport:
            self._paused = False
            self._transport.resume_reading()
        return event

    async def next_or_progress(self, seconds: float) -> Event:
        """As `next_event`, but a message that is still arriving, and not byte by byte, is waited for longer."""
        while True:
            before = self.received
            try:
                return await self.next_event(seconds)
            except TimeoutError:
                if self.received - before < LEAST_PROGRESS:
                    raise

    async def send(self, data: bytes) -> None:
        """Write, and wait while the peer lags. Raises as `next_event`, and where the peer has aborted."""
        if self._transport is None or self._lost.is_set() or self._aborted or self._transport.is_closing():
            raise ConnectionResetError("the peer has closed the connection")
        self._transport.write(data)
        if not self._writable.is_set():
            async with asyncio.timeout(WRITE_SECONDS):
                await self._writable.wait()

    async def farewell(self, data: bytes) -> None:
        """The last word: write it, let the peer close, then close."""
        if self._transport is None or self._lost.is_set():
            return
        self._transport.write(data)
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                await self._lost.wait()
        except TimeoutError:
            self._transport.abort()

    def drop(self) -> None:
        """Close at once, with an A-ABORT where there is an association to end."""
        while self._events:
            event = self._events.popleft()
            if isinstance(event, MessageReceived) and event.sink:
                event.sink.close()  # nobody will answer it
        if self._transport is not None and not self._lost.is_set():
            self._transport.write(self.acceptor.abort())
            if self._transport.get_write_buffer_size():
                self._transport.abort()  # it does not read: closing would wait for it for ever
            self._transport.close()

    def _arrived(self, event: Event) -> None:
        if isinstance(event, MessageReceived):
            command = event.command
            if command.field == C_CANCEL_RQ:
                self.cancelled.add(command.responded_to or 0)
                return
            self.cancelled.discard(command.message_id or 0)  # an earlier request's
        self._aborted = self._aborted or isinstance(event, Aborted)
        self._events.append(event)
        self._news.set()
        if self._is_enough() and self._transport and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def _is_enough(self) -> bool:
        sinks = sum(isinstance(event, MessageReceived) and event.sink is not None for event in self._events)
        return len(self._events) >= MOST_WAITING or sinks >= MOST_SINKS_WAITING


def tune(transport: asyncio.BaseTransport) -> None:
    """No waiting for more to send (40 ms per exchange), and a peer that vanished is noticed."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
