"""The engine's book of waiting steps: the worklist as it stands now, without asking the database for all of it.

Before each query the book reads how far the database has come (two highest ids) and takes in what is new, so that
what an acknowledgement promised is on the very next list, whichever process wrote it. Lines lie in memory, whole orders
only those asked for last. What started long ago is found in the database. All of it happens on one thread, a little at
a time, so that one wide question holds up no other.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import TypeVar

import structlog

from radrecon.dicom.worklist import WorklistQuery, matches, narrow
from radrecon.dicom.worklist_index import Index, Line, line, may
from radrecon.model.errors import Trouble
from radrecon.model.order import Order, Step
from radrecon.store import worklist, worklist_book
from radrecon.store.database import Connection, Store, trouble
from radrecon.store.worklist_book import Marks

log = structlog.get_logger()

HELD_DAYS = 3
"""What started longer ago is not in memory: modalities ask for yesterday, today and the days ahead."""

MOST_WHOLE = 4096
"""Whole orders kept, some five kilobytes each."""

AT_ONCE = 256
PAGE = 500
TURN_SECONDS = 0.02
"""How long one question may have the thread while others wait."""

LAG = 10_000
"""Changes after which the book is brought up to date though nobody asks."""

T = TypeVar("T")
Pair = tuple[Order, Step]
Takes = Callable[[Order, Step], bool]


class WorklistBook:
    """`today` is the site's day. Made once; `find` is called from the event loop."""

    def __init__(self, store: Store, today: Callable[[], date]) -> None:
        self._store = store
        self._today = today
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="worklist")
        self._index = Index()
        self._marks: Marks | None = None
        self._glimpsed: Marks | None = None
        self._pruned = 0
        self._since = ""
        self._file: object = None
        self._conn: Connection | None = None
        self._whole: OrderedDict[int, Pair] = OrderedDict()

    def __len__(self) -> int:
        """Steps held."""
        return len(self._index)

    async def find(self, query: WorklistQuery, takes: Takes | None = None, limit: int = 0) -> list[Pair]:
        """Waiting steps that match, by their start; at most `limit` of them (0 = all). Raises DatabaseDown.

        `takes` decides in the stead of `matches` where more than the query's keys counts; the query then is what the
        steps are selected by.
        """
        search = _Search(self, query, takes or _takes(query), limit)
        done = await self._do(search.begin)
        while not done:
            done = await self._do(search.go_on)
        return search.found

    async def keep_up(self) -> None:
        """For ever: take in at leisure what would otherwise wait for the next question."""
        while True:
            try:
                await self._do(self.catch_up if self._marks is None else self._catch_up_at_leisure)
            except Trouble as error:
                log.warning("the worklist is not up to date", reason=str(error))
            await asyncio.sleep(1)

    def prunable(self) -> Marks | None:
        """How far the notes of changes were read, where there are enough of them to drop."""
        return self._marks if self._marks and self._marks.change - self._pruned > LAG else None

    def prune(self, read: Marks) -> None:
        """On the writer's thread."""
        with self._store.transaction() as conn:
            worklist_book.forget_changes(conn, read)
        self._pruned = read.change

    def close(self) -> None:
        self._thread.shutdown()
        self._forget_connection()

    async def _do(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)

    # -- on the book's own thread -------------------------------------------------------------------------------------

    def catch_up(self) -> None:
        """Take in what has changed; everything, the first time and in a database that was put in the place of ours."""
        now = self._now_in_database()
        if self._marks is None or any(new < old for new, old in zip(now, self._marks, strict=True)):
            self._read_all(now)
        elif now != self._marks:
            self._read_changes(self._marks)
        self._let_go()

    def _catch_up_at_leisure(self) -> None:
        """Only where nothing is going on, or a great deal has."""
        now, before, read = self._now_in_database(), self._glimpsed, self._marks or Marks(0, 0)
        self._glimpsed = now
        if now == before or now.step - read.step > LAG or now.change - read.change > LAG:
            self.catch_up()

    def _now_in_database(self) -> Marks:
        file = self._store.same_file()
        if file != self._file:
            self._forget_connection()
            self._file, self._marks = file, None
        try:
            with trouble():
                self._conn = self._conn or self._store.lone_connection()
                return worklist_book.marks(self._conn)
        except Exception:
            self._forget_connection()
            raise

    def _read_all(self, now: Marks) -> None:
        started = time.perf_counter()
        self._index, self._marks = Index(), None
        self._whole.clear()
        self._since = (self._today() - timedelta(days=HELD_DAYS)).isoformat()
        with self._store.reading() as conn:
            ids = worklist_book.waiting_orders(conn, self._since)
        self._take_in(ids)
        self._marks, self._pruned = now, 0
        log.info("worklist read", steps=len(self._index), seconds=round(time.perf_counter() - started, 1))

    def _read_changes(self, since: Marks) -> None:
        with self._store.reading() as conn:
            now = worklist_book.marks(conn)
            ids = worklist_book.changed_since(conn, since)
        self._take_in(ids)
        self._marks = now

    def _take_in(self, order_ids: Sequence[int]) -> None:
        """A short transaction per chunk: what changes meanwhile lies above the marks and is read the next time."""
        for chunk in worklist_book.chunks(order_ids):
            with self._store.reading() as conn:
                found = worklist_book.outlines(conn, chunk, self._since)
            lines: dict[int, list[Line]] = {order_id: [] for order_id in chunk}
            for order, step in found:
                lines[order.id].append(line(order, step))
            for order_id, now in lines.items():
                self._replace(order_id, now)

    def _replace(self, order_id: int, now: list[Line]) -> None:
        for one in (*self._index.of_order(order_id), *now):
            self._whole.pop(one.step_id, None)
        self._index.put(order_id, now)

    def _let_go(self) -> None:
        since = (self._today() - timedelta(days=HELD_DAYS)).isoformat()
        if since > self._since:
            self._index.forget_before(since)
            self._since = since

    def _forget_connection(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.close()

    def lines(self, query: WorklistQuery) -> list[Line]:
        """What is held and the exact keys leave, as it stands now."""
        return self._index.among(query)

    @property
    def since(self) -> str:
        """The first ISO day that is held."""
        return self._since

    def whole(self, lines: Sequence[Line]) -> list[Pair]:
        """The orders and steps of lines, from memory or from the database."""
        missing = [(one.order_id, one.step_id) for one in lines if one.step_id not in self._whole]
        if missing:
            with self._store.reading() as conn:
                fresh = {pair[1].id: pair for pair in worklist_book.pairs(conn, missing)}
        else:
            fresh = {}
        held = {one.step_id: self._whole.get(one.step_id) or fresh.get(one.step_id) for one in lines}
        self._keep({key: pair for key, pair in held.items() if pair})
        return [pair for pair in held.values() if pair]

    def _keep(self, used: dict[int, Pair]) -> None:
        self._whole |= used
        for key in used:
            self._whole.move_to_end(key)
        while len(self._whole) > MOST_WHOLE:
            self._whole.popitem(last=False)

    def page(self, query: WorklistQuery, after: tuple[str, int]) -> list[Pair]:
        """The next waiting steps that started before what is held, straight from the database."""
        keys = narrow(query)
        with self._store.reading() as conn:
            return worklist.scheduled(
                conn,
                patient_id=keys.patient_id,
                accession_number=keys.accession_number,
                station_ae_title=keys.ae,
                modalities=keys.modalities,
                date_from=keys.date_from,
                date_to=keys.date_to,
                before=self._since,
                after=after,
                limit=PAGE,
            )


def _takes(query: WorklistQuery) -> Takes:
    return lambda order, step: matches(query, order, step)


class _Search:
    """One question under way: steps without a start, then those of long ago, then those that are held."""

    def __init__(self, book: WorklistBook, query: WorklistQuery, takes: Takes, limit: int) -> None:
        self.found: list[Pair] = []
        self._book = book
        self._query = query
        self._takes = takes
        self._limit = limit
        self._batches = self._all()

    def begin(self) -> bool:
        """In one turn with bringing the book up to date: most questions are answered then."""
        self._book.catch_up()
        return self.go_on()

    def go_on(self) -> bool:
        """Look for a while; True when all is found."""
        until = time.perf_counter() + TURN_SECONDS
        for batch in self._batches:
            self.found += [pair for pair in batch if self._takes(*pair)]
            if self._limit and len(self.found) >= self._limit:
                del self.found[self._limit :]
                return True
            if time.perf_counter() > until:
                return False
        return True

    def _all(self) -> Iterator[Sequence[Pair]]:
        lines = self._book.lines(self._query)
        early = bisect_left(lines, self._book.since, key=lambda one: one.start)
        yield from self._held(lines[:early])
        yield from self._long_ago()
        yield from self._held(lines[early:])

    def _held(self, lines: Sequence[Line]) -> Iterator[Sequence[Pair]]:
        test = may(self._query)
        for batch in worklist_book.chunks(lines, AT_ONCE):
            yield self._book.whole([one for one in batch if test(one)])

    def _long_ago(self) -> Iterator[Sequence[Pair]]:
        if self._query.date_from >= self._book.since:
            return
        after = "0", 0
        while batch := self._book.page(self._query, after):
            yield batch
            after = batch[-1][1].start, batch[-1][1].id
