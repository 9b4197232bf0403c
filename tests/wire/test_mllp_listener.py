"""The listener over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import hl7.mllp
import pytest

from radrecon.hl7v2.framing import frame
from radrecon.hl7v2.reader import Message
from radrecon.services.mllp_listener import Listener, Received, listen

A = b"MSH|^~\\&|A|||||||A\r"
B = b"MSH|^~\\&|B|||||||B\r"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Desk:
    """Takes what comes and answers with its beginning, once the gate (if any) is open."""

    def __init__(self) -> None:
        self.taken: list[Received] = []
        self.gate: asyncio.Event | None = None
        self.came = asyncio.Event()

    async def __call__(self, received: Received) -> tuple[bytes, ...]:
        self.taken.append(received)
        self.came.set()
        if self.gate is not None:
            await self.gate.wait()
        return (b"ACK:" + received.raw[:40],)


@asynccontextmanager
async def listening(
    take: Callable[[Received], Awaitable[tuple[bytes, ...]]], limit: int = 1 << 20, **options: float
) -> AsyncIterator[Listener]:
    listener = await listen("127.0.0.1", 0, take, limit, **options)  # type: ignore[arg-type]
    try:
        yield listener
    finally:
        await listener.close()


@asynccontextmanager
async def connected(listener: Listener) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection(*listener.address)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def answer(reader: asyncio.StreamReader) -> bytes:
    return (await asyncio.wait_for(reader.readuntil(b"\x1c\r"), 60))[1:-2]


async def test_each_frame_is_answered_in_order() -> None:
    desk = Desk()
    async with listening(desk) as listener, connected(listener) as (reader, writer):
        writer.write(frame(A) + frame(B) + frame(A))
        assert [await answer(reader) for _ in range(3)] == [b"ACK:" + A, b"ACK:" + B, b"ACK:" + A]
    assert [one.raw for one in desk.taken] == [A, B, A]
    assert desk.taken[0].peer.startswith("127.0.0.1:")
    assert desk.taken[0].flags == ()


async def test_two_frames_whose_cr_is_missing_get_two_answers() -> None:
    async with listening(Desk()) as listener, connected(listener) as (reader, writer):
        writer.write(b"\x0b" + A.rstrip() + b"\x1c\x0b" + B.rstrip() + b"\x1c")
        assert [await answer(reader), await answer(reader)] == [b"ACK:" + A.rstrip(), b"ACK:" + B.rstrip()]


async def test_each_message_of_a_batch_is_answered() -> None:
    desk = Desk()
    async with listening(desk) as listener, connected(listener) as (reader, writer):
        writer.write(frame(b"BHS|^~\\&\r" + A + B + b"BTS|2\r"))
        assert [await answer(reader), await answer(reader)] == [b"ACK:" + A, b"ACK:" + B]
    assert [one.flags for one in desk.taken] == [("batch",), ("batch",)]


async def test_one_byte_at_a_time_is_a_message_too() -> None:
    async with listening(Desk()) as listener, connected(listener) as (reader, writer):
        for byte in frame(A):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        assert await answer(reader) == b"ACK:" + A


async def test_a_message_over_the_limit_is_handed_on_flagged_and_the_next_one_whole() -> None:
    desk = Desk()
    async with listening(desk, limit=200_000) as listener, connected(listener) as (reader, writer):
        writer.write(frame(A + b"x" * 3_000_000) + frame(B))
        assert (await answer(reader)).startswith(b"ACK:" + A)
        assert await answer(reader) == b"ACK:" + B
    assert [one.flags for one in desk.taken] == [("too_long",), ()]
    assert len(desk.taken[0].raw) == 64 << 10


async def test_a_slow_decision_holds_back_only_its_own_connection() -> None:
    gate = asyncio.Event()

    async def take(received: Received) -> tuple[bytes, ...]:
        if received.raw == A:
            await gate.wait()
        return (received.raw,)

    async with listening(take) as listener, connected(listener) as slow, connected(listener) as quick:
        slow[1].write(frame(A))
        quick[1].write(frame(B))
        assert await answer(quick[0]) == B
        gate.set()
        assert await answer(slow[0]) == A


async def test_a_fast_sender_waits_while_its_message_is_taken() -> None:
    desk = Desk()
    desk.gate = asyncio.Event()
    async with listening(desk) as listener, connected(listener) as (reader, writer):
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        writer.transport.set_write_buffer_limits(high=1 << 16)
        many = frame(A + b"OBX|1|TX|||" + b"x" * 10_000 + b"\r")
        for _ in range(2_000):
            writer.write(many)
        await desk.came.wait()
        with pytest.raises(TimeoutError):  # 20 MB do not fit: the listener has stopped reading
            await asyncio.wait_for(writer.drain(), 0.5)
        assert len(desk.taken) == 1
        desk.gate.set()
        for _ in range(2_000):
            await answer(reader)


async def test_sixty_four_slow_connections_do_not_delay_another() -> None:
    async with listening(Desk()) as listener, contextlib.AsyncExitStack() as stack:
        slow = [await stack.enter_async_context(connected(listener)) for _ in range(64)]
        for _, writer in slow:
            writer.write(frame(A)[:10])
        quick = await stack.enter_async_context(connected(listener))
        quick[1].write(frame(B))
        assert await answer(quick[0]) == b"ACK:" + B
        for reader, writer in slow:
            writer.write(frame(A)[10:])
            assert await answer(reader) == b"ACK:" + A


async def test_a_bug_closes_its_connection_without_an_answer_and_nothing_else() -> None:
    async def take(received: Received) -> tuple[bytes, ...]:
        if received.raw == A:
            raise TimeoutError("a bug that looks like a silent peer")
        return (received.raw,)

    async with listening(take) as listener:
        async with connected(listener) as (reader, writer):
            writer.write(frame(A) + frame(B))
            with contextlib.suppress(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(), 60) == b""
        async with connected(listener) as (reader, writer):
            writer.write(frame(B))
            assert await answer(reader) == B


async def test_no_answer_and_two_answers_are_what_was_asked_for() -> None:
    async def take(received: Received) -> tuple[bytes, ...]:
        return () if received.raw == A else (b"CA", received.raw)

    async with listening(take) as listener, connected(listener) as (reader, writer):
        writer.write(frame(A) + frame(B))
        assert await answer(reader) == b"CA"
        assert await answer(reader) == B


async def test_a_peer_that_leaves_while_we_answer_harms_nobody() -> None:
    desk = Desk()
    desk.gate = asyncio.Event()
    async with listening(desk) as listener:
        async with connected(listener) as (_, writer):
            writer.write(frame(A))
            await desk.came.wait()
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        desk.gate.set()
        async with connected(listener) as (reader, writer):
            writer.write(frame(B))
            assert await answer(reader) == b"ACK:" + B


async def test_what_a_closed_connection_left_unfinished_is_handed_on() -> None:
    desk = Desk()
    async with listening(desk) as listener:
        async with connected(listener) as (reader, writer):
            writer.write(frame(A) + b"\x0b" + B)
            writer.write_eof()
            assert await answer(reader) == b"ACK:" + A
            assert await answer(reader) == b"ACK:" + B
        assert [one.flags for one in desk.taken] == [(), ("unfinished",)]


async def test_a_closed_connection_that_sent_no_message_leaves_its_talk() -> None:
    desk = Desk()
    async with listening(desk) as listener:
        for words in (b"PID|1||7\r", b"GET / HTTP/1.1\r\n\r\n", b" \r\n", b"\xef\xbb\xbf" + A):
            async with connected(listener) as (reader, writer):
                writer.write(words)
                writer.write_eof()
                await asyncio.wait_for(reader.read(), 60)
        async with connected(listener) as (reader, writer):
            writer.write(frame(B) + b"log: all sent\r\n")
            writer.write_eof()
            assert await answer(reader) == b"ACK:" + B
            assert await asyncio.wait_for(reader.read(), 60) == b""
    talk = ("no_start", "noise", "unfinished")
    assert [(one.raw, one.flags) for one in desk.taken] == [
        (b"PID|1||7\r", talk),
        (b"GET / HTTP/1.1\r\n\r\n", talk),
        (b"\xef\xbb\xbf" + A, ("no_start", "unfinished")),
        (B, ()),
    ]


async def test_an_idle_connection_is_closed_where_that_is_set() -> None:
    async with listening(Desk(), idle_seconds=0.1) as listener, connected(listener) as (reader, _):
        assert await asyncio.wait_for(reader.read(), 60) == b""


async def test_connections_over_the_maximum_are_refused() -> None:
    async with listening(Desk(), max_connections=1) as listener, connected(listener) as first:
        first[1].write(frame(A))
        assert await answer(first[0]) == b"ACK:" + A
        async with connected(listener) as (reader, _):
            with contextlib.suppress(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(), 60) == b""
        first[1].write(frame(B))
        assert await answer(first[0]) == b"ACK:" + B


async def test_closing_lets_the_message_under_way_be_answered() -> None:
    desk = Desk()
    desk.gate = asyncio.Event()
    async with listening(desk) as listener, connected(listener) as busy, connected(listener) as idle:
        busy[1].write(frame(A) + frame(B))
        await desk.came.wait()
        closing = asyncio.create_task(listener.close())
        assert await asyncio.wait_for(idle[0].read(), 60) == b""
        desk.gate.set()
        assert await answer(busy[0]) == b"ACK:" + A
        await closing
        assert [one.raw for one in desk.taken] == [A]
        assert listener.connections == 0
        with pytest.raises(OSError):
            await asyncio.open_connection(*listener.address)


async def test_another_client_is_served() -> None:
    async def take(received: Received) -> tuple[bytes, ...]:
        message = Message.parse(received.raw)
        return (f"MSH|^~\\&|X\rMSA|AA|{message.control_id}\r".encode(),)

    async with listening(take) as listener:
        reader, writer = await hl7.mllp.open_hl7_connection(*listener.address)
        for number in range(3):
            writer.writemessage(hl7.parse(f"MSH|^~\\&|APP||||||ADT^A08|{number}|P|2.5\rPID|1\r"))
            await writer.drain()
            reply = await asyncio.wait_for(reader.readmessage(), 60)
            assert str(reply.segment("MSA")[2]) == str(number)
        writer.close()
        await writer.wait_closed()
