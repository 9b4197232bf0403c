"""Messages over real sockets into a real database: grouped, in order, and held back while it stands still."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import pytest

from radrecon.config import Config
from radrecon.hl7v2.framing import frame
from radrecon.services import intake, mllp_listener
from radrecon.services.intake import Intake
from radrecon.store import tables as t
from radrecon.store.database import Store
from radrecon.workflow.intake import Received, Site, Taken
from tests.wire.outbox_desk import migrated, store, until
from tests.workflow.messages import order, pid

__all__ = ["migrated", "store"]


class Desk:
    """A listener, its intake and the writer behind it; `groups` are what the writer was given."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = store
        self.groups: list[list[bytes]] = []
        self.opened = threading.Event()
        self.opened.set()
        self.trouble: list[Exception] = []
        self._take_group = intake.take_group
        monkeypatch.setattr(intake, "take_group", self.write)

    def write(self, store: Store, group: Sequence[Received], site: Site) -> list[Taken]:
        self.groups.append([one.raw for one in group])
        assert self.opened.wait(30)
        if self.trouble:
            raise self.trouble.pop()
        return self._take_group(store, group, site)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[mllp_listener.Listener]:
        with ThreadPoolExecutor(1) as writer:
            self.intake = Intake(self.store, writer, Config)
            listener = await mllp_listener.listen("127.0.0.1", 0, self.intake.take)
            task = asyncio.create_task(self.intake.run())
            try:
                yield listener
                assert not task.done()
            finally:
                self.opened.set()
                await listener.close()
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def stored(self) -> list[tuple[str, str]]:
        """Who sent what, in the journal's order."""
        with self.store.reading() as conn:
            rows = conn.execute(t.message.select().order_by(t.message.c.id)).all()
        return [(row.peer, row.control_id) for row in rows]


@pytest.fixture
def desk(store: Store, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(store, monkeypatch)


class Ris:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def sends(self, *numbers: str) -> None:
        for number in numbers:
            self.writer.write(frame(order(f"A{number}", pid(f"7{number}"), control_id=number)))

    async def hears(self) -> str:
        """MSA-1 and MSA-2."""
        answer = await asyncio.wait_for(self.reader.readuntil(b"\x1c\r"), 30)
        msa = next(line for line in answer.decode().split("\r") if line.startswith("MSA"))
        return " ".join(msa.split("|")[1:3])


@asynccontextmanager
async def connected(listener: mllp_listener.Listener, count: int = 1) -> AsyncIterator[list[Ris]]:
    peers = [Ris(*await asyncio.open_connection(*listener.address)) for _ in range(count)]
    try:
        yield peers
    finally:
        for one in peers:
            one.writer.close()
            with contextlib.suppress(OSError):
                await one.writer.wait_closed()


async def test_a_lone_message_waits_for_nobody(desk: Desk) -> None:
    async with desk.serving() as listener, connected(listener) as (ris,):
        ris.sends("1")
        assert await ris.hears() == "AA 1"
    assert [len(group) for group in desk.groups] == [1]


async def test_what_waits_together_is_committed_together_and_a_group_has_a_limit(desk: Desk) -> None:
    many = intake.GROUP + 8
    async with desk.serving() as listener, connected(listener, many + 1) as (first, *others):
        desk.opened.clear()
        first.sends("0")
        await until(lambda: desk.groups)
        for number, one in enumerate(others, 1):
            one.sends(str(number))
        await until(lambda: desk.intake._queue.qsize() == many)
        desk.opened.set()
        assert await first.hears() == "AA 0"
        assert [await one.hears() for one in others] == [f"AA {number}" for number in range(1, many + 1)]
    assert [len(group) for group in desk.groups] == [1, intake.GROUP, 8]


async def test_each_connections_order_is_kept(desk: Desk) -> None:
    async with desk.serving() as listener, connected(listener, 4) as peers:
        wanted = {at: [f"{at}{number}" for number in range(12)] for at in range(4)}
        for at, one in enumerate(peers):
            one.sends(*wanted[at])
        for at, one in enumerate(peers):
            assert [await one.hears() for _ in range(12)] == [f"AA {number}" for number in wanted[at]]
    stored = [control for _, control in desk.stored()]
    assert len(stored) == 48
    for numbers in wanted.values():
        assert [one for one in stored if one in numbers] == numbers


async def test_while_the_writer_stands_still_senders_wait_on_their_sockets(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each connection has one message in the house, whatever it has sent."""
    async with desk.serving() as listener, connected(listener, 6) as peers:
        desk.opened.clear()
        for at, one in enumerate(peers):
            one.sends(*(f"{at}x{number}" for number in range(200)))

        def in_the_house() -> int:
            return sum(len(group) for group in desk.groups) + desk.intake._queue.qsize()

        await until(lambda: in_the_house() >= len(peers))
        seen = [in_the_house()]
        for _ in range(40):
            await asyncio.sleep(0.01)
            seen.append(in_the_house())
        assert max(seen) == len(peers)
        assert desk.stored() == []


async def test_the_queue_itself_is_bounded(desk: Desk) -> None:
    async with desk.serving():
        desk.opened.clear()
        takes = [
            asyncio.create_task(desk.intake.take(mllp_listener.Received(order(f"A{number}"), "peer")))
            for number in range(400)
        ]
        await until(lambda: desk.groups and desk.intake._queue.full())
        await asyncio.sleep(0.1)
        assert desk.intake._queue.qsize() == desk.intake._queue.maxsize == 256
        for one in takes:
            one.cancel()
        await asyncio.gather(*takes, return_exceptions=True)


async def test_a_writer_that_breaks_answers_nothing_and_the_next_group_is_taken(desk: Desk) -> None:
    desk.trouble.append(RuntimeError("a bug"))
    async with desk.serving() as listener, connected(listener, 2) as (first, second):
        first.sends("1")
        assert await asyncio.wait_for(first.reader.read(), 30) == b""
        assert desk.stored() == []
        second.sends("2")
        assert await second.hears() == "AA 2"


async def test_a_sender_that_went_away_is_stored_all_the_same(desk: Desk) -> None:
    async with desk.serving() as listener:
        async with connected(listener) as (ris,):
            desk.opened.clear()
            ris.sends("1")
            await until(lambda: desk.groups)
        desk.opened.set()
        await until(desk.stored)
        async with connected(listener) as (again,):
            again.sends("2")
            assert await again.hears() == "AA 2"


async def test_what_is_being_taken_at_the_end_is_answered(desk: Desk) -> None:
    async with desk.serving() as listener, connected(listener) as (ris,):
        desk.opened.clear()
        ris.sends("1")
        await until(lambda: desk.groups)
        closing = asyncio.create_task(listener.close())
        desk.opened.set()
        assert await ris.hears() == "AA 1"
        await closing


async def test_the_configuration_of_the_moment_is_used(store: Store) -> None:
    used: list[Any] = []

    def config() -> Config:
        used.append(Config())
        return used[-1]

    with ThreadPoolExecutor(1) as writer:
        one = Intake(store, writer, config)
        task = asyncio.create_task(one.run())
        for number in range(2):
            await one.take(mllp_listener.Received(order(f"A{number}", control_id=str(number)), "peer"))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert len(used) == 2
