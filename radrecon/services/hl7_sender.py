"""The MLLP client: a message out, its acknowledgement in (MSA-2 must be our MSH-10).

The connection is kept open between messages. What matters is what is known when it fails: nothing was sent
(PeerTrouble), or something was and the peer may have applied it (PeerUncertain). After any failure the connection is
closed, so that a late answer can never be taken for the next message's.
"""

from __future__ import annotations

import asyncio
import os

import structlog

from radrecon.config import HL7DestinationConfig
from radrecon.hl7v2.ack import Ack, read_ack
from radrecon.hl7v2.framing import Deframer, frame
from radrecon.hl7v2.reader import Message
from radrecon.model.errors import PeerTrouble, PeerUncertain, RejectError
from radrecon.services.mllp_stream import hang_up, next_frames, tune

log = structlog.get_logger()

CONNECT_SECONDS = 10.0
_ANSWER_LIMIT = 1 << 20


class HL7Connection:
    """One destination's connection; messages go one after the other."""

    def __init__(self, peer: HL7DestinationConfig) -> None:
        self.peer = peer
        self._turn = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._deframer = Deframer(_ANSWER_LIMIT)

    async def send(self, message: bytes) -> Ack:
        """AE and AR come back as an Ack. Raises PeerTrouble (nothing was sent) or PeerUncertain (something was)."""
        control_id = Message.parse(message).control_id
        async with self._turn:
            reader, writer = await self._connected()
            answered = False
            try:
                async with asyncio.timeout(self.peer.ack_seconds):
                    writer.write(frame(message))
                    await writer.drain()
                    answer = await self._answer(reader, control_id)
                answered = True
                return answer
            except TimeoutError as error:
                raise PeerUncertain(f"{self.peer.name}: no answer within {self.peer.ack_seconds:g} s") from error
            except OSError as error:
                raise PeerUncertain(f"{self.peer.name}: the connection broke before an answer came") from error
            finally:
                if not answered:
                    await self._drop()

    async def close(self) -> None:
        async with self._turn:
            await self._drop()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The open connection where it still stands, else a new one."""
        if self._streams is not None:
            await asyncio.sleep(0)  # lets a close by the peer that has already arrived be seen
            reader, writer = self._streams
            if not (reader.at_eof() or writer.is_closing() or reader.exception()):
                return self._streams
            await self._drop()
        self._streams = await self._connect()
        self._deframer = Deframer(_ANSWER_LIMIT)
        tune(self._streams[1])
        return self._streams

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        where = f"{self.peer.name} ({self.peer.host}:{self.peer.port})"
        try:
            async with asyncio.timeout(min(CONNECT_SECONDS, self.peer.ack_seconds)):
                return await asyncio.open_connection(self.peer.host, self.peer.port)
        except TimeoutError as error:
            raise PeerTrouble(f"{where}: no connection in time") from error
        except OSError as error:
            raise PeerTrouble(f"{where}: {_words(error)}") from error

    async def _answer(self, reader: asyncio.StreamReader, control_id: str) -> Ack:
        """The answer to `control_id`. A refusal without MSA-2 (ours was not parsed) counts too; a consent does not."""
        while True:
            frames = await next_frames(reader, self._deframer, None)
            answers = [self._read(one.raw) for one in frames or ()]
            ours = [one for one in answers if one is not None and _is_for(one, control_id)]
            if ours:
                return ours[0]
            if frames is None:
                raise ConnectionResetError("closed by the peer")
            log.info("hl7 answer to another message skipped", destination=self.peer.name)

    def _read(self, raw: bytes) -> Ack | None:
        try:
            return read_ack(raw)
        except RejectError:
            log.warning("hl7 answer not readable", destination=self.peer.name)
            return None

    async def _drop(self) -> None:
        streams, self._streams = self._streams, None
        if streams is not None:
            await hang_up(streams[1])


def _words(error: OSError) -> str:
    """The system's own words; asyncio wraps them with the address."""
    return os.strerror(error.errno) if error.errno else str(error)


def _is_for(answer: Ack, control_id: str) -> bool:
    return answer.control_id == control_id or not (answer.control_id or answer.positive)


class HL7Sender:
    """Connections by destination, opened when first needed."""

    def __init__(self) -> None:
        self._connections: dict[str, HL7Connection] = {}

    async def send(self, peer: HL7DestinationConfig, message: bytes) -> Ack:
        """As `HL7Connection.send`; a destination whose settings have changed gets a new connection."""
        known = self._connections.get(peer.name)
        if known is None or known.peer != peer:
            self._connections[peer.name] = HL7Connection(peer)
            if known is not None:
                await known.close()
        return await self._connections[peer.name].send(message)

    async def close(self) -> None:
        connections, self._connections = self._connections, {}
        await asyncio.gather(*(connection.close() for connection in connections.values()))


async def send(peer: HL7DestinationConfig, message: bytes) -> Ack:
    """One message on a connection of its own."""
    connection = HL7Connection(peer)
    try:
        return await connection.send(message)
    finally:
        await connection.close()
