"""A downstream system that takes HL7: answers AA to everything and keeps what it got, applying nothing.

That is the silent failure of real life in small: an acknowledgement that proves nothing.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

VT, FS_CR = b"\x0b", b"\x1c\r"


class Receiver:
    """An MLLP server on loopback. `messages` holds the texts in order of arrival."""

    def __init__(self, name: str, code: str = "AA") -> None:
        self.name = name
        self.messages: list[str] = []
        self._code = code
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> tuple[str, int]:
        assert self._server is not None, "not started"
        host, port = self._server.sockets[0].getsockname()[:2]
        return host, port

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = await asyncio.start_server(self._accept, host, port, limit=16 << 20)

    async def close(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.ensure_future(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                text = (await reader.readuntil(FS_CR)).strip(VT + FS_CR).decode("utf-8", "replace")
                self.messages.append(text)
                writer.write(VT + acknowledge(text, self._code).encode() + FS_CR)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            return
        finally:
            writer.close()


def acknowledge(message: str, code: str) -> str:
    """An original-mode ACK: applications swapped, MSA-2 names the message."""
    fields = [*message.split("\r", 1)[0].split("|"), *[""] * 12]
    now = datetime.now(UTC).strftime("%Y%m%d%H%M%S+0000")
    msh = f"MSH|^~\\&|{fields[4]}|{fields[5]}|{fields[2]}|{fields[3]}|{now}||ACK|A{fields[9]}|P|{fields[11]}"
    return f"{msh}\rMSA|{code}|{fields[9]}\r"
