from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from radrecon.model.performed import PerformedStatus, Placed, Placement
from radrecon.store import performed, prune_records, worklist
from radrecon.store import tables as t
from radrecon.store.database import Connection, Store
from radrecon.store.performed import Heard
from tests.builders import NOW
from tests.store.test_performed import NAMED, STEP, add

OLD, BEFORE = NOW - timedelta(days=200), NOW - timedelta(days=180)


def asked(conn: Connection, at: datetime) -> None:
    worklist.record(
        conn, at=at, peer_ae_title="CT1", address="10.0.0.9", keys={}, matches=0, milliseconds=1.0, status="0000"
    )


def said(conn: Connection, performed_id: int, at: datetime = OLD, state: str = "applied") -> int:
    heard = Heard(at, "N-CREATE", "9.1", "CT1", "10.0.0.9", "1.2.840.10008.1.2", b"raw", state)
    return performed.add_message(conn, heard, performed_id)


def test_old_queries_go_and_the_newest_stays_whatever_its_age(store: Store) -> None:
    with store.transaction() as conn:
        for at in (OLD, OLD, OLD):
            asked(conn, at)
        found = prune_records.old_queries(conn, BEFORE, 10)
        assert prune_records.delete_queries(conn, found) == 2
        asked(conn, NOW)
        asked(conn, NOW)
        assert prune_records.delete_queries(conn, prune_records.old_queries(conn, BEFORE, 10)) == 1
        assert prune_records.old_queries(conn, BEFORE, 10) == []
        assert conn.execute(sa.select(sa.func.count()).select_from(t.worklist_query)).scalar() == 2


def test_what_was_said_of_a_step_stays_while_the_step_is_open(store: Store) -> None:
    with store.transaction() as conn:
        ended = replace(STEP, status=PerformedStatus.COMPLETED)
        running, done, unplaced = add(conn), add(conn, "9.2", ended), add(conn, "9.3", ended)
        performed.set_placed(conn, unplaced, [Placed(NAMED, Placement.NOT_FOUND)])
        stay = [said(conn, running), said(conn, unplaced)]
        go = [said(conn, done), said(conn, 0, state="refused")]
        young = said(conn, done, NOW)
        said(conn, done, NOW)
        found, last = prune_records.old_performed(conn, BEFORE, 0, 10)
        assert (found, last) == (go, go[-1])
        assert prune_records.old_performed(conn, BEFORE, go[-1], 10) == ([], None)
        assert prune_records.delete_performed(conn, found) == 2
        left = conn.execute(sa.select(t.performed_message.c.id).order_by(t.performed_message.c.id)).scalars().all()
    assert left[:3] == [*stay, young]
