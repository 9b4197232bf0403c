"""The age of what Storage brought, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.store import cases, instances, prune_stored, studies
from radrecon.store import tables as t
from radrecon.store.database import Connection, Store
from tests.builders import NOW, study
from tests.store.test_instances import ONE

OLD, BEFORE = NOW - timedelta(days=100), NOW - timedelta(days=90)


def stored(conn: Connection, uid: str, count: int = 3, at: datetime = OLD, pacs: str = "main") -> int:
    """A study that was looked at, with a header and a thumbnail; the id of its row, 0 where there is none."""
    series = f"{uid}.1"
    one = replace(ONE, study_instance_uid=uid, series_instance_uid=series, at=at)
    instances.keep(conn, [replace(one, sop_instance_uid=f"{series}.{n}") for n in range(count)], [0])
    instances.save_thumbnail(conn, series, b"png", "", at)
    for waiting in instances.waiting(conn, 100):
        instances.looked_at(conn, waiting)
    return studies.insert(conn, study(uid, pacs=pacs), at=at, baseline=False) if pacs else 0


def left(conn: Connection) -> list[int]:
    """Studies, instances, headers and thumbnails."""
    tables = (t.stored_study, t.stored_instance, t.stored_header, t.thumbnail)
    return [conn.execute(sa.select(sa.func.count()).select_from(one)).scalar_one() for one in tables]


def test_all_of_an_old_study_goes_some_at_a_time(store: Store) -> None:
    with store.transaction() as conn:
        stored(conn, "1.2", 5)
        stored(conn, "1.3", pacs="")
        assert prune_stored.old(conn, BEFORE, 10) == ["1.2", "1.3"]
        assert [prune_stored.delete_some(conn, "1.2", BEFORE, 3) for _ in range(2)] == [3, 2]
        assert left(conn) == [1, 3, 1, 1]
        assert prune_stored.delete_some(conn, "1.3", BEFORE, 10) == 3
        assert left(conn) == [0, 0, 0, 0]


def test_what_is_young_or_waits_or_is_nowhere_else_or_in_a_case_stays(store: Store) -> None:
    with store.transaction() as conn:
        stored(conn, "1.2", at=NOW)
        stored(conn, "1.3", pacs="storage:CT1")
        disputed = stored(conn, "1.4")
        finding = Finding(CaseKind.UNASSIGNED_STUDY, f"study:{disputed}", "why", CaseOwner.US, 3, study_id=disputed)
        cases.settle(conn, finding.subject, [finding.kind], [finding], OLD)
        stored(conn, "1.5")
        instances.keep(conn, [replace(ONE, study_instance_uid="1.5", sop_instance_uid="1.5.1.9", at=OLD)], [])
        assert prune_stored.old(conn, BEFORE, 10) == []
        cases.settle(conn, finding.subject, [finding.kind], [], NOW)
        assert prune_stored.old(conn, BEFORE, 10) == ["1.4"]


def test_what_came_in_between_keeps_its_header_and_its_thumbnail(store: Store) -> None:
    with store.transaction() as conn:
        stored(conn, "1.2")
        late = replace(ONE, study_instance_uid="1.2", series_instance_uid="1.2.1", sop_instance_uid="1.2.1.9", at=NOW)
        instances.keep(conn, [late], [])
        assert prune_stored.delete_some(conn, "1.2", BEFORE, 10) == 3
        assert left(conn) == [1, 1, 1, 1]
        assert instances.headers_of(conn, "1.2")
