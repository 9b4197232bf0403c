"""A small hospital on a database of its own; the main flows also run on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from radrecon.store.database import open_store
from tests.workflow.hospital import Hospital


@pytest.fixture(scope="session")
def template(migrated_sqlite: Path) -> Path:
    """A migrated, empty SQLite file: copying it is faster than migrating."""
    return migrated_sqlite


@pytest.fixture
def hospital(request: pytest.FixtureRequest) -> Iterator[Hospital]:
    """On SQLite, or on what `on_both` names."""
    on_postgres = getattr(request, "param", "sqlite") == "postgresql"
    store = open_store(request.getfixturevalue("clean_postgres" if on_postgres else "clean_sqlite"))
    yield Hospital(store)
    store.close()
