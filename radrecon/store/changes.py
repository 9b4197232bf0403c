"""Change notices: every process hears within a tenth of a second which topics others have changed.

SQLite: `PRAGMA data_version` (6 µs) on a connection of its own in autocommit, for it is stale inside an open read
transaction and cannot be compared between connections. PostgreSQL: LISTEN.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import NOTIFY_CHANNEL, DatabaseDown, Store

POLL_SECONDS = 0.05
OPEN_SECONDS = 5.0
"""How long who makes a watch waits for it to listen; a database that is away for longer is told of later."""


class Watch:
    """A thread that calls back with the topics whose counters rose, from when it was made on. `stop()` ends it."""

    def __init__(self, store: Store, callback: Callable[[frozenset[str]], None]) -> None:
        self._store = store
        self._callback = callback
        self._stop, self._listening = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="change-watch", daemon=True)
        self._thread.start()
        self._listening.wait(OPEN_SECONDS)  # what is read from now on is told of when it changes

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        """Watch until stopped; a database that went away is tried again each second."""
        seen: dict[str, int] | None = None
        while not self._stop.is_set():
            try:
                seen = self._watch(seen)
            except Exception:  # the top of a service loop: whatever happened, look again
                seen = seen or {}
                self._listening.set()
                self._stop.wait(1)

    def _watch(self, seen: dict[str, int] | None) -> dict[str, int]:
        """`seen`: None at first; what changed since it was read, while nobody listened, is told of."""
        with self._store.lone_connection() as conn:
            wait = self._sqlite_waiter(conn) if self._store.is_sqlite else self._postgres_waiter(conn)
            seen = counters(conn) if seen is None else self._tell(seen, counters(conn))
            self._listening.set()
            while not self._stop.is_set():
                if wait():
                    seen = self._tell(seen, counters(conn))
        return seen

    def _tell(self, old: Mapping[str, int], new: dict[str, int]) -> dict[str, int]:
        topics = frozenset(topic for topic, version in new.items() if version != old.get(topic))
        if topics and not self._stop.is_set():
            self._callback(topics)
        return new

    def _sqlite_waiter(self, conn: sa.Connection) -> Callable[[], bool]:
        raw: Any = conn.connection.driver_connection
        last, file = -1, self._store.same_file()

        def wait() -> bool:
            nonlocal last
            self._stop.wait(POLL_SECONDS)
            if self._store.same_file() != file:
                raise DatabaseDown("database: its file was replaced")
            now = raw.execute("PRAGMA data_version").fetchone()[0]
            moved, last = now != last, now
            return bool(moved)

        return wait

    def _postgres_waiter(self, conn: sa.Connection) -> Callable[[], bool]:
        raw: Any = conn.connection.driver_connection
        raw.execute(f"LISTEN {NOTIFY_CHANNEL}")
        return lambda: any(True for _ in raw.notifies(timeout=0.25, stop_after=1))


def counters(conn: sa.Connection) -> dict[str, int]:
    """Topic → version, read outside any transaction."""
    rows = conn.execute(sa.select(t.counter.c.topic, t.counter.c.version)).all()
    if conn.in_transaction():
        conn.rollback()
    return {row.topic: row.version for row in rows}
