from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from radrecon.store import life
from radrecon.store import tables as t
from radrecon.store.database import Store, open_store
from tests.builders import NOW

HOLD = """
import sys
from radrecon.store.database import open_store
from radrecon.store.life import engine_lock
with engine_lock(open_store(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def an_engine_elsewhere(store: Store) -> Iterator[subprocess.Popen[str]]:
    url = store.url.render_as_string(hide_password=False)
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    with child:
        yield child
        child.kill()


def test_a_second_engine_is_refused_while_one_lives_in_another_process(store: Store) -> None:
    with an_engine_elsewhere(store), pytest.raises(life.EngineLives), life.engine_lock(store):
        pass


def test_an_engine_that_was_killed_leaves_no_lock_behind(store: Store) -> None:
    with an_engine_elsewhere(store) as child:
        child.kill()
        child.wait()
    with life.engine_lock(store):
        pass


def test_the_lock_can_be_taken_again_after_it_was_given_back(store: Store) -> None:
    for _ in range(2):
        with life.engine_lock(store):
            pass


LOSE = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock AND granted"


def lose(store: Store) -> None:
    """As a firewall or a restart of PostgreSQL does with a connection."""
    with store.lone_connection() as conn:
        conn.execute(sa.text(LOSE), {"lock": life.ENGINE_LOCK})


def test_a_lock_that_was_lost_with_its_connection_is_taken_again(store: Store) -> None:
    with life.engine_lock(store) as lock:
        if not store.is_sqlite:
            lose(store)
        lock.keep()
        lock.keep()
        with pytest.raises(life.EngineLives), life.engine_lock(open_store(str_of(store))):
            pass


def test_of_two_engines_the_one_that_lost_its_lock_is_told(store: Store) -> None:
    if store.is_sqlite:
        pytest.skip("a file lock is not lost")
    with life.engine_lock(store) as lock:
        lose(store)
        with an_engine_elsewhere(store), pytest.raises(life.EngineLives):
            lock.keep()


def test_an_engine_that_ends_does_not_speak_for_another(store: Store) -> None:
    with store.transaction() as conn:
        life.announce(conn, state="running", host="b", pid=2, version="1", endpoints={})
        life.say_stopped(conn, 1)
        assert conn.execute(sa.select(t.engine_life.c.state)).scalar() == "running"
        life.say_stopped(conn, 2)
        assert conn.execute(sa.select(t.engine_life.c.state)).scalar() == "none"


def str_of(store: Store) -> str:
    return store.url.render_as_string(hide_password=False)


def test_the_database_has_a_clock_in_utc(store: Store) -> None:
    with store.reading() as conn:
        found = life.database_now(conn)
    assert found.utcoffset() == timedelta(0)
    assert abs(found - datetime.now(UTC)) < timedelta(minutes=5)


def test_there_is_one_row_however_often_an_engine_starts(store: Store) -> None:
    for pid in (1, 2):
        with store.transaction() as conn:
            life.announce(conn, state="running", host="h", pid=pid, version="1", endpoints={"mllp": ["h", 1]})
    with store.transaction() as conn:
        life.beat(conn, state="stopping")
        life.worker_beat(conn, 77)
    with store.reading() as conn:
        row = conn.execute(t.engine_life.select()).one()
    assert (row.pid, row.state, row.worker_pid) == (2, "stopping", 77)
    assert row.endpoints == {"mllp": ["h", 1]}
    with store.transaction() as conn:
        life.say_stopped(conn)
    with store.reading() as conn:
        assert conn.execute(sa.select(t.engine_life.c.state)).scalar() == "none"


def test_the_audit_grows_and_is_never_overwritten(store: Store) -> None:
    for what in ("approve", "approve"):
        with store.transaction() as conn:
            life.audit(conn, at=NOW, who="ann", what=what, subject="case:1", reason="typo")
    with store.reading() as conn:
        rows = conn.execute(t.audit.select()).all()
    assert [(row.who, row.subject, row.detail) for row in rows] == [("ann", "case:1", {"reason": "typo"})] * 2
