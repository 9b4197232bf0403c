"""The engine's life: one per database by an operating system's lock, a heartbeat row, and its settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock, Timeout

from radrecon.model.errors import Trouble
from radrecon.store import tables as t
from radrecon.store.database import Connection, DatabaseDown, Store, changed, trouble

ENGINE_LOCK = 0x7261_6465  # "rade": pg_advisory_lock of the engine
LOST_AFTER_SECONDS = 5
TO_STOP = "radrecon engine --stop ends it"


class EngineLives(Trouble):
    """Another engine holds this database."""


class EngineLock:
    """The database as its only engine. PostgreSQL gives it away with the connection that holds it, hence `keep`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._file = FileLock(Path(f"{store.path}.engine")) if store.path else None
        self._conn: Connection | None = None

    def take(self) -> None:
        """Raises EngineLives at once if another engine has it."""
        if self._file:
            try:
                self._file.acquire(timeout=0)
            except Timeout as error:
                raise EngineLives(f"an engine already serves {self._store.path} ({TO_STOP})") from error
            return
        self._conn = self._store.lone_connection()
        with trouble():
            if not self._conn.execute(sa.select(sa.func.pg_try_advisory_lock(ENGINE_LOCK))).scalar():
                raise EngineLives(f"an engine already serves {self._store.url.render_as_string()} ({TO_STOP})")

    def keep(self) -> None:
        """Take it again where its connection was lost. Raises EngineLives if another engine was faster."""
        if self._file:
            return
        try:
            if self._conn is not None:
                with trouble():
                    self._conn.execute(sa.select(1))
                return
        except DatabaseDown:
            self.give_back()
        self.take()

    def give_back(self) -> None:
        if self._file:
            self._file.release()
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.invalidate()
            conn.close()


@contextmanager
def engine_lock(store: Store) -> Iterator[EngineLock]:
    """Hold the database as its only engine; raises EngineLives at once if one lives."""
    lock = EngineLock(store)
    try:
        lock.take()
        yield lock
    finally:
        lock.give_back()


def database_now(conn: Connection) -> datetime:
    """The database's own clock in UTC: heartbeats of several machines are compared by it."""
    if conn.dialect.name == "sqlite":
        text = conn.execute(sa.text("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')")).scalar_one()
        return datetime.fromisoformat(text)
    found: datetime = conn.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    return found


def announce(conn: Connection, **values: Any) -> None:
    """The engine's own row: state, host, pid, version, endpoints; with a heartbeat."""
    conn.execute(t.engine_life.delete())
    conn.execute(t.engine_life.insert().values(id=1, heartbeat=database_now(conn), **values))
    changed(conn, "life")


def beat(conn: Connection, **values: Any) -> None:
    conn.execute(t.engine_life.update().values(heartbeat=database_now(conn), **values))


def worker_beat(conn: Connection, pid: int) -> None:
    conn.execute(t.engine_life.update().values(worker_heartbeat=database_now(conn), worker_pid=pid))


def worker_pid(conn: Connection) -> int:
    """The worker's process, 0 where none has said so."""
    return int(conn.execute(sa.select(t.engine_life.c.worker_pid)).scalar() or 0)


def say_stopped(conn: Connection, pid: int | None = None) -> None:
    """`pid`: only where the row is still that process's own."""
    own = sa.true() if pid is None else t.engine_life.c.pid == pid
    conn.execute(t.engine_life.update().where(own).values(state="none", pid=0, worker_pid=0))
    changed(conn, "life")


def put_setting(conn: Connection, key: str, value: Any, source: str) -> None:
    conn.execute(t.setting.delete().where(t.setting.c.key == key))
    conn.execute(t.setting.insert().values(key=key, value=value, source=source))
    changed(conn, "settings")


def setting(conn: Connection, key: str) -> Any:
    row = conn.execute(sa.select(t.setting.c.value).where(t.setting.c.key == key)).first()
    return None if row is None else row.value


def audit(conn: Connection, *, at: datetime, who: str, what: str, subject: str, **detail: Any) -> None:
    """Who did what to what; never overwritten."""
    conn.execute(t.audit.insert().values(at=at, who=who, what=what, subject=subject, detail=detail))
