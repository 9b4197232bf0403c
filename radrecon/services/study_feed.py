"""The study feed: look at one PACS at a set interval and on demand, and save what is new, changed or gone.

The first look takes everything (the baseline). After that each look asks for the last days; everything is asked again
from time to time, and each time where the PACS is small: a study may carry any date, or none.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from radrecon.config import Config, PacsConfig
from radrecon.model.errors import PeerTrouble
from radrecon.model.study import StudyFacts
from radrecon.services import pacs_client, pacs_dimse
from radrecon.services.pacs_dimse import ListedTwice
from radrecon.store import pacs
from radrecon.store.database import DatabaseDown, Store
from radrecon.workflow import feed

log = structlog.get_logger()

SMALL = 2000  # studies: a PACS up to this size is looked through each time
SWEEP_SECONDS = 600.0
DETAIL_LIMIT = 2000  # a first look at more than this asks no series: they are asked when a study changes


class StudyFeed:
    """The feed of one PACS."""

    def __init__(self, store: Store, config: Config, peer: PacsConfig) -> None:
        self._store = store
        self._config = config
        self._peer = peer
        self._own_ae = config.engine.ae_title
        self._poke = asyncio.Event()
        self._swept_at = -SWEEP_SECONDS
        self._size = 0
        self._told: str | None = None

    def poke(self) -> None:
        """Look now."""
        self._poke.set()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            self._poke.clear()
            await self.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._peer.poll_seconds):
                    await self._poke.wait()

    async def look(self) -> str:
        """One look; a PACS that is down is a state and a line, never an end. Returns what was wrong, "" if nothing."""
        try:
            await asyncio.to_thread(self._look)
        except PeerTrouble as error:
            with contextlib.suppress(DatabaseDown):
                await asyncio.to_thread(self._note, False, str(error))
            return self._say(str(error))
        except DatabaseDown as error:
            return self._say(str(error))
        except Exception as bug:  # the top of a service loop
            log.exception("look at PACS failed", pacs=self._peer.name)
            return f"{self._peer.name} could not be looked at ({type(bug).__name__})"
        return self._say("")

    def _say(self, trouble: str) -> str:
        if trouble != self._told:
            log.info("pacs", name=self._peer.name, state=trouble or "up")
            self._told = trouble
        return trouble

    def _note(self, up: bool, error: str = "", baseline_done: bool = False) -> None:
        feed.note_look(self._store, self._peer, up=up, at=datetime.now(UTC), error=error, baseline_done=baseline_done)

    def _look(self) -> None:
        with self._store.reading() as conn:
            baseline = not pacs.baseline_done(conn, self._peer.name)
        sweep = baseline or self._size <= SMALL or time.monotonic() - self._swept_at > SWEEP_SECONDS
        since = None if sweep else self._window_start()
        if baseline:  # the last days first: everything may take minutes at a large PACS
            self._record(pacs_dimse.find_studies(self._peer, self._own_ae, self._window_start(), None), baseline)
        found = pacs_dimse.find_studies(self._peer, self._own_ae, since, None)
        self._record(found, baseline)
        if not baseline:
            self._find_vanished([facts.study_instance_uid for facts in found], since or "")
        if sweep:
            self._size, self._swept_at = len(found), time.monotonic()
        self._note(True, baseline_done=baseline)

    def _window_start(self) -> str:
        today = datetime.now(self._config.zone()).date()
        return (today - timedelta(days=self._peer.look_back_days)).isoformat()

    def _record(self, found: Sequence[StudyFacts], baseline: bool) -> None:
        """New and changed ones with their series, a few at a time, so that the desk sees them arrive."""
        fresh = feed.need_detail(self._store, self._peer.name, found)
        wanted = {facts.study_instance_uid for facts in fresh}
        unchanged = [facts for facts in found if facts.study_instance_uid not in wanted]
        self._save(unchanged, baseline)
        detail = len(fresh) <= DETAIL_LIMIT if baseline else True
        bite: list[StudyFacts] = []
        for facts in fresh:
            bite.append(self._with_series(facts) if detail else facts)
            if len(bite) == feed.CHUNK:
                self._save(bite, baseline)
                bite = []
        self._save(bite, baseline)

    def _with_series(self, facts: StudyFacts) -> StudyFacts:
        """One study whose series the PACS does not tell is shown without them and stops no other."""
        try:
            return pacs_dimse.with_series(self._peer, self._own_ae, facts)
        except PeerTrouble as error:
            pacs_dimse.echo(self._peer, self._own_ae)  # a PACS that is down ends the look
            log.warning("a study's series are not told", pacs=self._peer.name, reason=str(error))
            return facts

    def _save(self, found: Sequence[StudyFacts], baseline: bool) -> None:
        if found:
            feed.record(
                self._store,
                self._peer.name,
                found,
                at=datetime.now(UTC),
                baseline=baseline,
                stable=self._peer.stable_seconds,
            )

    def _find_vanished(self, seen: Sequence[str], since: str) -> None:
        """A known study that a look did not list is asked for directly before it is called gone."""
        gone = [uid for uid in feed.missing(self._store, self._peer.name, seen, since) if self._is_gone(uid)]
        if gone:
            feed.vanished(self._store, self._peer.name, gone, at=datetime.now(UTC))

    def _is_gone(self, uid: str) -> bool:
        try:
            return pacs_client.look(self._peer, self._own_ae, uid) is None
        except ListedTwice:
            return False
