from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from radrecon.model.order import Order, ReportVersion
from radrecon.store import reports
from radrecon.store import tables as t
from radrecon.store.database import Store
from tests.builders import NOW, demographics, order


def test_every_version_is_a_row_of_its_own(store: Store) -> None:
    with store.transaction() as conn:
        for status in ("P", "F", "C"):
            reports.add(conn, ReportVersion("A1", status=status, text=status), order_id=1, at=NOW, message_id=0)
        rows = conn.execute(sa.select(t.report.c.number, t.report.c.status).order_by(t.report.c.id)).all()
    assert [tuple(row) for row in rows] == [(1, "P"), (2, "F"), (3, "C")]


def test_reported_is_known_by_order_accession_or_uid_and_by_nothing_empty(store: Store) -> None:
    with store.transaction() as conn:
        reports.add(conn, ReportVersion(accession_number="", study_instance_uid=""), order_id=0, at=NOW, message_id=0)
        assert not reports.reported(conn, order_id=0, accession="", uid="")
        reports.add(conn, ReportVersion("A1", study_instance_uid="1.2"), order_id=5, at=NOW, message_id=0)
        assert reports.reported(conn, order_id=5, accession="", uid="")
        assert reports.reported(conn, order_id=0, accession="A1", uid="")
        assert reports.reported(conn, order_id=0, accession="", uid="1.2")
        assert not reports.reported(conn, order_id=6, accession="A2", uid="1.3")


def test_versions_without_an_order_are_counted_by_number_and_patient(store: Store) -> None:
    anna, karl = demographics(), demographics("2000002")
    with store.transaction() as conn:
        for patient in (anna, anna, karl):
            said = ReportVersion("A1", filler_order_number="F1", patient=patient)
            reports.add(conn, said, order_id=0, at=NOW, message_id=0)
        reports.add(conn, ReportVersion(patient=anna), order_id=0, at=NOW, message_id=0)
        reports.add(conn, ReportVersion(patient=anna), order_id=0, at=NOW, message_id=0)
        numbers = conn.execute(sa.select(t.report.c.number).order_by(t.report.c.id)).scalars().all()
    assert numbers == [1, 2, 1, 1, 1]


def test_versions_that_came_first_are_joined_and_numbered_anew(store: Store) -> None:
    known = replace(order("A1", placer="P1", filler="F1"), id=5)
    with store.transaction() as conn:
        reports.add(conn, ReportVersion("A1"), order_id=5, at=NOW, message_id=0)
        early = [
            reports.add(conn, said, order_id=0, at=NOW - timedelta(hours=1), message_id=0)
            for said in (
                ReportVersion("A1"), ReportVersion("F1"), ReportVersion("", "P1"), ReportVersion("", "", "F1"),
                ReportVersion("A2", "P2", "F2"), ReportVersion(),
            )
        ]  # fmt: skip
        found = [one.id for one in reports.without_order(conn, [known])]
        assert found == early[:4]
        assert reports.without_order(conn, [Order()]) == []
        reports.join(conn, found, 5)
        assert reports.without_order(conn, [known]) == []
        versions = reports.of_orders(conn, [5, 0])[5]
        numbers = {row.id: row.number for row in conn.execute(sa.select(t.report.c.id, t.report.c.number))}
    assert [one.id for one in versions] == [*found, 1]
    assert [numbers[one.id] for one in versions] == [1, 2, 3, 4, 5]
