"""Open the database, read it in short deferred transactions, write it one writer at a time.

SQLite (WAL, synchronous FULL) and PostgreSQL mean the same here: `reading()` sees one consistent state, `transaction()`
is the only writer until it ends. Topics that a transaction names with `changed()` raise their counters in its commit.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from radrecon.model.errors import Trouble
from radrecon.store import tables as t
from radrecon.store.query_text import fold
from radrecon.store.turnstile import Turnstile

WRITER_LOCK = 0x7261_6472  # "radr": pg_advisory_xact_lock of the one writer
NOTIFY_CHANNEL = "radrecon"
UNREADABLE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

__all__ = ["Connection", "DatabaseDown", "Store", "changed", "insert", "is_database_failure", "open_store"]


class DatabaseDown(Trouble):
    """The database cannot be had now: gone, locked, disk full. Nothing of the transaction was stored."""


class Store:
    """Connections to one database. Make it with `open_store`; every process keeps one."""

    def __init__(self, url: str) -> None:
        self.url = normal_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.path = Path(self.url.database or "") if self.is_sqlite else None
        self._writing = threading.Lock()
        self._turnstile = Turnstile(self.path) if self.path else None
        self._reader = self._engine("BEGIN", 8)
        self._writer = self._engine("BEGIN IMMEDIATE", 1)

    def _engine(self, begin: str, pool_size: int) -> sa.Engine:
        if not self.is_sqlite:
            level: Any = "REPEATABLE READ" if begin == "BEGIN" else "READ COMMITTED"
            return sa.create_engine(
                self.url, pool_size=pool_size, isolation_level=level, pool_pre_ping=True, hide_parameters=True
            )
        engine = sa.create_engine(
            self.url,
            pool_size=pool_size,
            connect_args={"check_same_thread": False, "timeout": 10},
            hide_parameters=True,  # they are patient data, and errors go to the log
        )
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", lambda conn: conn.exec_driver_sql(begin))
        return engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A short read transaction (at most a second): one consistent state."""
        with _trouble(), self._reader.connect() as conn, conn.begin():
            yield conn

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """The write transaction; commits at the end, rolls back on any exception. Keep it under 20 ms."""
        with _trouble(), self._queue(), self._writer.connect() as conn:
            transaction = conn.begin()
            try:
                if not self.is_sqlite:
                    conn.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITER_LOCK)))
                yield conn
                _raise_counters(conn, self.is_sqlite)
                transaction.commit()
            except BaseException:
                if transaction.is_active:
                    transaction.rollback()
                raise
            finally:
                conn.info.pop("changed", None)

    def _queue(self) -> AbstractContextManager[object]:
        """Where writers wait: of all processes with SQLite; PostgreSQL's own lock does that."""
        return self._turnstile.writing() if self._turnstile else self._writing

    def lone_connection(self) -> Connection:
        """A connection of its own in autocommit, for change notices and locks; the caller closes it."""
        if self.is_sqlite:
            engine = sa.create_engine(
                self.url, poolclass=sa.pool.NullPool, connect_args={"check_same_thread": False, "timeout": 10}
            )
            sa.event.listen(engine, "connect", _prepare_sqlite)
        else:
            engine = sa.create_engine(self.url, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT")
        with _trouble():
            return engine.connect()

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()
        if self._turnstile:
            self._turnstile.close()


def open_store(url: str) -> Store:
    """Open (and for SQLite create the folder of) a database; its schema is the engine's business."""
    store = Store(url)
    if store.path:
        _refuse_network_share(store.path)
        _make_folder(store.path.parent)
    return store


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(f"cannot make the folder {folder}: {error.strerror or error}") from error


def changed(conn: Connection, *topics: str) -> None:
    """Name what this transaction changes; the counters rise in its commit and every process hears of it."""
    conn.info.setdefault("changed", set()).update(topics)


def insert(conn: Connection, table: sa.Table, **values: Any) -> int:
    """Insert one row and return its id."""
    key = conn.execute(table.insert().values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def normal_url(url: str) -> sa.URL:
    """postgres:// and postgresql:// mean psycopg 3 here."""
    try:
        parsed = make_url(re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url))
    except sa.exc.ArgumentError as error:
        raise Trouble(f"not a database URL: {url!r}") from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise Trouble(f"only sqlite and postgresql are supported, not {parsed.get_backend_name()}")
    if parsed.get_backend_name() == "sqlite" and not parsed.database:
        raise Trouble("the database URL names no file")
    return parsed


def _prepare_sqlite(raw: sqlite3.Connection, _record: Any) -> None:
    raw.isolation_level = None  # SQLAlchemy's own begin opens nothing; our begin event does
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16000", "temp_store=MEMORY"):
        raw.execute(f"PRAGMA {pragma}").close()
    raw.create_function("radrecon_fold", 1, fold, deterministic=True)


def _raise_counters(conn: Connection, is_sqlite: bool) -> None:
    topics = sorted(conn.info.get("changed", ()))
    if not topics:
        return
    conn.execute(t.counter.update().where(t.counter.c.topic.in_(topics)).values(version=t.counter.c.version + 1))
    if not is_sqlite:
        conn.execute(sa.select(sa.func.pg_notify(NOTIFY_CHANNEL, ",".join(topics))))


def is_database_failure(error: BaseException) -> bool:
    """Whether the database failed (gone, locked, full), as against a value that it refused or a bug."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return isinstance(error, DatabaseDown | OperationalError) or lost


@contextmanager
def _trouble() -> Iterator[None]:
    """A database that cannot be had is trouble, not a bug; wrong SQL stays a bug."""
    try:
        yield
    except OperationalError as error:
        if "no such table" in str(error.orig) or "no such column" in str(error.orig):
            raise
        raise DatabaseDown(f"database: {_first_line(error)}") from error
    except DBAPIError as error:
        if error.connection_invalidated or getattr(error.orig, "sqlite_errorcode", 0) in UNREADABLE:
            raise DatabaseDown(f"database: {_first_line(error)}") from error
        raise


def _first_line(error: DBAPIError) -> str:
    return (str(error.orig).strip().splitlines() or ["not available"])[0]


def _refuse_network_share(path: Path) -> None:
    """SQLite's locks do not hold on network file systems."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return
    where = str(path.parent.resolve())
    best = ("", "")
    for line in mounts.read_text("utf-8", "replace").splitlines():
        _, mount, kind, *_ = line.split(" ")
        if where.startswith(mount) and len(mount) > len(best[0]):
            best = (mount, kind)
    if best[1].startswith(("nfs", "cifs", "smb", "9p", "fuse.sshfs")):
        raise Trouble(f"{path} lies on a network share ({best[1]}): use a local disk or PostgreSQL")
