from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from radrecon.store import listings, schema
from radrecon.store import tables as t
from radrecon.store.codec import dump
from radrecon.store.database import Store, open_store
from tests.builders import NOW, study
from tests.store.plans import plan_of, statements_of

STUDIES = 100_000


@pytest.fixture(scope="module")
def full_archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A hundred thousand studies of the archive's past, and not one order heard."""
    path: Path = tmp_path_factory.mktemp("archive") / "radrecon.sqlite3"
    store = open_store(f"sqlite:///{path}")
    schema.upgrade(store)
    data = dump(study())
    with store.transaction() as conn:
        for start in range(0, STUDIES, 10_000):
            conn.execute(t.study.insert(), [_row(number, data) for number in range(start, start + 10_000)])
    yield store
    store.close()


def _row(number: int, data: object) -> dict[str, object]:
    return {
        "pacs": "main", "study_instance_uid": f"1.2.{number}", "accession_number": f"A{number}",
        "patient_id": f"{number}", "patient_normal": f"{number}", "patient_name": f"NAME{number}^ANNA", "data": data,
        "first_seen": NOW, "last_changed": NOW, "last_seen": NOW, "baseline": True,
    }  # fmt: skip


def test_the_summary_of_a_full_archive_is_calm_and_true(full_archive: Store) -> None:
    with full_archive.reading() as conn:
        found = listings.summary(conn)
    assert (found.cases, found.orders, found.coverage_from) == ({}, 0, "")
    assert (found.studies, found.studies_not_judged) == (STUDIES, STUDIES)


def test_the_summary_reads_no_study_but_counts_by_an_index(full_archive: Store) -> None:
    with full_archive.reading() as conn:
        plan = [one for one in plan_of(conn, lambda: listings.summary(conn)) if " study" in one]
        fetched = sum(_rows(conn, one) for one in statements_of(conn, lambda: listings.summary(conn)))
    assert plan
    assert all("COVERING INDEX" in one for one in plan), plan
    assert fetched < 50


def _rows(conn: sa.Connection, statement: tuple[str, object]) -> int:
    return len(conn.exec_driver_sql(*statement).all())  # type: ignore[arg-type]


@pytest.mark.parametrize("query", ["mrn:77", "accession:A77", "uid:1.2.77"])
def test_a_whole_key_is_answered_by_an_index(full_archive: Store, query: str) -> None:
    with full_archive.reading() as conn:
        assert [row.study_instance_uid for row in listings.studies(conn, query=query)] == ["1.2.77"]
        plan = plan_of(conn, lambda: listings.studies(conn, query=query))
    assert not any(step.startswith("SCAN study") for step in plan), plan


def test_a_page_of_studies_stops_when_it_is_full(full_archive: Store) -> None:
    with full_archive.reading() as conn:
        assert len(listings.studies(conn, limit=50)) == 50
        plan = plan_of(conn, lambda: listings.studies(conn, limit=50))
    assert not any("TEMP B-TREE FOR ORDER BY" in step for step in plan), plan


def test_the_counts_by_pacs_read_an_index(full_archive: Store) -> None:
    with full_archive.reading() as conn:
        plan = plan_of(conn, lambda: listings.pacs_states(conn))
    assert any("study USING COVERING INDEX" in step for step in plan), plan


def test_every_listing_is_named_once() -> None:
    assert sorted(listings.__all__, key=lambda name: (name[0].islower(), name)) == listings.__all__
    assert all(hasattr(listings, name) for name in listings.__all__)
