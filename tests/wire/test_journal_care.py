"""The worker's care for the journal, as a task and in the worker's own process."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from radrecon.config import Config, EngineConfig
from radrecon.services import journal_care
from radrecon.store import journal
from radrecon.store import tables as t
from radrecon.store.database import DatabaseDown, Store
from radrecon.store.text_index import path_of
from radrecon.workflow import text_indexing
from radrecon.workflow.journal_search import search
from tests.store.test_prune_stored import stored
from tests.wire.outbox_desk import migrated, store, until
from tests.wire.test_worker import announce, end, start

__all__ = ["migrated", "store"]


def talk(store: Store, number: int = 1, at: datetime | None = None) -> None:
    with store.transaction() as conn:
        for one in range(number):
            raw = f"MSH|^~\\&|RIS\rOBX|1|TX|||effusion {one}".encode()
            journal.add(conn, journal.Entry("in", at or datetime.now(UTC), raw, state="applied"))


def found(store: Store) -> int:
    return len(search(store, "text:effusion", limit=10_000).rows)


@contextlib.asynccontextmanager
async def indexing(store: Store) -> AsyncIterator[Callable[[], None]]:
    """A running indexer; what is yielded tells it of new messages."""
    arrived = asyncio.Event()
    task = asyncio.create_task(journal_care.index_texts(store, Config, arrived))
    yield arrived.set
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_new_messages_are_indexed_when_they_are_told_of(store: Store) -> None:
    talk(store, 500)
    async with indexing(store) as tell:
        await until(lambda: found(store) == 500)
        talk(store)
        tell()
        await until(lambda: found(store) == 501)


async def test_the_index_is_closed_only_when_nobody_uses_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite does not survive a connection that is closed under a statement."""
    begun, order = threading.Event(), list[str]()

    def index_some(*_: object) -> int:
        begun.set()
        time.sleep(0.3)
        order.append("indexed")
        return 0

    @contextlib.contextmanager
    def open_index(_: Store) -> Iterator[None]:
        try:
            yield
        finally:
            order.append("closed")

    monkeypatch.setattr(text_indexing, "index_some", index_some)
    monkeypatch.setattr(journal_care, "open_index", open_index)
    async with indexing(store):
        await asyncio.to_thread(begun.wait, 10)
    assert order == ["indexed", "closed"]


@pytest.mark.parametrize("error", [DatabaseDown("gone"), OSError("full"), ZeroDivisionError()])
async def test_trouble_is_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(journal_care, "AGAIN_SECONDS", 0.02)
    talk(store)
    real, calls = text_indexing.index_some, 0

    def fails_first(*arguments: object) -> int:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise error
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(text_indexing, "index_some", fails_first)
    async with indexing(store):
        await until(lambda: found(store) == 1)


async def test_an_index_that_is_damaged_under_it_is_made_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_care, "AGAIN_SECONDS", 0.02)
    talk(store, 300)
    async with indexing(store) as tell:
        await until(lambda: found(store) == 300)
        with path_of(store).open("r+b") as file:
            file.write(b"rubbish" * 2000)
        found(store)
        talk(store)
        tell()
        await until(lambda: found(store) == 301)


async def test_old_messages_go_where_the_setting_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_care, "LOOK_SECONDS", 0.02)
    talk(store, 700, datetime.now(UTC) - timedelta(days=100))
    talk(store)
    days = 0
    task = asyncio.create_task(journal_care.prune(store, lambda: Config(engine=EngineConfig(keep_messages_days=days))))
    await asyncio.sleep(0.1)
    assert count(store) == 701
    days = 30
    await until(lambda: audits(store) == 1)
    assert count(store) == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_storage_brought_long_ago_goes_by_itself(store: Store) -> None:
    with store.transaction() as conn:
        stored(conn, "1.2", at=datetime.now(UTC) - timedelta(days=100), pacs="")
        stored(conn, "1.3", at=datetime.now(UTC) - timedelta(days=80), pacs="")
    task = asyncio.create_task(journal_care.prune(store, Config))
    await until(lambda: _stored(store) == ["1.3"])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _stored(store: Store) -> list[str]:
    with store.reading() as conn:
        return list(conn.execute(sa.select(t.stored_study.c.study_instance_uid)).scalars())


def count(store: Store) -> int:
    with store.reading() as conn:
        return len(conn.execute(t.message.select()).all())


def audits(store: Store) -> int:
    with store.reading() as conn:
        return len(conn.execute(t.audit.select()).all())


async def test_the_worker_indexes_what_arrives(store: Store, tmp_path: Path) -> None:
    announce(store, Config())
    worker = start(store.url.render_as_string(), tmp_path / "worker.log")
    try:
        talk(store, 50)
        await until(lambda: found(store) == 50)
        path_of(store).unlink()
        talk(store)
        await until(lambda: path_of(store).exists())
    finally:
        end(worker)
    assert "broke" not in (tmp_path / "worker.log").read_text()
