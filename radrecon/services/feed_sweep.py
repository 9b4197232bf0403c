"""The full sweep of a large PACS in the background: every study, whatever its date, a window of days at a time.

Where it stands is a row, so that a restart goes on from there. It asks only when nothing more urgent waits, rests at
least as long as the PACS took to answer, keeps to its hours, and backs off from a PACS that fails.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from radrecon.model.errors import PeerTrouble
from radrecon.services.feed_observer import MANY, Days, Listed, Missed, Observer
from radrecon.services.pacs_line import Closed, Urgency
from radrecon.workflow import feed, sweeping
from radrecon.workflow.sweeping import Outcome, Task

WINDOW_LIMIT = 5000  # answers: a window that holds more is asked in smaller ones
MISSED_LIMIT = 200  # studies that a window left out, asked for one by one
IDLE_SECONDS = 30.0
LONGEST_REST = 300.0


class Sweeper:
    """The sweep of one PACS."""

    def __init__(self, observer: Observer) -> None:
        self._observer, self._store, self._peer = observer, observer.store, observer.peer
        self._failures = 0

    async def step(self) -> float:
        """Ask for one window, if it is time. Returns the seconds until the next; failures in a row double them."""
        if self._observer.lists_nothing:
            return IDLE_SECONDS
        now, zone = datetime.now(UTC), self._observer.zone
        task = await asyncio.to_thread(sweeping.next_task, self._store, self._peer, now, zone)
        if isinstance(task, timedelta):
            return min(IDLE_SECONDS, task.total_seconds())
        try:
            seconds = await self._perform(task)
        except Closed:
            raise
        except PeerTrouble as error:
            self._failures += 1
            await asyncio.to_thread(sweeping.fail, self._store, self._peer.name, str(error))
            return min(LONGEST_REST, max(1.0, self._peer.sweep_pause_seconds) * 2.0 ** min(self._failures, 10))
        self._failures = 0
        return max(self._peer.sweep_pause_seconds, seconds)

    async def _perform(self, task: Task) -> float:
        """One task and its outcome; how long the PACS took to list it."""
        days = Days(task.first, task.last)
        if task.window is None:
            listed = await self._observer.take_undated(baseline=task.baseline, details=task.details)
        else:
            listed = await self._observer.take(
                Urgency.SWEEP,
                days,
                baseline=task.baseline,
                details=task.details,
                limit=WINDOW_LIMIT if task.divisible else MANY,
                divisible=task.divisible,
            )
        missed = Missed() if listed.cut else await self._ask_for_missed(task, listed, days)
        outcome = Outcome(len(listed.seen), listed.details, missed.gone, listed.cut, missed.kept, listed.seconds)
        await asyncio.to_thread(sweeping.end_task, self._store, self._peer, task, outcome, datetime.now(UTC))
        return listed.seconds

    async def _ask_for_missed(self, task: Task, listed: Listed, days: Days) -> Missed:
        name, started = self._peer.name, task.state.sweep_started or listed.begun
        if task.window is None:
            uids = await asyncio.to_thread(feed.undated_before, self._store, name, started, MISSED_LIMIT)
        else:
            uids = await asyncio.to_thread(
                feed.missing, self._store, name, listed.seen, days.first, MISSED_LIMIT, days.last
            )
        return await self._observer.ask_for(Urgency.SWEEP, uids, days)
