"""What the engine answers DICOM peers with: worklist, performed steps, storage and availability over one listener.

The event loop never waits for the database: the worklist is read on the book's own thread, everything else is written
on the engine's writer thread, and answered when that is durable.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog

from radrecon.config import Config
from radrecon.dicom.worklist import Asked, Profile, Profiles, hint
from radrecon.model.errors import ContentError
from radrecon.model.order import Order, Step
from radrecon.model.performed import Refusal
from radrecon.services import dicom_listener, image_spool
from radrecon.services.availability_scp import INSTANCE_AVAILABILITY, OFFER, Availability, Notice
from radrecon.services.dicom_access import access
from radrecon.services.dicom_listener import Caller, Listener, QueryRecord, Served
from radrecon.services.instance_keeper import Keeper
from radrecon.services.mpps_scp import MODALITY_PERFORMED_PROCEDURE_STEP, PERFORMED_OFFER, PerformedSteps
from radrecon.services.refusals import Refusals
from radrecon.services.storage_scp import Storage
from radrecon.services.worklist_book import WorklistBook
from radrecon.store import listings, worklist
from radrecon.store.database import DatabaseDown, Store
from radrecon.workflow import availability, performing
from radrecon.workflow.performing import Said

log = structlog.get_logger()

STATIONS_KEPT_SECONDS = 20.0
QUERY_RECORD_SECONDS = 0.25
QUERIES_PER_COMMIT = 200
QUERIES_WAITING = 10_000
"""Worklist queries not recorded yet; in a flood that the database does not keep up with, the oldest go unrecorded."""


class DicomServices:
    """Made once by the engine; `config` is asked for each time, so that what can change live does."""

    def __init__(self, store: Store, writer: Executor, config: Callable[[], Config]) -> None:
        self._store = store
        self._writer = writer
        self._config = config
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._book = WorklistBook(store, lambda: datetime.now(self._config().zone()).date())
        self._queries: deque[QueryRecord] = deque(maxlen=QUERIES_WAITING)
        self._known: tuple[Config, Profiles] | None = None
        self._stations: frozenset[str] = frozenset()
        self._stations_until = 0.0
        self._refusals = Refusals(store)
        self._keeper = Keeper(store, writer)

    async def listen(self) -> Listener:
        """Raises OSError where the address cannot be bound."""
        engine = self._config().engine
        return await dicom_listener.listen(
            engine.host,
            engine.dicom_port,
            engine.ae_title,
            self._find,
            self._record_query,
            profile=self._profile,
            **self._options(),
        )

    def _options(self) -> dict[str, Any]:
        """Further services, and what keeps hostile peers off."""
        engine = self._config().engine
        return {
            "max_associations": engine.max_associations,
            "per_peer": engine.max_associations_per_peer,
            "acse_timeout": engine.acse_seconds,
            "idle_timeout": engine.idle_seconds,
            "largest_pdu": engine.max_pdu_bytes,
            "access": access(engine.allow_ae_titles, engine.allow_addresses, engine.unknown_ae == "echo"),
            "refused": self._refusals.refused,
            "more": {
                INSTANCE_AVAILABILITY: Served(Availability(self._heard_notice, self._refusals.refused), OFFER),
                MODALITY_PERFORMED_PROCEDURE_STEP: Served(
                    PerformedSteps(self._take_performed, self._keep_performed), PERFORMED_OFFER
                ),
            },
            "others": self._storage().served if engine.storage != "off" else None,
        }

    async def run(self) -> None:
        """For ever: what is written in groups, and what is kept up to date at leisure."""
        await asyncio.gather(self._keeper.run(), self._refusals.run(self._write), self._book.keep_up(), self._prune())

    async def close(self) -> None:
        """Nothing is being answered any more; what was noted meanwhile is written."""
        while self._queries:
            await self._write(self._save_queries)
        await self._write(self._refusals.flush)
        self._reader.shutdown()
        self._book.close()

    async def _write(self, function: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._writer, function)

    async def _prune(self) -> None:
        """Notes of changes that the book has read go."""
        while True:
            await asyncio.sleep(1)
            try:
                if read := self._book.prunable():
                    await self._write(partial(self._book.prune, read))
            except DatabaseDown as error:
                log.warning("notes of worklist changes not dropped", reason=str(error))

    # -- worklist -----------------------------------------------------------------------------------------------------

    def _profiles(self) -> Profiles:
        """Made anew where the settings have changed."""
        config = self._config()
        if self._known is None or self._known[0] is not config:
            self._known = config, Profiles(config)
        return self._known[1]

    async def _profile(self, caller: Caller) -> Profile:
        """How a caller is answered; who is not configured gets its own steps where any are scheduled on it."""
        profiles = self._profiles()
        if not profiles.is_configured(caller.ae_title) and time.monotonic() > self._stations_until:
            await asyncio.get_running_loop().run_in_executor(self._reader, self._look_for_stations)
        return profiles.of(caller.ae_title, caller.address, self._stations)

    def _look_for_stations(self) -> None:
        """AE titles that steps are scheduled on; known for a while."""
        with self._store.reading() as conn:
            self._stations = frozenset(listings.stations(conn))
        self._stations_until = time.monotonic() + STATIONS_KEPT_SECONDS

    async def _find(self, asked: Asked, limit: int) -> list[tuple[Order, Step]]:
        return await self._book.find(hint(asked), asked.takes, limit)

    def _record_query(self, record: QueryRecord) -> None:
        """Those of a quarter of a second share a commit, which no other modality then waits for."""
        self._queries.append(record)
        if len(self._queries) == 1:
            loop = asyncio.get_running_loop()
            loop.call_later(QUERY_RECORD_SECONDS, self._writer.submit, self._save_queries)

    def _save_queries(self) -> None:
        records = [self._queries.popleft() for _ in range(min(len(self._queries), QUERIES_PER_COMMIT))]
        if not records:
            return
        try:
            with self._store.transaction() as conn:
                for record in records:
                    worklist.record(
                        conn,
                        at=record.at,
                        peer_ae_title=record.peer_ae,
                        address=record.address,
                        keys=record.keys,
                        matches=record.matches,
                        milliseconds=record.milliseconds,
                        status=record.status,
                        narrowed=record.narrowed,
                        ignored=record.ignored,
                        criteria=record.criteria,
                    )
        except DatabaseDown as error:
            log.warning("worklist queries not recorded", queries=len(records), reason=str(error))
        finally:
            if self._queries:
                self._writer.submit(self._save_queries)  # others who write come first

    # -- performed steps ----------------------------------------------------------------------------------------------

    async def _take_performed(self, said: Said) -> Refusal | ContentError | None:
        """Read by a reader, so that the writer holds up nobody; durable when this returns."""
        loop = asyncio.get_running_loop()
        content = await loop.run_in_executor(self._reader, performing.read, said.raw, said.transfer_syntax)
        if isinstance(content, ContentError):
            await self._keep_performed(said, str(content))
            return content
        return await loop.run_in_executor(self._writer, performing.take, self._store, said, content, self._config())

    async def _keep_performed(self, said: Said, reason: str) -> None:
        await asyncio.get_running_loop().run_in_executor(self._writer, performing.keep, self._store, said, reason)

    # -- images and notices -------------------------------------------------------------------------------------------

    def _storage(self) -> Storage:
        config = self._config()
        engine = config.engine
        known = [pacs.ae_title for pacs in config.pacs] + [one.ae_title for one in config.modality]
        return Storage(
            self._keeper.keep,
            self._refusals.refused,
            None if engine.storage == "any" else frozenset(known),
            engine.storage_private,
            engine.storage_max_bytes,
            image_spool.Spool(image_spool.root(self._store), engine.spool_bytes) if engine.spool_bytes else None,
        )

    async def _heard_notice(self, notice: Notice, caller: Caller) -> bool:
        def heard() -> bool:
            now = datetime.now(UTC)
            return availability.heard(
                self._store, self._config(), notice.study_instance_uid, notice.ae_titles, caller.ae_title, now
            )

        return await asyncio.get_running_loop().run_in_executor(self._writer, heard)
