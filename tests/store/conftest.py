"""An empty database of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from radrecon.store.database import Store, open_store


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
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A database with this program's schema."""
    yield from _opened(request.getfixturevalue("clean_sqlite" if request.param == "sqlite" else "clean_postgres"))


def _opened(url: str) -> Iterator[Store]:
    store = open_store(url)
    yield store
    store.close()
