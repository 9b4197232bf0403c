"""The engine as a process: how it starts, serves, refuses and ends, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from radrecon.config import Config, EngineConfig
from radrecon.model.errors import Trouble
from radrecon.services import engine, intake
from radrecon.services.engine import write_ready_file
from radrecon.store import schema, settings
from radrecon.store import tables as t
from radrecon.store.database import Store, open_store
from radrecon.store.life import EngineLives
from radrecon.workflow.requests import ask
from tests.e2e.hospital import ENVIRONMENT, Engine, Sender, code, findscu, orm, send, until
from tests.wire.outbox_desk import migrated, store
from tests.wire.outbox_desk import until as soon

__all__ = ["migrated", "store"]
TOML = """
sending = false
[site]
name = "General"
time_zone = "Europe/Vienna"
watch_from = 2026-11-01
"""


class Desk:
    """An engine on a database, and what its rows say."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.engine = Engine(folder, TOML, database or f"sqlite:///{folder / 'radrecon.sqlite3'}")

    @contextlib.contextmanager
    def reading(self) -> Iterator[Any]:
        store = open_store(self.engine.database)
        try:
            with store.reading() as conn:
                yield conn
        finally:
            store.close()

    @property
    def life(self) -> Any:
        with self.reading() as conn:
            return conn.execute(t.engine_life.select()).one()

    def asks_to_stop(self) -> None:
        store, now = open_store(self.engine.database), datetime.now(UTC)
        ask(store, "stop", {}, now=now, deadline=now + timedelta(seconds=60))
        store.close()

    def ended(self) -> int:
        assert self.engine.process
        return self.engine.process.wait(60)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def refused(folder: Path, database: str, *more: str) -> tuple[int, str]:
    """The exit code and the last line of an engine that does not start."""
    line = [sys.executable, "-m", "radrecon", "engine", "--database", database, "--mllp-port", "0", "--dicom-port", "0"]
    done = subprocess.run(
        [*line, *more], env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False, cwd=folder
    )
    assert "Traceback" not in done.stderr
    plain = [one for one in done.stderr.splitlines() if not one.startswith("timestamp=")]
    assert len(plain) == 1, done.stderr
    return done.returncode, plain[0]


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """Not started yet; the database is empty."""
    database = request.getfixturevalue("empty_postgres") if request.param == "postgresql" else ""
    one = Desk(tmp_path, database)
    yield one
    one.engine.stop()


def when_ready(desk: Desk, check: Callable[[dict[str, Any]], None]) -> tuple[threading.Thread, list[BaseException]]:
    """Look for the ready file as often as possible, and check what it says the moment that it is there."""
    trouble: list[BaseException] = []
    path = desk.engine.folder / "ready.json"

    def watch() -> None:
        try:
            until(path.exists, 40, every=0.0005)
            check(json.loads(path.read_text("utf-8")))
        except BaseException as error:
            trouble.append(error)

    thread = threading.Thread(target=watch)
    thread.start()
    return thread, trouble


def test_an_order_is_on_the_worklist_when_it_is_acknowledged_and_the_end_is_said(desk: Desk, tmp_path: Path) -> None:
    def serves(ready: dict[str, Any]) -> None:
        for name in ("mllp", "dicom"):
            socket.create_connection(tuple(ready[name]), timeout=30).close()
        store = open_store(desk.engine.database)
        schema.check(store)
        store.close()

    watching, trouble = when_ready(desk, serves)
    own = desk.engine.start()
    watching.join()
    assert trouble == []
    assert own.process is not None
    assert own.ready.keys() == {"mllp", "dicom", "ae_title", "pid"}
    assert (own.ready["ae_title"], own.ready["pid"]) == ("RADRECON", own.process.pid)

    with Sender(own.mllp) as ris:
        for number in range(3):
            assert code(ris.send(orm(f"E{number}"))) == "AA"
            (found,) = findscu(
                own.dicom, "RADRECON", tmp_path / "found", f"AccessionNumber=E{number}", "PatientID", worklist=True
            )
            assert found.PatientID == "1234567"

    life = desk.life
    assert (life.state, life.pid, life.endpoints["mllp"]) == ("running", own.process.pid, own.ready["mllp"])
    until(lambda: desk.life.heartbeat > life.heartbeat)
    worker = until(lambda: desk.life.worker_pid)
    assert not gone(worker)
    with desk.reading() as conn:
        config = settings.load_config(conn)
        assert (config.site.name, config.sending, config.engine.mllp_port) == ("General", False, 0)
        assert str(settings.watch_from(conn)) == "2026-11-01"

    own.process.send_signal(signal.SIGTERM)
    assert desk.ended() == 0
    assert (desk.life.state, desk.life.pid) == ("none", 0)
    assert gone(worker)
    assert "Traceback" not in own.log()


def test_it_is_the_only_one_keeps_its_worker_alive_and_stops_when_asked(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    own = desk.engine.start()
    try:
        status, line = refused(tmp_path, own.database)
        assert (status, "an engine already serves" in line) == (1, True)
        first = until(lambda: desk.life.worker_pid)
        os.kill(first, signal.SIGKILL)
        second = until(lambda: desk.life.worker_pid not in (0, first) and desk.life.worker_pid)
        assert code(send(own.mllp, orm("W1"))) == "AA"
        desk.asks_to_stop()
        assert desk.ended() == 0
        assert desk.life.state == "none"
        assert gone(second)
        with desk.reading() as conn:
            (request,) = conn.execute(t.request.select()).all()
        assert (request.state, request.result) == ("answered", "stopping")
    finally:
        own.stop()


def test_a_person_stops_it_by_a_command_and_starts_it_again_at_once(desk: Desk) -> None:
    own = desk.engine.start()
    line = [sys.executable, "-m", "radrecon", "engine", "--stop", "--database", own.database]
    done = subprocess.run(line, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "the engine has stopped\n", "")
    assert desk.ended() == 0
    desk.engine.start()
    assert desk.life.state == "running"


def test_a_killed_engine_leaves_no_worker_behind(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.engine.start()
    try:
        worker = until(lambda: desk.life.worker_pid)
        desk.engine.kill()
        until(lambda: gone(worker), 60)
    finally:
        desk.engine.stop()


def test_a_peer_that_stays_connected_does_not_hold_up_the_end(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.engine.start()
    try:
        with Sender(desk.engine.mllp) as ris, socket.create_connection(desk.engine.dicom):
            assert code(ris.send(orm("S1"))) == "AA"
            assert desk.engine.process is not None
            desk.engine.process.terminate()
            assert desk.ended() == 0
    finally:
        desk.engine.stop()


@pytest.mark.parametrize("flag", ["--mllp-port", "--dicom-port"])
def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path, flag: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        status, line = refused(tmp_path, f"sqlite:///{tmp_path / 'a.sqlite3'}", flag, str(other.getsockname()[1]))
    assert status == 1
    assert "cannot listen on 127.0.0.1" in line


def test_a_database_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path, migrated: Path) -> None:
    path = tmp_path / "radrecon.sqlite3"
    shutil.copy(migrated, path)
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    status, line = refused(tmp_path, f"sqlite:///{path}")
    assert status == 1
    assert "newer radrecon" in line
    store = Store(f"sqlite:///{path}")
    assert schema.current_revision(store) == "9999"
    with store.reading() as conn:
        assert settings.load_config(conn) == Config()
        assert settings.watch_from(conn) is None
    store.close()


def test_a_wrong_setting_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "radrecon.toml").write_text("[site]\nnmae = 'x'\n", "utf-8")
    status, line = refused(tmp_path, str(tmp_path / "a.sqlite3"), "--config", str(tmp_path / "radrecon.toml"))
    assert status == 1
    assert "site.nmae: no such setting" in line
    assert not (tmp_path / "a.sqlite3").exists()


def test_a_ready_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ready.json"
    write_ready_file(path, {"pid": 1})
    assert json.loads(path.read_text("utf-8")) == {"pid": 1}
    assert [one.name for one in path.parent.iterdir()] == ["ready.json"]


def test_a_ready_file_that_cannot_be_written_is_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Trouble, match="cannot write the ready file"):
        write_ready_file(tmp_path / "file" / "ready.json", {})


# -- inside one process -----------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def running(store: Store) -> AsyncIterator[tuple[engine.Engine, asyncio.Task[None]]]:
    """An engine on free ports in this process; it serves when its row says so."""
    config = Config(engine=EngineConfig(mllp_port=0, dicom_port=0))
    one = engine.Engine(store, config, str(store.url))
    task = asyncio.create_task(one.run(None))
    try:
        yield one, task
    finally:
        one._stop.set()
        await asyncio.gather(task, return_exceptions=True)


async def nothing(*_: object) -> None:
    await asyncio.Event().wait()


def endpoints(store: Store) -> Any:
    with store.reading() as conn:
        row = conn.execute(t.engine_life.select()).first()
    return row and row.endpoints


async def test_what_is_being_taken_when_it_is_stopped_is_still_answered(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender that got no answer sends again; better it need not."""
    begun, release = threading.Event(), threading.Event()
    take_group = intake.take_group

    def slowly(*arguments: Any) -> Any:
        begun.set()
        assert release.wait(30)
        return take_group(*arguments)

    monkeypatch.setattr(intake, "take_group", slowly)
    monkeypatch.setattr(engine.Engine, "_keep_worker", nothing)
    async with running(store) as (one, task):
        where = await soon(lambda: endpoints(store))
        sending = asyncio.create_task(asyncio.to_thread(send, tuple(where["mllp"]), orm("Z1")))
        await soon(begun.is_set)
        one._stop.set()
        await asyncio.sleep(0.1)
        release.set()
        assert code(await sending) == "AA"
        await task


async def test_an_engine_that_breaks_stops_and_says_that_it_did(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(engine.Engine, "_keep_worker", nothing)
    monkeypatch.setattr(engine.Engine, "_heart", breaks)
    async with running(store) as (_, task):
        with pytest.raises(Trouble, match="the engine broke"):
            await asyncio.wait_for(task, 30)
    with store.reading() as conn:
        assert conn.execute(t.engine_life.select()).one().state == "none"


async def test_an_engine_stops_whose_database_another_one_took_while_it_was_away(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken() -> None:
        raise EngineLives("an engine already serves this")

    monkeypatch.setattr(engine.Engine, "_keep_worker", nothing)
    async with running(store) as (one, task):
        await soon(lambda: endpoints(store))
        one._keep_lock = taken
        with pytest.raises(Trouble, match="has stopped"):
            await asyncio.wait_for(task, 20)


async def test_a_worker_that_cannot_be_started_is_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def command(*_: str) -> list[str]:
        tries.append("try")
        return ["/nowhere/radrecon"]

    monkeypatch.setattr(engine, "command", command)
    monkeypatch.setattr(engine, "WORKER_RESTART_SECONDS", 0.01)
    async with running(store) as (one, task):
        await soon(lambda: len(tries) > 2)
        assert not task.done()
        one._stop.set()
        await task
