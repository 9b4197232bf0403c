"""The MLLP listener: frames in, answers out, one message at a time per connection.

A connection is read no further while its message is being taken, so a fast sender waits and never fills memory.
Connections do not wait for each other. What `take` raises is a bug: it is logged, and that connection is closed
without an answer, so that the sender keeps its message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

import structlog

from radrecon.hl7v2.framing import Deframer, Frame, frame, split_batch
from radrecon.services.mllp_stream import hang_up, next_frames, peer_name, tune

log = structlog.get_logger()

WRITE_SECONDS = 30.0
"""A peer that has not read its answer for so long is gone."""

GRACE_SECONDS = 5.0
"""How long `close` lets a message that is being taken be answered."""


@dataclass(frozen=True)
class Received:
    """One message as it came, a batch already parted. Flags are those of its frame, and `batch`."""

    raw: bytes
    peer: str
    flags: tuple[str, ...] = ()


Take = Callable[[Received], Awaitable[Sequence[bytes]]]
"""Takes a message; returns its unframed answers, in enhanced mode perhaps two, perhaps none."""


class _NotTaken(Exception):
    """`take` has raised; the cause says what."""


class Listener:
    """A bound listener, made by `listen`; `address` is the host and port that it is bound to."""

    def __init__(self, take: Take, limit: int, idle_seconds: float | None, max_connections: int) -> None:
        self._take = take
        self._limit = limit
        self._idle_seconds = idle_seconds
        self._max_connections = max_connections
        self._tasks: dict[asyncio.Task[None], bool] = {}  # connection → busy with a message
        self._server: asyncio.Server | None = None
        self.address = ("", 0)
        self._closing = asyncio.Event()

    @property
    def connections(self) -> int:
        return len(self._tasks)

    async def start(self, host: str, port: int) -> None:
        """Raises OSError where the address cannot be bound."""
        self._server = await asyncio.start_server(self._connected, host, port, backlog=256)
        self.address = self._server.sockets[0].getsockname()[:2]

    async def close(self) -> None:
        """Stop listening; a message that is being taken is still answered, within a grace."""
        self._closing.set()
        if self._server is not None:
            self._server.close()
        for task, busy in self._tasks.items():
            if not busy:
                task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        peer = peer_name(writer)
        if self._closing.is_set() or len(self._tasks) >= self._max_connections:
            log.warning("hl7 connection refused", peer=peer, connections=len(self._tasks))
            writer.transport.abort()
            return
        self._tasks[task] = False
        try:
            tune(writer)
            await self._converse(task, reader, writer, peer)
        except TimeoutError:
            log.info("hl7 connection idle, closed", peer=peer)
        except OSError as error:
            log.info("hl7 connection lost", peer=peer, error=type(error).__name__)
        except asyncio.CancelledError:
            if not self._closing.is_set():
                raise
        except _NotTaken as bug:
            log.error("hl7 message not taken, connection closed", peer=peer, exc_info=bug.__cause__)
        finally:
            del self._tasks[task]
            await hang_up(writer)

    async def _converse(
        self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: str
    ) -> None:
        deframer, said_nothing = Deframer(self._limit), True
        while not self._closing.is_set():
            frames = await next_frames(reader, deframer, self._idle_seconds)
            for received in _messages(_last(deframer, said_nothing) if frames is None else frames, peer):
                self._tasks[task] = True
                await self._answer(received, writer)
                self._tasks[task] = False
                if self._closing.is_set():
                    return
            if frames is None:
                return
            said_nothing = False

    async def _answer(self, received: Received, writer: asyncio.StreamWriter) -> None:
        try:
            answers = await self._take(received)
        except Exception as error:
            raise _NotTaken from error
        if not answers:
            return
        writer.write(b"".join(frame(answer) for answer in answers))
        if not writer.transport.get_write_buffer_size():
            return  # all of it has left already
        async with asyncio.timeout(WRITE_SECONDS):
            await writer.drain()


def _last(deframer: Deframer, said_nothing: bool) -> list[Frame]:
    """What a closed connection left; if it never sent a message, its talk, so that what it was is found."""
    talk = deframer.talk if said_nothing else b""
    return [Frame(talk, ("no_start", "noise", "unfinished"))] if talk else deframer.close()


def _messages(frames: list[Frame], peer: str) -> Iterator[Received]:
    for one in frames:
        parts = split_batch(one.raw)
        flags = (*one.flags, "batch") if len(parts) > 1 else one.flags
        yield from (Received(part, peer, flags) for part in parts)


async def listen(
    host: str,
    port: int,
    take: Take,
    limit: int = 16 << 20,
    *,
    idle_seconds: float | None = None,
    max_connections: int = 256,
) -> Listener:
    """Bind and serve. Port 0 takes any free one; `limit` is the largest message in bytes. Raises OSError."""
    listener = Listener(take, limit, idle_seconds, max_connections)
    await listener.start(host, port)
    return listener
