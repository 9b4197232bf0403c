from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import hl7
from hl7.mllp import open_hl7_connection

from radrecon.sim.people import register
from radrecon.sim.receiver import Receiver, acknowledge
from radrecon.sim.ris import RIS
from radrecon.sim.ris_messages import Scribe

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


async def test_an_independent_client_gets_its_ack() -> None:
    receiver = Receiver("vault")
    await receiver.start()
    reader, writer = await open_hl7_connection(*receiver.address, encoding="utf-8")
    writer.writemessage(hl7.parse(Scribe().adt("A08", next(register(1)), NOW).text))
    await writer.drain()
    ack = await asyncio.wait_for(reader.readmessage(), 5)
    assert (str(ack["MSA.F1"]), str(ack["MSA.F2"])) == ("AA", "R0000001")
    assert len(receiver.messages) == 1
    writer.close()
    await receiver.close()


async def test_it_keeps_what_it_got_in_order_letter_by_letter() -> None:
    receiver, scribe = Receiver("vault"), Scribe()
    await receiver.start()
    people = register(2)
    written = [scribe.adt("A08", next(people), NOW) for _ in range(10)]
    async with RIS(*receiver.address) as ris:
        for message in written:
            await ris.send(message)
    await receiver.close()
    assert [text + "\r" * (not text.endswith("\r")) for text in receiver.messages] == [m.text for m in written]


async def test_closing_hangs_up_on_whoever_is_still_connected() -> None:
    receiver = Receiver("vault")
    await receiver.start()
    reader, writer = await asyncio.open_connection(*receiver.address)
    await asyncio.sleep(0)
    await receiver.close()
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


def test_a_message_with_a_short_header_is_answered_too() -> None:
    assert "MSA|AA|" in acknowledge("MSH|^~\\&|A", "AA")
