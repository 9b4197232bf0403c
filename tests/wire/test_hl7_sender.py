"""The sender against peers that answer well, late, wrongly or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import hl7
import hl7.mllp
import pytest

from radrecon.config import HL7DestinationConfig
from radrecon.hl7v2.ack import ack
from radrecon.hl7v2.framing import frame
from radrecon.hl7v2.reader import Message
from radrecon.model.errors import PeerTrouble, PeerUncertain
from radrecon.services.hl7_sender import HL7Connection, HL7Sender, send
from radrecon.services.mllp_listener import Received, listen

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter, bytes], Awaitable[None]]


def message(control_id: str = "7") -> bytes:
    return f"MSH|^~\\&|RADRECON||||||ADT^A08|{control_id}|P|2.5\rPID|||1\r".encode()


def msa(code: str, control_id: str) -> bytes:
    return frame(f"MSH|^~\\&|PACS\rMSA|{code}|{control_id}\r".encode())


@asynccontextmanager
async def peer(behave: Behaviour, ack_seconds: float = 20) -> AsyncIterator[tuple[HL7DestinationConfig, list[int]]]:
    """A server that does `behave` for each message; the list counts the messages of each connection."""
    counts: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        counts.append(0)
        try:
            while not writer.is_closing():
                raw = await reader.readuntil(b"\x1c\r")
                counts[-1] += 1
                await behave(reader, writer, raw[1:-2])
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield HL7DestinationConfig(name="PACS", port=port, ack_seconds=ack_seconds), counts
    finally:
        server.close()
        await server.wait_closed()


async def consent(_: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> None:
    writer.write(msa("AA", Message.parse(raw).control_id))


@asynccontextmanager
async def connection(config: HL7DestinationConfig) -> AsyncIterator[HL7Connection]:
    opened = HL7Connection(config)
    try:
        yield opened
    finally:
        await opened.close()


async def test_messages_share_a_connection() -> None:
    async with peer(consent) as (config, counts), connection(config) as opened:
        for number in range(3):
            assert (await opened.send(message(str(number)))).control_id == str(number)
        assert counts == [3]


async def test_messages_sent_at_once_go_one_after_the_other() -> None:
    async with peer(consent) as (config, counts), connection(config) as opened:
        answers = await asyncio.gather(*(opened.send(message(str(number))) for number in range(20)))
        assert [one.control_id for one in answers] == [str(number) for number in range(20)]
        assert counts == [20]


@pytest.mark.parametrize("code", ["AE", "AR", "CA"])
async def test_a_refusal_is_an_answer_not_an_exception(code: str) -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> None:
        now = datetime(2026, 11, 22, tzinfo=UTC)
        writer.write(frame(ack(Message.parse(raw), code, "no such patient", "PID-3", now=now, control_id="1")))

    async with peer(refuse) as (config, _), connection(config) as opened:
        answer = await opened.send(message())
        assert (answer.code, answer.text) == (code, "no such patient")


async def test_answers_to_other_messages_are_skipped() -> None:
    async def confused(_: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> None:
        writer.write(frame(b"hello") + msa("AA", "other") + msa("AA", ""))
        await asyncio.sleep(0.05)
        writer.write(msa("AE", Message.parse(raw).control_id))

    async with peer(confused) as (config, _), connection(config) as opened:
        assert (await opened.send(message())).code == "AE"


async def test_a_refusal_that_names_no_message_is_ours() -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> None:
        writer.write(msa("AR", ""))

    async with peer(refuse) as (config, _):
        assert (await send(config, message())).code == "AR"


async def test_an_answer_without_cr_after_its_frame_is_read() -> None:
    async def sloppy(_: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> None:
        writer.write(b"\x0bMSH|^~\\&|PACS\rMSA|AA|7\x1c")

    async with peer(sloppy) as (config, _):
        assert (await send(config, message())).code == "AA"


async def test_a_peer_that_is_down_got_nothing() -> None:
    async with peer(consent) as (config, _):
        pass
    with pytest.raises(PeerTrouble) as caught:
        await send(config, message())
    assert not isinstance(caught.value, PeerUncertain)
    assert "PACS" in str(caught.value)


async def test_a_silent_peer_may_have_applied_it_and_its_late_answer_is_not_the_next_ones() -> None:
    late = asyncio.Event()

    async def silent_at_first(_: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> None:
        if Message.parse(raw).control_id == "1":
            await late.wait()
        writer.write(msa("AA", Message.parse(raw).control_id))

    async with peer(silent_at_first, ack_seconds=0.3) as (config, counts), connection(config) as opened:
        with pytest.raises(PeerUncertain):
            await opened.send(message("1"))
        late.set()
        opened.peer = config.model_copy(update={"ack_seconds": 20})
        assert (await opened.send(message("2"))).control_id == "2"
        assert counts == [1, 1]


@pytest.mark.parametrize("reset", [False, True])
async def test_a_connection_that_breaks_before_the_answer_leaves_it_open(reset: bool) -> None:
    async def leave(_: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> None:
        if reset:
            writer.transport.abort()
        writer.close()

    async with peer(leave) as (config, _), connection(config) as opened:
        for _ in range(2):
            with pytest.raises(PeerUncertain):
                await opened.send(message())


async def test_a_peer_that_closes_between_messages_is_connected_again() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> None:
        await consent(reader, writer, raw)
        await writer.drain()
        writer.close()

    async with peer(once) as (config, counts), connection(config) as opened:
        for number in range(3):
            assert (await opened.send(message(str(number)))).code == "AA"
            await asyncio.sleep(0.1)
        assert counts == [1, 1, 1]


async def test_the_sender_keeps_a_connection_per_destination() -> None:
    sender = HL7Sender()
    async with peer(consent) as (config, counts), peer(consent) as (other, other_counts):
        second = other.model_copy(update={"name": "EHR"})
        for number in range(2):
            await sender.send(config, message(str(number)))
            await sender.send(second, message(str(number)))
        await sender.send(config.model_copy(update={"ack_seconds": 9}), message())
        assert (counts, other_counts) == ([2, 1], [2])
        await sender.close()


async def test_our_own_listener_answers_our_own_sender() -> None:
    async def take(received: Received) -> tuple[bytes, ...]:
        now = datetime(2026, 11, 22, tzinfo=UTC)
        return (ack(Message.parse(received.raw), "AA", now=now, control_id="1"),)

    listener = await listen("127.0.0.1", 0, take, 1 << 20)
    config = HL7DestinationConfig(name="US", port=listener.address[1])
    try:
        assert (await send(config, message("17"))).control_id == "17"
    finally:
        await listener.close()


async def test_another_server_is_understood() -> None:
    async def serve(reader: hl7.mllp.HL7StreamReader, writer: hl7.mllp.HL7StreamWriter) -> None:
        try:
            while not writer.is_closing():
                incoming = await reader.readmessage()
                writer.writemessage(incoming.create_ack("AA"))
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()

    server = await hl7.mllp.start_hl7_server(serve, host="127.0.0.1", port=0)
    config = HL7DestinationConfig(name="python-hl7", port=server.sockets[0].getsockname()[1])
    async with connection(config) as opened:
        for number in range(3):
            answer = await opened.send(f"MSH|^~\\&|A|B|C|D|20261122||ADT^A08|{number}|P|2.5\rPID|||1\r".encode())
            assert (answer.code, answer.control_id) == ("AA", str(number))
    server.close()
    await server.wait_closed()
