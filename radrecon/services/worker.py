"""The worker: reconciler, study feeds, outbox relay, verifier and requests, in a process of their own.

The engine starts and watches it, and holds its standard input open: when that ends, the worker ends too, also if the
engine was killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import structlog

from radrecon.config import Config, PacsConfig
from radrecon.dicom.study import is_uid
from radrecon.model.errors import PeerTrouble, Trouble
from radrecon.model.study import StudyFacts
from radrecon.services import arrivals, journal_care, pacs_dimse, spool, verifier
from radrecon.services.lookers import Again
from radrecon.services.outbox import Relay
from radrecon.services.pace import Pace
from radrecon.services.processes import log_to_stderr
from radrecon.services.ris_feed import RisFeeds
from radrecon.services.study_feed import StudyFeed
from radrecon.store import checkpoint, life, queue, requests, schema, settings
from radrecon.store.changes import Watch
from radrecon.store.database import DatabaseDown, Store, open_store
from radrecon.workflow import calibrating, duplicates, late_correction, learning, outbox, pairing, rechecking, reconcile

log = structlog.get_logger()

REQUESTS = ("poll", "look", "echo", "recheck", "ask_worklist")
THREADS = 32  # that may wait for peers at once: one that is down must not keep the others' from a thread
PAIR_SECONDS = 2.0
COMPARE_SECONDS = 2.0
CHECKPOINT_SECONDS = 1.0
CALIBRATE_SECONDS = 3600.0  # between looks whether it is due
AFTER_BURST_SECONDS = 1.0  # until it is asked whether the burst is over
GATHER_SECONDS = 0.15  # what is touched together is looked at together; each look asks for the writers' door
GRACE_SECONDS = 8.0  # for what is under way when the engine ends; the engine itself waits a little longer


def main(database_url: str) -> int:
    log_to_stderr()
    sys.setswitchinterval(0.0005)  # see engine
    store = open_store(database_url)
    try:
        schema.check(store)
        worker = Worker(store)
        asyncio.run(worker.run())
        worker.close()
    finally:
        store.close()
    return 0


class Worker:
    """The worker's tasks and the events that wake them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._config = Config()
        self._touched, self._deliveries = asyncio.Event(), asyncio.Event()
        self._proofs, self._asked, self._stop = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._messages = asyncio.Event()
        self._arrived = asyncio.Event()
        self._feeds: dict[str, StudyFeed] = {}
        self._feed_tasks: list[asyncio.Task[None]] = []
        self._ris = RisFeeds(store)
        self._again = Again(store, lambda: self._config)
        self._answering: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(THREADS, "worker"))
        threading.Thread(target=self._until_engine_ends, daemon=True).start()
        await asyncio.to_thread(outbox.recover, self._store, datetime.now(UTC))
        watch = Watch(self._store, self._changed)
        await self._load_settings()
        jobs = (
            self._reconcile(),
            Relay(self._store, lambda: self._config, self._deliveries).run(),
            verifier.run(self._store, lambda: self._config, self._proofs),
            self._answer_requests(),
            self._heart(),
            self._tidy(),
            journal_care.index_texts(self._store, lambda: self._config, self._messages),
            journal_care.sort_keys(self._store),
            journal_care.prune(self._store, lambda: self._config),
            self._checkpoint(),
            self._pair(),
            self._calibrate(),
            self._compare(),
            arrivals.run(self._store, lambda: self._config, self._arrived),
            self._stop.wait(),
        )
        tasks = [asyncio.create_task(job) for job in jobs]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task.exception():
                log.error("worker task failed", exc_info=task.exception())
        under_way = (*tasks, *self._feed_tasks, *self._ris.tasks, *self._answering)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        watch.stop()

    def close(self) -> None:
        """Once no thread of it runs any more."""
        self._again.close()

    def _until_engine_ends(self) -> None:
        while os.read(0, 4096):  # not sys.stdin: its lock would be held when the interpreter ends
            pass
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stop.set)
        threading.Event().wait(GRACE_SECONDS)
        os._exit(0)  # a peer that hangs must not keep a worker alive whose engine is gone

    def _changed(self, topics: frozenset[str]) -> None:
        """From the watch's thread."""
        events = {
            "touched": [self._touched],
            "deliveries": [self._deliveries, self._proofs],
            "requests": [self._asked],
            "messages": [self._messages],
            "instances": [self._arrived],
        }
        for topic, woken in events.items():
            if topic in topics:
                for event in woken:
                    self._loop.call_soon_threadsafe(event.set)
        if "settings" in topics:
            asyncio.run_coroutine_threadsafe(self._load_settings(), self._loop)

    async def _load_settings(self) -> None:
        """Read the settings; where they changed, the feeds start anew."""
        config = await asyncio.to_thread(self._read_settings)
        if config == self._config and self._ris.tasks:
            return
        self._config = config
        await asyncio.to_thread(self._recheck_where_changed)
        for task in self._feed_tasks:
            task.cancel()
        for one in self._feeds.values():
            one.close()
        self._feeds = {peer.name: StudyFeed(self._store, config, peer) for peer in config.pacs}
        self._feed_tasks = [asyncio.create_task(one.run()) for one in self._feeds.values()]
        self._ris.start(config)

    def _recheck_where_changed(self) -> None:
        """Other rules than the last ones that everything was looked at with: it is looked at again, and says so."""
        try:
            if reason := rechecking.start_where_changed(self._store, datetime.now(UTC)):
                log.info("everything is looked at again", reason=reason)
        except DatabaseDown as error:
            log.warning("not known whether the rules have changed", reason=str(error))

    def _read_settings(self) -> Config:
        with self._store.reading() as conn:
            return settings.load_config(conn)

    async def _heart(self) -> None:
        while True:
            with contextlib.suppress(DatabaseDown):
                await asyncio.to_thread(self._beat)
            await asyncio.sleep(1)

    async def _checkpoint(self) -> None:
        while True:
            try:
                await asyncio.to_thread(checkpoint.checkpoint, self._store)
            except DatabaseDown as error:
                log.warning("no checkpoint", reason=str(error))
            await asyncio.sleep(CHECKPOINT_SECONDS)

    async def _tidy(self) -> None:
        """Once an hour: originals past their days go, never those of a delivery that is not through."""
        while True:
            try:
                await asyncio.to_thread(self._purge)
            except (DatabaseDown, OSError) as error:
                log.warning("old originals not removed", reason=str(error))
            await asyncio.sleep(3600)

    def _purge(self) -> None:
        spool.purge(self._store, self._config.engine.keep_originals_days, outbox.unfinished(self._store))

    async def _pair(self) -> None:
        """Where senders are tapped: copies before and behind the interface engine, answers and what they answer."""
        while True:
            more = False
            try:
                if pairing.has_taps(self._config):
                    _, more = await asyncio.to_thread(pairing.pair_some, self._store, self._config, datetime.now(UTC))
            except DatabaseDown as error:
                log.warning("messages not paired", reason=str(error))
            except Exception:  # the top of a service loop
                log.exception("pairing broke")
            await asyncio.sleep(0.05 if more else PAIR_SECONDS)

    async def _calibrate(self) -> None:
        """Once a day: scores are held against what people have decided since."""
        while True:
            try:
                if await asyncio.to_thread(calibrating.is_due, self._store, datetime.now(UTC)):
                    await asyncio.to_thread(calibrating.refit, self._store, datetime.now(UTC))
                if await asyncio.to_thread(learning.is_due, self._store, datetime.now(UTC)):
                    await asyncio.to_thread(learning.count_names, self._store, datetime.now(UTC))
            except DatabaseDown as error:
                log.warning("scores not calibrated", reason=str(error))
            except Exception:  # the top of a service loop
                log.exception("calibration broke")
            await asyncio.sleep(CALIBRATE_SECONDS)

    async def _compare(self) -> None:
        """Persons with persons, when nothing else is to be done."""
        pace = Pace(self._store)
        while True:
            compared, begun = 0, time.monotonic()
            try:
                compared = await asyncio.to_thread(duplicates.compare_when_idle, self._store, datetime.now(UTC))
                await asyncio.sleep(await asyncio.to_thread(pace.rest, time.monotonic() - begun))
            except DatabaseDown as error:
                log.warning("persons not compared", reason=str(error))
            except Exception:  # the top of a service loop
                log.exception("comparing persons broke")
            await asyncio.sleep(0.01 if compared else COMPARE_SECONDS)

    def _beat(self) -> None:
        with self._store.transaction() as conn:
            life.worker_beat(conn, os.getpid())

    # -- reconciler ---------------------------------------------------------------------------------------------------

    async def _reconcile(self) -> None:
        pace = Pace(self._store)
        while True:
            self._touched.clear()
            more, begun = False, time.monotonic()
            try:
                _, more = await asyncio.to_thread(reconcile.drain_some, self._store, datetime.now(UTC))
                await asyncio.to_thread(late_correction.carry_out, self._store, datetime.now(UTC))
                rest = await asyncio.to_thread(pace.rest, time.monotonic() - begun)
                await asyncio.sleep(rest)
                if not (more or rest):  # in a burst the look at everything waits
                    more = await asyncio.to_thread(self._again.some, datetime.now(UTC))
                wait = 0.0 if more else await asyncio.to_thread(self._until_due)
                wait = min(wait, AFTER_BURST_SECONDS) if rest else wait
            except DatabaseDown as error:
                log.warning("reconciler waits", reason=str(error))
                wait = 1.0
            except Exception:  # the top of a service loop
                log.exception("reconciler broke")
                wait = 1.0
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._touched.wait()
            if not more:
                await asyncio.sleep(GATHER_SECONDS)

    def _until_due(self) -> float:
        """Seconds until something is due, at most a minute."""
        with self._store.reading() as conn:
            due = queue.next_due(conn)
        return 60.0 if due is None else min(60.0, max(0.0, (due - datetime.now(UTC)).total_seconds()))

    # -- requests -----------------------------------------------------------------------------------------------------

    async def _answer_requests(self) -> None:
        while True:
            self._asked.clear()
            try:
                for request in await asyncio.to_thread(self._claim):
                    self._begin_answer(request)
            except DatabaseDown as error:
                log.warning("requests wait", reason=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await self._asked.wait()

    def _begin_answer(self, request: requests.Request) -> None:
        """Each by itself: a PACS that is down keeps no other request waiting."""
        task = asyncio.create_task(self._answer(request))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    def _claim(self) -> list[requests.Request]:
        with self._store.transaction() as conn:
            return requests.claim(conn, REQUESTS, datetime.now(UTC))

    async def _answer(self, request: requests.Request) -> None:
        result, error = None, ""
        try:
            result = await self._perform(request)
        except Trouble as trouble:
            error = str(trouble)
        except Exception as bug:
            log.exception("request failed", kind=request.kind)
            error = f"could not be done ({type(bug).__name__})"
        try:
            await asyncio.to_thread(self._save_answer, request.id, result, error)
        except DatabaseDown as down:
            log.warning("request not answered", reason=str(down))

    def _save_answer(self, request_id: int, result: Any, error: str) -> None:
        with self._store.transaction() as conn:
            requests.answer(conn, request_id, at=datetime.now(UTC), result=result, error=error)

    async def _perform(self, request: requests.Request) -> Any:
        if request.kind == "recheck":
            return await asyncio.to_thread(self._recheck)
        if request.kind == "ask_worklist":
            return await self._ris.ask(str(request.arguments.get("source", "")))
        wanted = str(request.arguments.get("pacs", ""))
        peers = [peer for peer in self._config.pacs if wanted in ("", peer.name)]
        if not peers:
            raise PeerTrouble(f"no PACS is called {wanted!r}")
        if request.kind == "look":
            return await self._look(peers, str(request.arguments.get("study_instance_uid", "")))
        if request.kind == "poll":
            found = await asyncio.gather(*(self._feeds[peer.name].look() for peer in peers))
            if wrong := "; ".join(filter(None, found)):
                raise PeerTrouble(wrong)
            return "looked"
        for peer in peers:
            await asyncio.to_thread(pacs_dimse.echo, peer, self._config.engine.ae_title)
        return "answers"

    async def _look(self, peers: list[PacsConfig], uid: str) -> str:
        """Look at one study now, at each of these PACS; what those say that answered."""
        if not is_uid(uid):
            raise PeerTrouble("no study is named")
        asked = [self._feeds[peer.name].look_at(uid) for peer in peers]
        found = await asyncio.gather(*asked, return_exceptions=True)
        wrong = [one for one in found if isinstance(one, BaseException)]
        if len(wrong) == len(found) or any(not isinstance(one, PeerTrouble) for one in wrong):
            raise wrong[0]
        return "there" if any(isinstance(one, StudyFacts) for one in found) else "not there"

    def _recheck(self) -> str:
        """Begin to look at everything; the reconciler does it behind whatever is fresh."""
        rechecking.start(self._store, "asked for", datetime.now(UTC))
        return "everything is looked at again"
