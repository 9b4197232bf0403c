"""Open the database, read it in short deferred transactions, write it one writer at a time.

SQLite (WAL, synchronous FULL) and PostgreSQL mean the same here: `reading()` sees one consistent state, `transaction()`
is the only writer until it ends. Topics that a transaction names with `changed()` raise their counters in its commit.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from radrecon.model.errors import DatabaseDown, Trouble
from radrecon.store import kept
from radrecon.store import tables as t
from radrecon.store.query_text import fold
from radrecon.store.statement import DRIVER, Statement, driven
from radrecon.store.turnstile import Turnstile

WRITER_LOCK = 0x7261_6472  # "radr": pg_advisory_xact_lock of the one writer
NOTIFY_CHANNEL = "radrecon"
TOO_LARGE = "54"  # SQLSTATE class: one value is beyond what an index can hold; the database is well
UNREADABLE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

__all__ = [
    "Connection", "DatabaseDown", "Pending", "Store", "changed", "first_line", "insert", "is_database_failure",
    "open_store", "pending_of", "savepoint", "trouble",
]  # fmt: skip


PENDING = "radrecon_pending"


@dataclass
class Pending:
    """What a write transaction still has to do at its commit.

    `topics`: the counters to raise; `last_message`: the id that the journal gave last; `touched`: (kind, value, moment)
    → when it is to be looked at again; `last`: what writes the latter, and whatever else is written once for all that
    the transaction did.
    """

    topics: set[str] = field(default_factory=set)
    last_message: int = 0
    touched: dict[tuple[str, str, int], datetime] = field(default_factory=dict)
    last: list[Callable[[Connection], None]] = field(default_factory=list)


class Store:
    """Connections to one database. Make it with `open_store`; every process keeps one.

    `read_only`: the database itself refuses whatever would write.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.url = normal_url(url)
        self._read_only = read_only
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.path = Path(self.url.database or "") if self.is_sqlite else None
        self._writing = threading.Lock()
        self._turnstile = Turnstile(self.path) if self.path else None
        self._file: tuple[int, int] | None = None
        self._reader = self._engine("BEGIN", 8)
        self._writer = self._engine("BEGIN IMMEDIATE", 1)
        self._kept: Connection | None = None  # SQLite's writer: taking it from the pool costs each sender some 50 µs

    def _engine(self, begin: str, pool_size: int) -> sa.Engine:
        if not self.is_sqlite:
            level: Any = "REPEATABLE READ" if begin == "BEGIN" else "READ COMMITTED"
            return sa.create_engine(
                self.url, pool_size=pool_size, isolation_level=level, pool_pre_ping=True, hide_parameters=True,
                execution_options={"postgresql_readonly": True} if self._read_only else {},
            )  # fmt: skip
        engine = sa.create_engine(
            self.url,
            pool_size=pool_size,
            pool_reset_on_return=None,  # whoever takes a connection ends its transaction
            connect_args={"check_same_thread": False, "timeout": 10},
            hide_parameters=True,  # they are patient data, and errors go to the log
        )
        sa.event.listen(engine, "connect", _prepare_sqlite)
        if self._read_only:
            sa.event.listen(engine, "connect", _only_read)
        sa.event.listen(engine, "connect", self._opened)
        # a write transaction has begun already when Core joins in
        sa.event.listen(engine, "begin", lambda conn: None if PENDING in conn.__dict__ else driven(conn, begin))
        return engine

    def _opened(self, *_: object) -> None:
        self._file = self._file or _identity(self.path)

    def same_file(self) -> tuple[int, int] | None:
        """Which file the path names. Raises DatabaseDown where there is none any more; one that was put there since is
        opened in its stead, for SQLite goes on writing a file that was moved away, where nobody finds it."""
        if self._file is None:
            return None
        found = _identity(self.path)
        if found is None:
            raise DatabaseDown(f"database: {self.path} is not there any more")
        if found != self._file:
            self._file = found
            self._reader.dispose()
            self._forget_writer()
        return found

    @contextmanager
    def reading(self, *, keep: bool = False) -> Iterator[Connection]:
        """A short read transaction (at most a second): one consistent state. `keep`: see `kept`."""
        self.same_file()
        with trouble(), self._reader.connect() as conn, conn.begin():
            conn.__dict__[DRIVER] = conn.connection.driver_connection
            if keep:
                kept.begin(conn)
            try:
                yield conn
            finally:
                del conn.__dict__[DRIVER]
                kept.end(conn)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """The write transaction; commits at the end, rolls back on any exception. Keep it under 20 ms."""
        with trouble(), self.queue():
            if self.is_sqlite:
                yield from self._on_sqlite()
            else:
                yield from self._on_postgres()

    def _on_sqlite(self) -> Iterator[Connection]:
        """On the driver's connection throughout; Core may join in, and begins nothing of its own then."""
        file = self.same_file()
        conn = self._kept = self._kept or self._writer.connect()
        try:
            with _pending(conn) as pending:
                driven(conn, "BEGIN IMMEDIATE")
                yield conn
                _finish(conn, pending)
                driven(conn, "COMMIT")
                conn.commit()  # what Core believes to be open
        except BaseException:
            self._undo(conn)
            raise
        if file and _identity(self.path) != file:  # moved away before all was written
            raise DatabaseDown(f"database: {self.path} was moved or replaced")

    def _undo(self, conn: Connection) -> None:
        """An error may have ended the transaction already (SQLITE_FULL does); a connection that is broken goes."""
        driver: Any = conn.connection.driver_connection
        try:
            conn.rollback()
            driver.rollback()
        except (sa.exc.SQLAlchemyError, sqlite3.Error):
            self._forget_writer()

    def _forget_writer(self) -> None:
        """Closing a connection rolls back what it has begun."""
        conn, self._kept = self._kept, None
        if conn is not None:
            conn.invalidate()
            conn.close()
        self._writer.dispose()

    def _on_postgres(self) -> Iterator[Connection]:
        with self._writer.connect() as conn, conn.begin(), _pending(conn) as pending:
            conn.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITER_LOCK)))
            yield conn
            _finish(conn, pending)
            if pending.topics:
                conn.execute(sa.select(sa.func.pg_notify(NOTIFY_CHANNEL, ",".join(sorted(pending.topics)))))

    def queue(self) -> AbstractContextManager[object]:
        """Where writers wait: of all processes with SQLite; PostgreSQL's own lock does that."""
        return self._turnstile.writing() if self._turnstile else self._writing

    def lone_connection(self) -> Connection:
        """A connection of its own in autocommit, for change notices and locks; the caller closes it."""
        self.same_file()
        if self.is_sqlite:
            engine = sa.create_engine(
                self.url, poolclass=sa.pool.NullPool, connect_args={"check_same_thread": False, "timeout": 10}
            )
            sa.event.listen(engine, "connect", _prepare_sqlite)
        else:
            # in autocommit there is nothing to reset, and on a lost connection it would only fail, loudly
            engine = sa.create_engine(
                self.url, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT", pool_reset_on_return=None
            )
        with trouble():
            return engine.connect()

    def close(self) -> None:
        self._reader.dispose()
        self._forget_writer()
        if self._turnstile:
            self._turnstile.close()


def open_store(url: str, *, read_only: bool = False) -> Store:
    """Open (and for SQLite create the folder of) a database; its schema is the engine's business."""
    store = Store(url, read_only=read_only)
    if store.path:
        _refuse_network_share(store.path)
        _make_folder(store.path.parent)
    return store


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(f"cannot make the folder {folder}: {error.strerror or error}") from error


@contextmanager
def _pending(conn: Connection) -> Iterator[Pending]:
    """While a write transaction lasts: what it has to do at its commit, and the driver's connection at hand."""
    conn.__dict__[DRIVER] = conn.connection.driver_connection
    conn.__dict__[PENDING] = pending = Pending()
    try:
        yield pending
    finally:
        del conn.__dict__[PENDING], conn.__dict__[DRIVER]


def _finish(conn: Connection, pending: Pending) -> None:
    for write in pending.last:
        write(conn)
    if topics := sorted(pending.topics):
        _raise(tuple(topics)).run(conn)


def changed(conn: Connection, *topics: str) -> None:
    """Name what this transaction changes; the counters rise in its commit and every process hears of it."""
    pending_of(conn).topics.update(topics)


def pending_of(conn: Connection) -> Pending:
    """Of a write transaction under way; a bug where there is none."""
    found: Pending = conn.__dict__[PENDING]
    return found


@contextmanager
def savepoint(conn: Connection) -> Iterator[None]:
    """What is done inside is undone as one where it raises; the transaction goes on.

    On the driver's own cursor: every message of every sender passes here.
    """
    pending = pending_of(conn)
    outer, pending.touched = pending.touched, {}
    driven(conn, "SAVEPOINT message")
    try:
        yield
    except BaseException as error:
        pending.touched = outer
        if not is_database_failure(error):
            driven(conn, "ROLLBACK TO SAVEPOINT message")
            driven(conn, "RELEASE SAVEPOINT message")
        raise
    driven(conn, "RELEASE SAVEPOINT message")
    inner, pending.touched = pending.touched, outer
    for subject, due in inner.items():
        outer[subject] = max(due, outer.get(subject, due))


def insert(conn: Connection, table: sa.Table, **values: Any) -> int:
    """Insert one row and return its id."""
    key = conn.execute(table.insert().values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def normal_url(url: str) -> sa.URL:
    """postgres:// and postgresql:// mean psycopg 3 here."""
    try:
        parsed = make_url(re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url))
    except (sa.exc.ArgumentError, ValueError):  # not chained, and not repeated: both would tell a password
        form = "postgresql://user:password@host:5432/name"
        raise Trouble(f"not a database URL: write {form}, and @ in a password as %40") from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise Trouble(f"only sqlite and postgresql are supported, not {parsed.get_backend_name()}")
    if parsed.get_backend_name() == "sqlite" and not parsed.database:
        raise Trouble("the database URL names no file")
    return parsed


def _prepare_sqlite(raw: sqlite3.Connection, _record: Any) -> None:
    raw.isolation_level = None  # SQLAlchemy's own begin opens nothing; our begin event does
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-64000",
        "temp_store=MEMORY",
        "wal_autocheckpoint=16000",  # only where nobody else does it, see checkpoint.py
    ):
        raw.execute(f"PRAGMA {pragma}").close()
    raw.create_function("radrecon_fold", 1, fold, deterministic=True)


def _only_read(raw: sqlite3.Connection, _record: Any) -> None:
    """With a small cache, for there may be several such processes: the system keeps the pages that all of them read."""
    for pragma in ("query_only=ON", "cache_size=-16000"):
        raw.execute(f"PRAGMA {pragma}").close()


def _identity(path: Path | None) -> tuple[int, int] | None:
    """Which file it is, whatever it is called; None where there is none."""
    try:
        found = os.stat(path or "")
    except OSError:
        return None
    return found.st_dev, found.st_ino


@lru_cache(maxsize=256)
def _raise(topics: tuple[str, ...]) -> Statement:
    """One statement for all of them; there are few sets of topics that change together."""
    named = sa.or_(*(t.counter.c.topic == topic for topic in topics))
    return Statement(t.counter.update().where(named).values(version=t.counter.c.version + 1))


def is_database_failure(error: BaseException) -> bool:
    """Whether the database failed (gone, locked, full), as against a value that it refused or a bug."""
    if str(getattr(getattr(error, "orig", None), "sqlstate", "")).startswith(TOO_LARGE):
        return False
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return isinstance(error, DatabaseDown | OperationalError) or lost


@contextmanager
def trouble() -> Iterator[None]:
    """A database that cannot be had is trouble, not a bug; wrong SQL stays a bug."""
    try:
        yield
    except OperationalError as error:
        if "no such table" in str(error.orig) or "no such column" in str(error.orig):
            raise
        raise DatabaseDown(f"database: {first_line(error)}") from error
    except DBAPIError as error:
        if error.connection_invalidated or getattr(error.orig, "sqlite_errorcode", 0) in UNREADABLE:
            raise DatabaseDown(f"database: {first_line(error)}") from error
        raise


def first_line(error: Exception) -> str:
    """What the database itself said, without the statement and its patient data."""
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    if said == "database is locked":
        return "locked by another program; nothing was changed, try again"
    return (said.strip().splitlines() or [type(error).__name__])[0]


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
