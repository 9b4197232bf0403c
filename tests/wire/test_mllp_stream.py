"""Waiting for frames on real streams."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from radrecon.hl7v2.framing import Deframer, Frame, frame
from radrecon.services.mllp_stream import hang_up, next_frames, peer_name, tune


@asynccontextmanager
async def pair() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, asyncio.StreamWriter]]:
    """Our reader and writer, and the peer's writer."""
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    _, peer = await asyncio.open_connection(sock=theirs)
    try:
        yield reader, writer, peer
    finally:
        for one in (writer, peer):
            await hang_up(one)


async def test_frames_come_as_they_end_and_none_at_the_end_of_the_stream() -> None:
    async with pair() as (reader, _, peer):
        deframer = Deframer(1 << 20)
        peer.write(frame(b"A") + frame(b"B")[:-1])
        assert await next_frames(reader, deframer, 20) == [Frame(b"A")]
        assert await next_frames(reader, deframer, 20) == [Frame(b"B")]
        peer.write(b"\r\x0bC")
        peer.close()
        assert await next_frames(reader, deframer, 20) is None
        assert deframer.close() == [Frame(b"C", ("unfinished",))]


async def test_silence_is_an_error_where_a_time_is_set() -> None:
    async with pair() as (reader, _, peer):
        peer.write(b"\x0bMSH")
        with pytest.raises(TimeoutError):
            await next_frames(reader, Deframer(1 << 20), 0.05)


async def test_hanging_up_does_not_wait_for_a_peer_that_reads_nothing() -> None:
    async with pair() as (_, writer, peer):
        peer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(b"x" * 10_000_000)
        await asyncio.wait_for(hang_up(writer), 20)
        assert writer.is_closing()


async def test_a_connection_is_tuned_and_named() -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    tune(writer)
    sock = writer.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert peer_name(writer) == f"127.0.0.1:{port}"
    await hang_up(writer)
    server.close()
    await server.wait_closed()
