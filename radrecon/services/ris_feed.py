"""Other systems' worklists: each asked as its modalities would, at a set interval and on demand.

Each source has a loop and a thread of its own, and one question at a time is put to it: one that is down or slow delays
neither another nor anything else here.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import structlog

from radrecon.config import Config, ModalityConfig, WorklistSourceConfig
from radrecon.dicom.worklist_request import modality_queries
from radrecon.model.errors import NotFound, PeerTrouble
from radrecon.services import ris_query
from radrecon.services.pacs_association import PeerDown
from radrecon.store.database import DatabaseDown, Store
from radrecon.workflow import ris_lists
from radrecon.workflow.ris_lists import Asked

log = structlog.get_logger()
Result = TypeVar("Result")


class RisFeed:
    """The loop of one source."""

    def __init__(self, store: Store, config: Config, source: WorklistSourceConfig) -> None:
        self._store, self._config, self._source = store, config, source
        self._thread = ThreadPoolExecutor(1, f"ris-{source.name}")
        self._told: str | None = None

    async def run(self) -> None:
        """Ask for ever."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(self._source.poll_seconds)
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def look(self) -> str:
        """One round; what went wrong is a state and a line, never an end. Returns it, "" if nothing."""
        try:
            trouble = await self._apart(self._round)
        except DatabaseDown as error:
            trouble = str(error)
        except Exception as bug:  # the top of a service loop
            log.exception("worklist source could not be asked", source=self._source.name)
            return f"{self._source.name} could not be asked ({type(bug).__name__})"
        if trouble != self._told:
            log.info("worklist source", name=self._source.name, state=trouble or "up")
            self._told = trouble
        return trouble

    async def _apart(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _round(self) -> str:
        """Every list once, one after another; where nobody answers, the rest of them are not tried."""
        troubles: list[str] = []
        down = ""
        for modality in self._config.callers_of(self._source):
            asked, down = self._ask(modality, down)
            ris_lists.record(self._store, asked)
            troubles += [asked.error] if asked.error else []
        ris_lists.wake(self._store, self._source.name, datetime.now(UTC))
        return "; ".join(dict.fromkeys(troubles))

    def _ask(self, modality: ModalityConfig, down: str) -> tuple[Asked, str]:
        """One list, and why nobody answers there ("" where somebody does, `down` where that is known already)."""
        at, begun = datetime.now(UTC), time.monotonic()
        days = ris_lists.days_asked(self._config, modality.ae_title, at)
        asked = Asked(self._source.name, modality.ae_title, at, *days, error=down)
        if down:
            return asked, down
        station = modality.ae_title if self._source.station_key else ""
        try:
            queries = modality_queries(station, modality.modalities, *days)
            asked = replace(asked, entries=ris_query.ask(self._source, modality.ae_title, queries))
        except PeerTrouble as trouble:
            asked, down = replace(asked, error=str(trouble)), str(trouble) if isinstance(trouble, PeerDown) else ""
        return replace(asked, milliseconds=(time.monotonic() - begun) * 1000), down


class RisFeeds:
    """The loops of all sources that are switched on; begun anew when the settings change."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._feeds: dict[str, RisFeed] = {}
        self.tasks: list[asyncio.Task[None]] = []

    def start(self, config: Config) -> None:
        """End the loops that run, and begin those of this configuration."""
        self.stop()
        wanted = [source for source in config.worklist_source if source.enabled]
        self._feeds = {source.name: RisFeed(self._store, config, source) for source in wanted}
        self.tasks = [asyncio.create_task(self._forget(config))]
        self.tasks += [asyncio.create_task(feed.run()) for feed in self._feeds.values()]

    def stop(self) -> None:
        for task in self.tasks:
            task.cancel()

    async def _forget(self, config: Config) -> None:
        """What is asked for no more is known no more."""
        with contextlib.suppress(DatabaseDown):
            await asyncio.to_thread(ris_lists.forget_unasked, self._store, config, datetime.now(UTC))

    async def ask(self, name: str = "") -> str:
        """Ask one source, or all of them, now. Raises NotFound, or PeerTrouble with what went wrong."""
        feeds = [feed for known, feed in self._feeds.items() if name in ("", known)]
        if not feeds:
            raise NotFound(f"no worklist source is called {name!r}" if name else "no worklist source is switched on")
        found = await asyncio.gather(*(feed.look() for feed in feeds))
        if wrong := "; ".join(filter(None, found)):
            raise PeerTrouble(wrong)
        return "asked"
