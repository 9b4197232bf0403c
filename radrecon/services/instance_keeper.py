"""Group commit of stored instances: those that wait together are durable together, then answered.

A group closes when the queue is empty. The queue is bounded: a full one holds the senders back on their sockets.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Executor

import structlog

from radrecon.store import instances
from radrecon.store.database import Store
from radrecon.store.instances import Arrived

log = structlog.get_logger()

GROUP = 32
HEADERS_REMEMBERED = 4096
REMEMBERED_SECONDS = 3600.0  # far less than the age at which headers are pruned


class Keeper:
    """The queue between the storage service and the one writer thread."""

    def __init__(self, store: Store, writer: Executor) -> None:
        self._store = store
        self._writer = writer
        self._queue: asyncio.Queue[tuple[Arrived, asyncio.Future[None]]] = asyncio.Queue(maxsize=128)
        self._kept: OrderedDict[str, str] = OrderedDict()  # series → digest of its latest header
        self._since = time.monotonic()

    async def keep(self, arrived: Arrived) -> None:
        """Returns when it is durable. Raises what the database raised."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._queue.put((arrived, done))
        await done

    async def run(self) -> None:
        """Serve the queue until cancelled."""
        while True:
            group = [await self._queue.get()]
            while len(group) < GROUP and not self._queue.empty():
                group.append(self._queue.get_nowait())
            await self._commit(group)

    async def _commit(self, group: Sequence[tuple[Arrived, asyncio.Future[None]]]) -> None:
        loop = asyncio.get_running_loop()
        trouble: Exception | None = None
        try:
            await loop.run_in_executor(self._writer, self._save, [arrived for arrived, _ in group])
        except Exception as error:  # the top of a service loop: each of them is told
            trouble = error
        for _, done in group:
            if not done.done():
                done.set_exception(trouble) if trouble else done.set_result(None)

    def _save(self, group: Sequence[Arrived]) -> None:
        if time.monotonic() - self._since > REMEMBERED_SECONDS:
            self._kept.clear()
            self._since = time.monotonic()
        new = {(one.series_instance_uid, one.digest): place for place, one in enumerate(group)}
        new = {key: place for key, place in new.items() if self._kept.get(key[0]) != key[1]}
        with self._store.transaction() as conn:
            instances.keep(conn, group, sorted(new.values()))
        self._kept.update(dict(new.keys()))
        while len(self._kept) > HEADERS_REMEMBERED:
            self._kept.popitem(last=False)
