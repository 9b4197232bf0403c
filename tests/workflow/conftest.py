"""A small hospital on a database of its own; the main flows also run on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from radrecon.store import schema
from radrecon.store.database import open_store
from tests.store.conftest import empty_postgres, postgres  # noqa: F401
from tests.workflow.hospital import Hospital


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file: copying it is faster than migrating."""
    path = tmp_path_factory.mktemp("template") / "radrecon.sqlite3"
    store = open_store(f"sqlite:///{path}")
    schema.upgrade(store)
    with store.lone_connection() as conn:
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture
def hospital(request: pytest.FixtureRequest, tmp_path: Path, template: Path) -> Iterator[Hospital]:
    """On SQLite, or on what `on_both` names."""
    if getattr(request, "param", "sqlite") == "postgresql":
        store = open_store(request.getfixturevalue("empty_postgres"))
        schema.upgrade(store)
    else:
        shutil.copy(template, tmp_path / "radrecon.sqlite3")
        store = open_store(f"sqlite:///{tmp_path / 'radrecon.sqlite3'}")
    yield Hospital(store)
    store.close()
