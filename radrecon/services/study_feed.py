"""The study feed: follow one PACS, and save what is new, changed, gone and back.

A small PACS is looked through at each poll. Of a large one each poll asks for the last days, in windows that overlap,
and a sweep in the background asks for everything: a study may carry any date, or none. Orthanc's changes, where they
are followed, tell of a study within the second. The first time that all was seen is the baseline.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from time import monotonic

import structlog

from radrecon.config import Config, PacsConfig
from radrecon.model.errors import PeerTrouble
from radrecon.model.study import FeedState, StudyFacts
from radrecon.services.feed_changes import Follower
from radrecon.services.feed_observer import Days, Listed, Observer
from radrecon.services.feed_sweep import Sweeper
from radrecon.services.pacs_line import Closed, Urgency
from radrecon.services.pacs_source import Orthanc
from radrecon.store.database import DatabaseDown, Store
from radrecon.workflow import feed
from radrecon.workflow.sweeping import DETAIL_LIMIT

log = structlog.get_logger()

OVERLAP = timedelta(hours=6)  # a window reaches back so far before now; images are stored after they are taken
WIDE_EVERY = 10  # so many polls: one reaches back over all of look_back_days
MISSED_LIMIT = 20  # studies that a look left out, asked for one by one
LONGEST_REST = 60.0  # seconds between two looks at a PACS that fails, or its poll_seconds if they are more


class StudyFeed:
    """The feed of one PACS."""

    def __init__(self, store: Store, config: Config, peer: PacsConfig) -> None:
        self._store, self._peer = store, peer
        self._observer = Observer(store, config, peer)
        source = self._observer.source
        self._follower = Follower(self._observer, source.changes) if isinstance(source, Orthanc) else None
        self._sweeper = Sweeper(self._observer)
        self._poke, self._looking, self._looked = asyncio.Event(), asyncio.Lock(), asyncio.Event()
        self._polls = self._failures = 0
        self._told: str | None = None

    def poke(self) -> None:
        """Look now."""
        self._poke.set()

    def close(self) -> None:
        """Ask nothing more."""
        self._observer.close()

    async def run(self) -> None:
        """Look for ever."""
        try:
            await asyncio.to_thread(feed.note_feed, self._store, self._peer.name, kind=self._peer.feed_kind)
        except DatabaseDown as error:
            log.warning("feed waits", pacs=self._peer.name, reason=str(error))
        try:
            if self._follower:  # before the first look, so that nothing falls between
                await self._guarded("changes", self._follower.step)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._poll())
                tasks.create_task(self._repeat("sweep", self._sweeper.step, self._looked))
                if self._follower:
                    tasks.create_task(self._repeat("changes", self._follower.step))
        finally:
            self.close()

    async def _poll(self) -> None:
        while True:
            self._poke.clear()
            began = monotonic()
            await self.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._rest(monotonic() - began)):
                    await self._poke.wait()

    def _rest(self, took: float) -> float:
        """A look begins each interval; a slow PACS rests as long as it took. Each failure in a row doubles the rest."""
        interval = self._peer.poll_seconds
        if self._failures:
            return min(interval * 2.0 ** min(self._failures, 10), max(LONGEST_REST, interval))
        return max(interval - took, min(took, interval))

    async def _repeat(
        self, what: str, step: Callable[[], Awaitable[float]], first: asyncio.Event | None = None
    ) -> None:
        if first:
            await first.wait()
        rest = 0.0
        while True:
            await asyncio.sleep(rest)
            rest = await self._guarded(what, step)

    async def _guarded(self, what: str, step: Callable[[], Awaitable[float]]) -> float:
        try:
            return await step()
        except (DatabaseDown, Closed) as error:
            log.warning("feed waits", pacs=self._peer.name, what=what, reason=str(error))
        except Exception:  # the top of a service loop
            log.exception("feed broke", pacs=self._peer.name, what=what)
        return 5.0

    # -- looks --------------------------------------------------------------------------------------------------------

    async def look_at(self, uid: str) -> StudyFacts | None:
        """Look at one study now, before all else; None if the PACS has it not. Raises PeerTrouble."""
        return await self._observer.look_at(Urgency.ASKED, uid)

    async def look(self) -> str:
        """One look; a PACS that is down is a state and a line, never an end. Returns what was wrong, "" if nothing."""
        try:
            async with self._looking:
                await self._look()
        except Closed as error:
            return str(error)
        except PeerTrouble as error:
            self._failures += 1
            with contextlib.suppress(DatabaseDown):
                await asyncio.to_thread(self._note, False, str(error))
            return self._say(str(error))
        except DatabaseDown as error:
            return self._say(str(error))
        except Exception as bug:  # the top of a service loop
            log.exception("look at PACS failed", pacs=self._peer.name)
            return f"{self._peer.name} could not be looked at ({type(bug).__name__})"
        self._failures = 0
        self._looked.set()
        return self._say("")

    def _say(self, trouble: str) -> str:
        if trouble != self._told:
            log.info("pacs", name=self._peer.name, state=trouble or "up")
            self._told = trouble
        return trouble

    def _note(self, up: bool, error: str = "", baseline_done: bool = False) -> None:
        now = datetime.now(UTC)
        feed.note_look(self._store, self._peer, up=up, at=now, error=error, baseline_done=baseline_done)

    async def _look(self) -> None:
        state = await asyncio.to_thread(feed.state, self._store, self._peer.name)
        baseline = not await asyncio.to_thread(feed.baseline_done, self._store, self._peer.name)
        small = self._peer.small_up_to > 0 and state.mode != "large"
        if not (small and await self._look_through(state, baseline)):
            await self._look_at_last_days(state, baseline)
            await asyncio.to_thread(self._note, True, self._observer.several())

    async def _look_through(self, state: FeedState, baseline: bool) -> bool:
        """Everything in one list; False where the PACS turns out to be large."""
        limit = self._peer.small_up_to
        listed = await self._observer.take(Urgency.POLL, Days(), baseline=baseline, limit=limit, whole=True)
        if listed.cut:
            return False
        if not baseline:
            await self._find_vanished(listed.seen, "")
        now = datetime.now(UTC)
        if state.mode != "small":
            await self._note_feed(mode="small", sweep_stage="", sweep_finished=now, query_seconds=listed.seconds)
        await asyncio.to_thread(self._note, True, self._observer.several(), baseline)
        return True

    async def _look_at_last_days(self, state: FeedState, baseline: bool) -> None:
        """A window that overlaps the last ones, and second looks at what has been quiet since it arrived."""
        first = baseline and state.sweep_started is None
        since = self._window_start(wide=first or self._polls % WIDE_EVERY == 0)
        details = DETAIL_LIMIT if first else DETAIL_LIMIT * 10
        listed = await self._list_since(since, first, details)
        self._polls += 1
        if not listed.cut:
            await self._find_vanished(listed.seen, since.isoformat())
        await self._look_again()
        await self._note_feed(mode="large", query_seconds=listed.seconds)

    async def _list_since(self, since: date, baseline: bool, details: int) -> Listed:
        """The studies from a day on; a day at a time where the PACS cuts their list off."""

        async def take(days: Days, divisible: bool) -> Listed:
            return await self._observer.take(
                Urgency.POLL, days, baseline=baseline, details=details, divisible=divisible
            )

        listed = await take(Days(since.isoformat()), True)
        if not listed.cut:
            return listed
        listed.cut = False
        for days in _each(since, datetime.now(self._observer.zone).date()):
            part = await take(days, False)
            listed.seen |= part.seen
            listed.cut |= part.cut
            listed.seconds += part.seconds
        return listed

    async def _note_feed(self, **values: object) -> None:
        await asyncio.to_thread(feed.note_feed, self._store, self._peer.name, **values)

    def _window_start(self, *, wide: bool) -> date:
        now = datetime.now(self._observer.zone)
        return now.date() - timedelta(days=self._peer.look_back_days) if wide else (now - OVERLAP).date()

    async def _find_vanished(self, seen: set[str], since: str) -> None:
        """A known study that a look did not list is asked for directly before it is called gone.

        A PACS that lists none of many is taken to have lost its index or our right to see it, not all its studies.
        """
        uids = await asyncio.to_thread(feed.missing, self._store, self._peer.name, seen, since, MISSED_LIMIT)
        self._observer.lists_nothing = not seen and len(uids) == MISSED_LIMIT
        if self._observer.lists_nothing:
            raise PeerTrouble(f"{self._peer.name} lists none of the studies that it had; none is taken for gone")
        await self._observer.ask_for(Urgency.POLL, uids, Days(since))

    async def _look_again(self) -> None:
        stable, now = self._peer.stable_seconds, datetime.now(UTC)
        uids = await asyncio.to_thread(feed.second_looks, self._store, self._peer.name, now, stable, MISSED_LIMIT)
        for uid in uids:
            await self._observer.look_or_skip(Urgency.POLL, uid)


def _each(first: date, last: date) -> Iterator[Days]:
    """Each day by itself, then all that lies ahead."""
    day = first
    while day <= last:
        yield Days(day.isoformat(), day.isoformat())
        day += timedelta(days=1)
    yield Days(day.isoformat())
