"""The log is copied beside the writers, and begun anew when it has grown long."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from radrecon.store import checkpoint, queue, schema
from radrecon.store.database import Store, open_store

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def written(tmp_path: Path) -> Store:
    store = open_store(f"sqlite:///{tmp_path / 'radrecon.sqlite3'}")
    schema.upgrade(store)
    write(store)
    return store


def write(store: Store) -> None:
    with store.transaction() as conn:
        queue.touch(conn, "study", range(5000), NOW)


def log_size(store: Store) -> int:
    assert store.path is not None
    return store.path.with_name(f"{store.path.name}-wal").stat().st_size


def test_what_was_written_reaches_the_file_while_others_read_and_nothing_is_lost(written: Store) -> None:
    assert written.path is not None
    before = written.path.stat().st_size
    with written.reading() as conn:
        assert queue.size(conn, NOW) == 5000
        checkpoint.checkpoint(written)
    checkpoint.checkpoint(written)
    assert written.path.stat().st_size > before
    with written.reading() as conn:
        assert queue.size(conn, NOW) == 5000


def test_a_long_log_is_begun_anew(written: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "LONG", 10)
    assert checkpoint.checkpoint(written) == 0
    size = log_size(written)
    write(written)
    assert log_size(written) == size


def test_a_reader_of_the_old_end_only_puts_it_off(written: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "LONG", 10)
    with written.reading() as conn:
        queue.size(conn, NOW)
        write(written)
        assert checkpoint.checkpoint(written) > 0
    assert checkpoint.checkpoint(written) == 0
