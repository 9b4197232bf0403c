"""Servers to stand beside, each in a process of its own: a trivial echo, and the `hl7` package's MLLP server."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from typing import Any

import hl7
import hl7.mllp

from benchmarks._load import Address

_ACK = b"\x0bMSH|^~\\&|E||||20261122||ACK|1|P|2.5\rMSA|AA|1\r\x1c\r"


class _Echo(asyncio.Protocol):
    """The same acknowledgement for each end of a frame, unread: what the sending side itself can do."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._last = b""

    def data_received(self, data: bytes) -> None:
        whole = self._last + data
        self._last = data[-1:] if data[-1:] == b"\x1c" else b""
        self._transport.write(_ACK * whole.count(b"\x1c\r"))


async def _serve_echo() -> asyncio.Server:
    return await asyncio.get_running_loop().create_server(_Echo, "127.0.0.1", 0)


async def _serve_hl7() -> asyncio.Server:
    server: asyncio.Server = await hl7.mllp.start_hl7_server(_acknowledge, "127.0.0.1", 0, encoding="utf-8")
    return server


async def _acknowledge(reader: hl7.mllp.HL7StreamReader, writer: hl7.mllp.HL7StreamWriter) -> None:
    """Parse, acknowledge, store nothing: the server of the package's own documentation."""
    try:
        while not writer.is_closing():
            message = await reader.readmessage()
            writer.writemessage(message.create_ack())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _run(serve: Callable[[], Coroutine[Any, Any, asyncio.Server]], pipe: Pipe) -> None:
    async def main() -> None:
        server = await serve()
        pipe.send(server.sockets[0].getsockname()[:2])
        await server.serve_forever()

    asyncio.run(main())


@contextmanager
def _running(serve: Callable[[], Coroutine[Any, Any, asyncio.Server]]) -> Iterator[Address]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(serve, theirs), daemon=True)
    process.start()
    try:
        host, port = ours.recv()
        yield host, port
    finally:
        process.kill()
        process.join()


def echo() -> Any:
    """A running echo; its address."""
    return _running(_serve_echo)


def hl7_package() -> Any:
    """The hl7 package's server; its address."""
    return _running(_serve_hl7)
