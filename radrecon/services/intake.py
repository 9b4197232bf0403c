"""Group commit: messages that wait together are journalled, applied and committed together, then acknowledged.

A group closes when the queue is empty, so that a lone message waits for nobody. Only after a group of several do the
first to come again wait a moment for the others, else every second commit would be for one of them alone. The queue
is bounded: a full one holds the senders back on their sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime

import structlog

from radrecon.config import Config
from radrecon.services import mllp_listener
from radrecon.store.database import Store
from radrecon.workflow.ingest import take_group
from radrecon.workflow.intake import Received, Site, Taken

log = structlog.get_logger()

GROUP = 32  # messages per commit at most: the transaction stays short
MEET_SECONDS = 0.003
"""How long a group waits for those who were answered last; less than the commit that it spares them. Who is alone waits
for nobody."""


class Intake:
    """The queue between the listener and the one writer thread."""

    def __init__(self, store: Store, writer: Executor, config: Callable[[], Config]) -> None:
        self._store = store
        self._writer = writer
        self._config = config
        self._site: Site | None = None
        self._queue: asyncio.Queue[tuple[Received, asyncio.Future[Taken]]] = asyncio.Queue(maxsize=256)

    async def take(self, wire: mllp_listener.Received) -> tuple[bytes, ...]:
        """One message off the wire → its acknowledgements, once it is durable."""
        answer: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        await self._queue.put((Received(wire.raw, wire.peer, datetime.now(UTC), wire.flags), answer))
        return (await answer).answers

    async def run(self) -> None:
        """Serve the queue until cancelled."""
        expected = 1
        while True:
            group = [await self._queue.get()]
            await self._fill(group, expected)
            await self._commit(group)
            expected = len(group) + self._queue.qsize()

    async def _fill(self, group: list[tuple[Received, asyncio.Future[Taken]]], expected: int) -> None:
        """What waits joins. Who was answered together sends again together: they are met, at most for a moment."""
        self._take_waiting(group)
        if len(group) >= min(expected, GROUP):
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MEET_SECONDS):
                while len(group) < min(expected, GROUP):
                    group.append(await self._queue.get())
        self._take_waiting(group)

    def _take_waiting(self, group: list[tuple[Received, asyncio.Future[Taken]]]) -> None:
        while len(group) < GROUP and not self._queue.empty():
            group.append(self._queue.get_nowait())

    def _known_site(self) -> Site:
        """The same for as long as the settings are."""
        config = self._config()
        if self._site is None or self._site.config is not config:
            self._site = Site(config)
        return self._site

    async def _commit(self, group: list[tuple[Received, asyncio.Future[Taken]]]) -> None:
        messages = [received for received, _ in group]
        loop = asyncio.get_running_loop()
        try:
            taken = await loop.run_in_executor(self._writer, take_group, self._store, messages, self._known_site())
        except Exception as error:  # top of the service: no false AA, and the next group is taken
            log.exception("group not taken", messages=len(group))
            for _, answer in group:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), one in zip(group, taken, strict=True):
            if not answer.done():
                answer.set_result(one)
