from __future__ import annotations

import sqlalchemy as sa

from radrecon.model.order import ReportVersion
from radrecon.store import reports
from radrecon.store import tables as t
from radrecon.store.database import Store
from tests.builders import NOW


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
