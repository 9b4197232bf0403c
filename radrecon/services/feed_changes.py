"""Following an Orthanc by its list of changes: a new study is seen within the interval, for a cheap request each.

The position is a row. It moves only past what has been looked at; looking at a study twice does no harm.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from time import monotonic

import structlog

from radrecon.model.errors import PeerTrouble
from radrecon.services.feed_observer import Observer
from radrecon.services.pacs_changes import ChangeReader
from radrecon.services.pacs_line import Closed, Urgency
from radrecon.store.database import DatabaseDown
from radrecon.workflow import feed

log = structlog.get_logger()

RELOOK_SECONDS = 2.0  # a study that still arrives is looked at no more often
LONGEST_REST = 30.0
LOSES = "answers in {} and leaves other letters out of names: set its DefaultEncoding to Utf8"


class Follower:
    """The changes of one Orthanc."""

    def __init__(self, observer: Observer, changes: ChangeReader) -> None:
        self._observer, self._changes = observer, changes
        self._store, self._peer = observer.store, observer.peer
        self._read: int | None = None  # read up to here
        self._kept = -1  # as in the row
        self._waiting: dict[str, int] = {}  # study → the position before the change that told of it
        self._looked: dict[str, float] = {}
        self._error: str | None = None  # the row may hold that of an earlier run
        self._advice: str | None = None
        self._failures = 0

    async def step(self) -> float:
        """Read one page and look at what it tells. Returns the seconds until the next."""
        try:
            done = await self._follow()
        except Closed:
            raise
        except PeerTrouble as error:
            self._failures, self._advice = self._failures + 1, None
            await self._say(str(error))
            return min(LONGEST_REST, self._peer.changes_seconds * 2.0 ** min(self._failures, 10))
        self._failures = 0
        await self._say(await self._what_is_lost())
        return self._peer.changes_seconds if done else 0.0

    async def _follow(self) -> bool:
        at = await self._position()
        page = await self._observer.line.ask(Urgency.CHANGE, self._changes.since, at)
        if page.last < at:
            log.warning("the PACS counts its changes anew", pacs=self._peer.name)
            self._read, self._waiting = 0, {}
            await self._keep(0)
            return False
        if page.resources:
            uids = await self._observer.line.ask(Urgency.CHANGE, self._changes.study_uids, page.resources)
            for uid in uids:
                self._waiting.setdefault(uid, at)
        self._read = page.last
        await self._look()
        await self._keep(min(self._waiting.values(), default=page.last))
        return page.done

    async def _what_is_lost(self) -> str:
        """Asked at the start, and when it comes back."""
        if self._advice is None:
            charset = await self._observer.line.ask(Urgency.CHANGE, self._changes.charset)
            self._advice = LOSES.format(charset) if charset not in ("", "Utf8") else ""
        return self._advice

    async def _position(self) -> int:
        """Where the row says; a PACS that was never followed starts at its newest change, the first look takes all."""
        if self._read is None:
            state = await asyncio.to_thread(feed.state, self._store, self._peer.name)
            if state.change_at is None:
                await self._keep(await self._observer.line.ask(Urgency.CHANGE, self._changes.last))
                self._read = self._kept
            else:
                self._read = self._kept = state.change_position
        return self._read

    async def _look(self) -> None:
        now = monotonic()
        self._looked = {uid: at for uid, at in self._looked.items() if now - at < RELOOK_SECONDS}
        for uid in [uid for uid in self._waiting if uid not in self._looked]:
            await self._observer.look_or_skip(Urgency.CHANGE, uid)
            self._looked[uid] = monotonic()
            del self._waiting[uid]

    async def _keep(self, position: int) -> None:
        if position != self._kept:
            self._kept = position
            values = {"change_position": position, "change_at": datetime.now(UTC)}
            await asyncio.to_thread(feed.note_feed, self._store, self._peer.name, **values)

    async def _say(self, error: str) -> None:
        if error != self._error:
            log.info("changes of pacs", name=self._peer.name, state=error or "followed")
            self._error = error
            with contextlib.suppress(DatabaseDown):
                await asyncio.to_thread(feed.note_feed, self._store, self._peer.name, change_error=error)
