"""The book of waiting steps on both databases: always what matching all steps one by one says."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from radrecon.dicom.worklist import WorklistQuery, matches
from radrecon.model.order import Order, Step, StepStatus
from radrecon.services import worklist_book as module
from radrecon.services.worklist_book import WorklistBook
from radrecon.store import backups, orders, persons, schema, worklist
from radrecon.store import tables as t
from radrecon.store.database import DatabaseDown, Store, open_store
from tests.builders import NOW, demographics, order, step
from tests.workflow.worklist_ward import RandomWard

TODAY = date(2026, 11, 22)
EVERYTHING = WorklistQuery()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    store = open_store(request.getfixturevalue("clean_sqlite" if request.param == "sqlite" else "clean_postgres"))
    yield store
    store.close()


@pytest_asyncio.fixture(name="book")
async def book_fixture(store: Store) -> AsyncIterator[WorklistBook]:
    book = WorklistBook(store, lambda: TODAY)
    yield book
    book.close()


def one_by_one(store: Store, query: WorklistQuery) -> list[tuple[Order, Step]]:
    with store.reading() as conn:
        ids = conn.execute(t.imaging_order.select().with_only_columns(t.imaging_order.c.id)).scalars().all()
        every = [pair for order_id in ids for pair in worklist.all_of_order(conn, order_id)]
    found = [pair for pair in every if matches(query, *pair)]
    return sorted(found, key=lambda pair: (pair[1].start, pair[1].id))


@pytest.mark.parametrize("seed", range(6))
async def test_after_any_change_any_query_gets_what_matching_one_by_one_gets(
    store: Store, book: WorklistBook, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    monkeypatch.setattr(module, "AT_ONCE", 4)
    monkeypatch.setattr(module, "MOST_WHOLE", 10)
    monkeypatch.setattr(module, "TURN_SECONDS", 0)
    ward = RandomWard(store, seed)
    ward.change(30)
    for _ in range(25):
        ward.change(ward.random.randint(0, 3))
        query = ward.query()
        found, expected = await book.find(query), one_by_one(store, query)
        assert [step.id for _, step in found] == [step.id for _, step in expected], query
        assert found == expected, query
    assert await book.find(EVERYTHING) == one_by_one(store, EVERYTHING)


async def test_what_another_process_writes_is_on_the_very_next_list(store: Store, book: WorklistBook) -> None:
    other = open_store(store.url.render_as_string(hide_password=False))
    assert await book.find(EVERYTHING) == []
    for number in range(3):
        with other.transaction() as conn:
            orders.save(conn, order(f"A{number}"), at=NOW)
        assert len(await book.find(EVERYTHING)) == number + 1
    with other.transaction() as conn:
        orders.set_status(conn, 2, StepStatus.COMPLETED, StepStatus)
    assert [one.accession_number for one, _ in await book.find(EVERYTHING)] == ["A0", "A2"]
    other.close()


async def test_of_a_long_list_as_many_as_are_wanted_are_had(store: Store, book: WorklistBook) -> None:
    with store.transaction() as conn:
        orders.save(conn, order(steps=tuple(step(sps=f"S{n}") for n in range(50))), at=NOW)
    assert len(await book.find(EVERYTHING, limit=7)) == 7
    assert len(await book.find(EVERYTHING)) == 50
    assert len(await book.find(EVERYTHING, lambda _order, step: step.id % 2 == 0, limit=40)) == 25


async def test_what_started_long_ago_is_found_and_not_held(store: Store, book: WorklistBook) -> None:
    with store.transaction() as conn:
        orders.save(conn, order("OLD", steps=(step(start="2025-03-01T08:00:00"),)), at=NOW)
        orders.save(conn, order("NEW"), at=NOW)
    assert [one.accession_number for one, _ in await book.find(EVERYTHING)] == ["OLD", "NEW"]
    assert await book.find(WorklistQuery(accession_number=("OLD",)))
    assert len(book) == 1


async def test_notes_of_changes_that_were_read_are_dropped_and_later_ones_are_seen(
    store: Store, book: WorklistBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LAG", 0)
    ward = RandomWard(store, 1)
    for _ in range(5):
        ward.change(20)
        await book.find(EVERYTHING)
        if read := book.prunable():
            book.prune(read)
        assert await book.find(EVERYTHING) == one_by_one(store, EVERYTHING)
    with store.reading() as conn:
        assert len(conn.execute(t.worklist_change.select()).all()) <= 1


async def test_an_order_heard_again_unchanged_leaves_no_note(store: Store, book: WorklistBook) -> None:
    with store.transaction() as conn:
        persons.insert(conn, demographics())
        number = orders.save(conn, order(person_id=1), at=NOW)
        conn.execute(t.worklist_change.delete())
        heard = orders.load_one(conn, number)
        assert heard is not None
        orders.save(conn, heard, at=NOW, message_id=7)
        persons.update(conn, 1, updated_at=NOW)
        assert conn.execute(t.worklist_change.select()).all() == []
    assert len(await book.find(EVERYTHING)) == 1


async def test_a_database_that_is_away_is_said_and_one_that_comes_back_is_read(tmp_path: Path) -> None:
    path = tmp_path / "b.sqlite3"
    store = open_store(f"sqlite:///{path}")
    schema.upgrade(store)
    book = WorklistBook(store, lambda: TODAY)
    with store.transaction() as conn:
        orders.save(conn, order("A1"), at=NOW)
    assert len(await book.find(EVERYTHING)) == 1
    saved = backups.backup(store, "copy")
    with store.transaction() as conn:
        orders.save(conn, order("A2"), at=NOW)
    assert len(await book.find(EVERYTHING)) == 2
    for part in tmp_path.glob("b.sqlite3*"):
        if part != saved:
            part.unlink()
    with pytest.raises(DatabaseDown):
        await book.find(EVERYTHING)
    shutil.copy(saved, path)
    assert [one.accession_number for one, _ in await book.find(EVERYTHING)] == ["A1"]
    book.close()
    store.close()
