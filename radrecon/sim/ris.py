"""The RIS's outbound interface: an MLLP client that waits for the ACK of each message and sends again without one.

HL7 v2 appendix C (MLLP release 1), original acknowledgement mode.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from types import TracebackType
from typing import Self

import structlog

from radrecon.model.errors import PeerTrouble
from radrecon.sim.ris_messages import Written

VT, FS_CR = b"\x0b", b"\x1c\r"
NO_ANSWER = "none"

log = structlog.get_logger()


class RIS:
    """One interface of one RIS: messages leave in order, one at a time, like any feed that an engine routes.

    `acks` counts answers by code; `none` counts attempts that nobody answered.
    """

    def __init__(self, host: str, port: int, *, patience: float = 10, attempts: int = 4, pause: float = 1) -> None:
        self._address = (host, port)
        self._patience, self._attempts, self._pause = patience, attempts, pause
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()
        self.sent = 0
        self.acks: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def send(self, message: Written) -> str:
        """Send until answered; the acknowledgement code. Raises PeerTrouble when nobody ever answers."""
        async with self._turn:
            for attempt in range(self._attempts):
                if attempt:
                    await asyncio.sleep(self._pause * attempt)
                code = await self._attempt(message)
                self.acks[code] += 1
                if code != NO_ANSWER:
                    self.sent += 1
                    return code
        raise PeerTrouble(f"no answer to {message.message_type} from {self._address[0]}:{self._address[1]}")

    async def close(self) -> None:
        if self._streams is None:
            return
        _, writer = self._streams
        self._streams = None
        writer.close()
        try:
            await writer.wait_closed()
        except OSError as error:
            log.debug("interface was broken already", error=str(error))

    async def _attempt(self, message: Written) -> str:
        try:
            async with asyncio.timeout(self._patience):
                reader, writer = await self._open()
                writer.write(VT + message.encoded() + FS_CR)
                await writer.drain()
                return await _answer(reader, message.control_id)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            log.info("no answer, sending again", message_type=message.message_type, error=type(error).__name__)
            await self.close()
            return NO_ANSWER

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
            plug: socket.socket = self._streams[1].get_extra_info("socket")
            plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._streams


async def _answer(reader: asyncio.StreamReader, control_id: str) -> str:
    """The code of the ACK that names our message in MSA-2; late answers to earlier attempts are passed over."""
    while True:
        frame = await reader.readuntil(FS_CR)
        code, answered = read_msa(frame)
        if answered == control_id:
            return code


def read_msa(frame: bytes) -> tuple[str, str]:
    """MSA-1 and MSA-2 of a framed ACK."""
    text = frame.removesuffix(FS_CR).lstrip(VT).decode("utf-8", "replace").replace("\n", "\r")
    for segment in text.split("\r"):
        if segment.startswith("MSA|"):
            fields = [*segment.split("|"), "", ""]
            return fields[1], fields[2]
    return "", ""
