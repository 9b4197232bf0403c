"""The engine: answers peers and writes what they brought; it computes nothing for long.

One per database. It migrates, binds, announces itself in a row with a heartbeat, starts the worker and keeps it
alive, and stops on a signal or a request row. The ready file is written, by rename, when everything listens.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from radrecon import __version__
from radrecon.config import Config, environment_on
from radrecon.dicom.worklist import Profiles
from radrecon.model.errors import Trouble
from radrecon.program import command
from radrecon.services import mllp_listener
from radrecon.services.dicom_services import DicomServices
from radrecon.services.intake import Intake
from radrecon.services.processes import log_to_stderr
from radrecon.store import life, requests, schema, settings
from radrecon.store.changes import Watch
from radrecon.store.database import DatabaseDown, Store, open_store

log = structlog.get_logger()

WORKER_RESTART_SECONDS = 1.0
STATIONS_KEPT_SECONDS = 20.0


def main(config: Config, database_url: str, ready_file: Path | None = None, config_file: str = "") -> int:
    """Serve until told to stop. Raises Trouble where it cannot start."""
    log_to_stderr()
    log.info("configuration", file=config_file)
    # each SQLite statement gives the interpreter away; the writer must not wait 5 ms to get it back
    sys.setswitchinterval(0.0005)
    store = open_store(database_url)
    try:
        with life.engine_lock(store) as lock:
            log.info("schema", done=schema.upgrade(store))
            with store.transaction() as conn:
                settings.save_config(conn, config)
                settings.start_watching(conn, datetime.now(config.zone()).date())
            gc.collect()
            gc.freeze()  # what is loaded by now stays: it is not looked through again and again
            asyncio.run(Engine(store, config, database_url, lock.keep).run(ready_file))
    finally:
        store.close()
    return 0


class Engine:
    """The running engine: listeners, the writer thread, the worker child."""

    def __init__(
        self, store: Store, config: Config, database_url: str, keep_lock: Callable[[], None] = lambda: None
    ) -> None:
        self._store = store
        self._config = config
        self._url = database_url
        self._keep_lock = keep_lock
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._dicom = DicomServices(store, self._writer, lambda: self._config)
        self._stop = asyncio.Event()
        self._worker: asyncio.subprocess.Process | None = None

    async def run(self, ready_file: Path | None) -> None:
        self._on_signals()
        intake = Intake(self._store, self._writer, lambda: self._config)
        tasks: list[asyncio.Task[Any]] = []
        stopping = asyncio.create_task(self._stop.wait())
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(self._shut_down, tasks)  # last, so that what was taken is still answered
            mllp, dicom = await self._listen(intake, stack)
            stack.callback(Watch(self._store, self._changed).stop)
            await self._announce(mllp, dicom)
            if ready_file:
                write_ready_file(ready_file, self._ready(mllp, dicom))
            log.info("engine ready", mllp=mllp, dicom=dicom, pid=os.getpid())
            loops = (intake.run(), self._heart(), self._keep_worker(), self._dicom.run())
            tasks += [asyncio.create_task(one) for one in loops]
            done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
        await self._dicom.close()
        await self._write(self._say_stopped)
        self._writer.shutdown()
        if stopping not in done:
            stopping.cancel()
            raise Trouble("the engine broke and has stopped; its log says why")

    async def _listen(self, intake: Intake, stack: contextlib.AsyncExitStack) -> tuple[Any, Any]:
        engine = self._config.engine
        try:
            mllp = await mllp_listener.listen(engine.host, engine.mllp_port, intake.take, engine.max_frame_bytes)
            stack.push_async_callback(mllp.close)
            dicom = await self._dicom.listen()
            stack.push_async_callback(dicom.close)
        except OSError as error:
            raise Trouble(f"cannot listen on {engine.host}: {error.strerror or error}") from error
        return mllp.address, dicom.address

    def _ready(self, mllp: Sequence[Any], dicom: Sequence[Any]) -> dict[str, Any]:
        return {
            "mllp": list(mllp[:2]),
            "dicom": list(dicom[:2]),
            "ae_title": self._config.engine.ae_title,
            "pid": os.getpid(),
        }

    # -- life ---------------------------------------------------------------------------------------------------------

    async def _announce(self, mllp: Sequence[Any], dicom: Sequence[Any]) -> None:
        def announce() -> None:
            with self._store.transaction() as conn:
                life.announce(
                    conn,
                    state="running",
                    host=socket.gethostname(),
                    pid=os.getpid(),
                    version=__version__,
                    endpoints=self._ready(mllp, dicom),
                )

        await self._write(announce)

    async def _write(self, function: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(self._writer, function)

    async def _heart(self) -> None:
        """Raises EngineLives where another engine took the database while it was away: one of two has to stop."""
        while True:
            await asyncio.sleep(1)
            try:
                await asyncio.to_thread(self._keep_lock)
                await self._write(self._beat)
            except DatabaseDown as error:
                log.warning("no heartbeat", reason=str(error))

    def _beat(self) -> None:
        with self._store.transaction() as conn:
            life.beat(conn)

    def _say_stopped(self) -> None:
        with self._store.transaction() as conn:
            life.say_stopped(conn, os.getpid())

    def _on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGINT"):
            with contextlib.suppress(NotImplementedError):  # Windows: a stop request, or the console's own way
                loop.add_signal_handler(getattr(signal, name), self._stop.set)
        self._loop = loop

    def _changed(self, topics: frozenset[str]) -> None:
        """From the watch's thread: stop requests and new settings."""
        if "requests" in topics:
            self._loop.call_soon_threadsafe(lambda: self._loop.create_task(self._write(self._take_requests)))
        if "settings" in topics:
            with self._store.reading() as conn:
                self._config = settings.load_config(conn)
            self._profiles = Profiles(self._config)

    def _take_requests(self) -> None:
        now = datetime.now(UTC)
        with self._store.transaction() as conn:
            claimed = requests.claim(conn, ("stop",), now)
            for request in claimed:
                requests.answer(conn, request.id, at=now, result="stopping")
        if claimed:
            self._loop.call_soon_threadsafe(self._stop.set)

    async def _keep_worker(self) -> None:
        """Start the worker; start it again whenever it dies."""
        while True:
            try:
                self._worker = await asyncio.create_subprocess_exec(
                    *command("worker"), stdin=asyncio.subprocess.PIPE, env=environment_on(self._url)
                )
                log.warning("worker ended; starting it again", status=await self._worker.wait())
            except OSError as error:
                log.error("worker cannot be started", reason=str(error))
            await asyncio.sleep(WORKER_RESTART_SECONDS)

    async def _shut_down(self, tasks: Sequence[asyncio.Task[Any]]) -> None:
        """Stop the worker by closing its standard input (it also ends so when the engine is killed)."""
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                log.error("engine task failed", exc_info=result)
        worker = self._worker
        if worker and worker.returncode is None and worker.stdin:
            worker.stdin.close()
            try:
                async with asyncio.timeout(10):
                    await worker.wait()
            except TimeoutError:
                worker.kill()
                await worker.wait()


def write_ready_file(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all. Raises Trouble where it cannot be written."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(content), "utf-8")
        part.replace(path)
    except OSError as error:
        raise Trouble(f"cannot write the ready file {path}: {error.strerror or error}") from error
