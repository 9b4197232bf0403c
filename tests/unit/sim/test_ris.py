"""The client against the MLLP server of the `hl7` package, and against servers that misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from hl7.mllp import start_hl7_server

from radrecon.model.errors import PeerTrouble
from radrecon.sim.people import register
from radrecon.sim.ris import FS_CR, NO_ANSWER, RIS, VT, read_msa
from radrecon.sim.ris_messages import Scribe, Written

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def message() -> Written:
    return Scribe().adt("A04", next(register(1)), NOW)


def answer(code: str, control_id: str) -> bytes:
    return VT + f"MSH|^~\\&|X\rMSA|{code}|{control_id}\r".encode() + FS_CR


async def serve(talk: Talk) -> tuple[asyncio.Server, int]:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def test_an_independent_server_understands_and_its_ack_is_understood() -> None:
    heard = []

    async def talk(reader, writer) -> None:  # type: ignore[no-untyped-def]
        while not writer.is_closing():
            try:
                received = await reader.readmessage()
            except asyncio.IncompleteReadError:
                break
            heard.append(str(received["PID.F3.R1.C1"]))
            writer.writemessage(received.create_ack())
            await writer.drain()
        writer.close()

    async with await start_hl7_server(talk, host="127.0.0.1", port=0, encoding="utf-8") as server:
        scribe, people = Scribe(), register(1)
        async with RIS("127.0.0.1", server.sockets[0].getsockname()[1]) as ris:
            codes = [await ris.send(scribe.adt("A04", next(people), NOW)) for _ in range(20)]
    assert codes == ["AA"] * 20
    assert len(set(heard)) == 20
    assert ris.acks == {"AA": 20}
    assert ris.sent == 20


async def test_a_message_that_nobody_answers_is_sent_again_on_a_new_connection() -> None:
    frames = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames.append(await reader.readuntil(FS_CR))
        if len(frames) == 3:
            writer.write(answer("AA", "R0000001"))
            await writer.drain()

    server, port = await serve(talk)
    async with server, RIS("127.0.0.1", port, pause=0) as ris:
        assert await ris.send(message()) == "AA"
    assert len(set(frames)) == 1
    assert ris.acks == {NO_ANSWER: 2, "AA": 1}


async def test_a_late_answer_to_something_else_is_passed_over() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(FS_CR)
        writer.write(answer("AE", "R9999999") + answer("AA", "R0000001"))
        await writer.drain()

    server, port = await serve(talk)
    async with server, RIS("127.0.0.1", port) as ris:
        assert await ris.send(message()) == "AA"


async def test_a_refusal_is_an_answer_and_is_not_sent_again() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(FS_CR)
        writer.write(answer("AE", "R0000001"))
        await writer.drain()

    server, port = await serve(talk)
    async with server, RIS("127.0.0.1", port) as ris:
        assert await ris.send(message()) == "AE"
    assert ris.acks == {"AE": 1}


async def test_a_peer_that_is_down_is_trouble_after_all_attempts() -> None:
    server, port = await serve(lambda reader, writer: asyncio.sleep(0))
    server.close()
    await server.wait_closed()
    async with RIS("127.0.0.1", port, attempts=2, pause=0) as ris:
        with pytest.raises(PeerTrouble, match="no answer to ADT"):
            await ris.send(message())
    assert ris.acks == {NO_ANSWER: 2}


def test_msa_is_found_whatever_the_line_ends() -> None:
    assert read_msa(VT + b"MSH|^~\\&|\nMSA|AR|X1|no\n" + FS_CR) == ("AR", "X1")
    assert read_msa(b"nonsense") == ("", "")
