"""The worker as a process of its own, asked by rows."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from radrecon.config import Config, PacsConfig
from radrecon.model.case import CaseKind
from radrecon.model.errors import Trouble
from radrecon.program import command
from radrecon.sim.pacs import RunningPacs, free_port
from radrecon.store import life, persons, recheck, schema, settings, studies
from radrecon.store import tables as t
from radrecon.store.database import Store, open_store
from radrecon.workflow import rechecking
from radrecon.workflow.ingest import take_group
from radrecon.workflow.intake import Received, Site
from radrecon.workflow.requests import answer, ask
from tests import builders
from tests.e2e.hospital import until as within
from tests.wire.outbox_desk import migrated, store
from tests.wire.pacs_peers import make_study, put
from tests.workflow import messages

__all__ = ["migrated", "store"]


def start(url: str, log: Path, *line: str) -> subprocess.Popen[bytes]:
    started = line or command("worker", "--database", url)
    with log.open("ab") as said:
        return subprocess.Popen(started, stdin=subprocess.PIPE, stdout=said, stderr=said)


def end(process: subprocess.Popen[bytes]) -> int:
    """As when the engine is gone, by whatever way: the pipe is closed."""
    assert process.stdin
    process.stdin.close()
    return process.wait(60)


def announce(store: Store, config: Config) -> None:
    """What the engine does before it starts its worker."""
    with store.transaction() as conn:
        life.announce(conn, state="running", host="here", pid=os.getpid(), version="1", endpoints={})
        settings.save_config(conn, config)


def down(name: str = "down") -> PacsConfig:
    return PacsConfig(name=name, ae_title="DOWN", port=free_port(), poll_seconds=3600)


class Desk:
    """A database with a worker at it."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store, self.config = store, config

    def asks(self, kind: str, *, seconds: float = 30, **arguments: Any) -> int:
        now = datetime.now(UTC)
        return ask(self.store, kind, arguments, now=now, deadline=now + timedelta(seconds=seconds))

    def gets(self, request: int) -> Any:
        """The answer, or the one line of what was wrong."""

        def what() -> Any:
            try:
                return answer(self.store, request)
            except Trouble as trouble:
                return str(trouble)

        return within(what, every=0.02)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, own_archive: RunningPacs) -> Iterator[Desk]:
    """A worker process; `main` is an archive that serves, `down` one that does not."""
    folder = tmp_path_factory.mktemp("worker")
    store = open_store(f"sqlite:///{folder / 'radrecon.sqlite3'}")
    schema.upgrade(store)
    main = own_archive.config.model_copy(update={"name": "main", "poll_seconds": 3600})
    config = Config(pacs=[main, down()])
    announce(store, config)
    process = start(str(store.url), folder / "worker.log")
    try:
        yield Desk(store, config)
        assert process.poll() is None, (folder / "worker.log").read_text()
    finally:
        end(process)
        store.close()


def test_it_says_that_it_lives(served: Desk) -> None:
    def beat() -> Any:
        with served.store.reading() as conn:
            return conn.execute(t.engine_life.select()).one().worker_heartbeat

    first = within(beat)
    assert within(lambda: beat() > first)


def test_an_echo_is_answered(served: Desk) -> None:
    assert served.gets(served.asks("echo", pacs="main")) == "answers"


def test_an_echo_of_a_pacs_that_is_down_fails_with_a_line(served: Desk) -> None:
    assert "cannot be reached" in served.gets(served.asks("echo", pacs="down"))
    assert "cannot be reached" in served.gets(served.asks("echo"))


def test_a_pacs_that_nobody_configured_is_named(served: Desk) -> None:
    assert served.gets(served.asks("poll", pacs="nowhere")) == "no PACS is called 'nowhere'"


def test_a_poll_finds_what_has_arrived(served: Desk, tmp_path: Path) -> None:
    served.gets(served.asks("poll", pacs="main"))
    uid = put(served.config.pacs[0], make_study(tmp_path))
    assert served.gets(served.asks("poll", pacs="main")) == "looked"
    with served.store.reading() as conn:
        assert studies.by_uid(conn, "main", uid) is not None


def test_a_poll_of_a_pacs_that_is_down_fails_with_a_line(served: Desk) -> None:
    assert "cannot be reached" in served.gets(served.asks("poll", pacs="down"))


def test_one_study_is_looked_at_when_asked_for(served: Desk, tmp_path: Path) -> None:
    """Also while another PACS is down, and whoever asked for that one first."""
    served.asks("look", pacs="down", study_instance_uid="1.2.3")
    uid = put(served.config.pacs[0], make_study(tmp_path))
    assert served.gets(served.asks("look", pacs="main", study_instance_uid=uid)) == "there"
    with served.store.reading() as conn:
        found = studies.by_uid(conn, "main", uid)
    assert found is not None
    assert (found.facts.instances, len(found.facts.series)) == (2, 1)
    assert served.gets(served.asks("look", pacs="", study_instance_uid=uid)) == "there"
    assert served.gets(served.asks("look", pacs="main", study_instance_uid="1.2.3.4")) == "not there"


@pytest.mark.parametrize("uid", ["", "*", "../../x", "1.2\\1.3", "1" * 65, "1.2.3\0"])
def test_a_look_at_what_is_no_study_fails_with_a_line(served: Desk, uid: str) -> None:
    assert served.gets(served.asks("look", pacs="main", study_instance_uid=uid)) == "no study is named"


def test_a_look_at_a_pacs_that_is_down_fails_with_a_line(served: Desk) -> None:
    assert "cannot be reached" in served.gets(served.asks("look", pacs="down", study_instance_uid="1.2.3"))


def test_a_recheck_touches_every_study(served: Desk) -> None:
    assert served.gets(served.asks("recheck")).endswith("looked at again")


def test_settings_that_decide_begin_a_look_at_everything_by_themselves(served: Desk) -> None:
    with served.store.transaction() as conn:
        persons.insert(conn, builders.demographics())

    def looked_because() -> str:
        with served.store.reading() as conn:
            found = recheck.latest(conn)
        return found.reason if found and found.ended_at else ""

    site = served.config.site.model_copy(update={"patient_id_issuer": "ANOTHER"})
    try:
        with served.store.transaction() as conn:
            settings.save_config(conn, served.config.model_copy(update={"site": site}))
        within(lambda: looked_because() == rechecking.NEW_SETTINGS)
    finally:
        with served.store.transaction() as conn:
            settings.save_config(conn, served.config)


def test_a_request_past_its_deadline_fails(served: Desk) -> None:
    assert served.gets(served.asks("echo", seconds=-1, pacs="main")) == "not answered in time"


def test_new_settings_apply_at_once(served: Desk) -> None:
    """A PACS that is added is looked at, and answers requests."""
    added = served.config.pacs[0].model_copy(update={"name": "added"})
    try:
        with served.store.transaction() as conn:
            settings.save_config(conn, served.config.model_copy(update={"pacs": [*served.config.pacs, added]}))

        def looked() -> bool:
            with served.store.reading() as conn:
                return any(row.name == "added" and row.up for row in conn.execute(t.pacs_state.select()))

        within(looked)
        assert served.gets(served.asks("echo", pacs="added")) == "answers"
    finally:
        with served.store.transaction() as conn:
            settings.save_config(conn, served.config)


def test_it_ends_when_its_engine_is_gone(store: Store, tmp_path: Path) -> None:
    announce(store, Config())
    process = start(str(store.url), tmp_path / "worker.log")
    within(lambda: _worker_pid(store))
    assert process.poll() is None
    assert end(process) == 0
    assert "Traceback" not in (tmp_path / "worker.log").read_text()


def test_it_ends_when_its_engine_is_gone_even_while_a_pacs_hangs(store: Store, tmp_path: Path) -> None:
    """A peer that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        announce(store, Config(pacs=[PacsConfig(name="silent", ae_title="X", port=port)]))
        url = str(store.url)
        hurried = f"from radrecon.services import worker; worker.GRACE_SECONDS = 0.5; worker.main({url!r})"
        process = start(url, tmp_path / "worker.log", sys.executable, "-c", hurried)
        peer, _ = silent.accept()
        with peer:
            assert end(process) == 0


def _worker_pid(store: Store) -> int:
    with store.reading() as conn:
        return life.worker_pid(conn)


def test_a_schema_that_is_not_its_own_is_refused_in_one_line(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    process = start(f"sqlite:///{tmp_path / 'none.sqlite3'}", log)
    assert end(process) == 1
    assert "no database at" in log.read_text()
    assert len(log.read_text().splitlines()) == 1


def test_two_records_of_one_person_become_a_case_when_nothing_else_is_to_be_done(served: Desk) -> None:
    raws = [
        messages.adt("A04", "7700001", "KESSLER^DORA", "19510203"),
        messages.adt("A04", "88", "KESSLER^DORA", "19510203"),
    ]
    now = datetime.now(UTC)
    take_group(served.store, [Received(raw, "10.0.0.1", now) for raw in raws], Site(served.config))

    def found() -> Any:
        with served.store.reading() as conn:
            kind = str(CaseKind.DUPLICATE_PATIENTS)
            return conn.execute(t.case.select().where(t.case.c.kind == kind)).first()

    assert within(found).state == "open"
