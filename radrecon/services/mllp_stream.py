"""What both ends of an MLLP connection share: socket options, and waiting for the next frames of a stream."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from radrecon.hl7v2.framing import Deframer, Frame

READ_BYTES = 64 << 10
SETTLE_SECONDS = 0.25
"""How long an FS without its CR may be the last byte before it counts as the end."""

HANG_UP_SECONDS = 1.0

_KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 4))


def tune(writer: asyncio.StreamWriter) -> None:
    """Answers leave at once, and a peer that vanished without a word is noticed within minutes."""
    sock = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE:
            if hasattr(socket, name):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def peer_name(writer: asyncio.StreamWriter) -> str:
    """`127.0.0.1:4711`, `[::1]:4711`."""
    address = writer.get_extra_info("peername")
    if not address:
        return "unknown"
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def next_frames(reader: asyncio.StreamReader, deframer: Deframer, timeout: float | None) -> list[Frame] | None:
    """The frames that come next, at least one; None at the end of the stream. Raises TimeoutError when it is silent."""
    while True:
        wait = SETTLE_SECONDS if deframer.undecided else timeout
        try:
            async with asyncio.timeout(wait):
                data = await reader.read(READ_BYTES)
        except TimeoutError:
            frames = deframer.settle()
            if not frames:
                raise
            return frames
        if not data:
            return None
        frames = deframer.feed(data)
        if frames:
            return frames


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close; a peer that does not read what is left is not waited for."""
    writer.close()
    closed = asyncio.ensure_future(writer.wait_closed())
    await asyncio.wait([closed], timeout=HANG_UP_SECONDS)
    if not closed.done():
        writer.transport.abort()
    with contextlib.suppress(OSError):
        await closed
