from __future__ import annotations

import pytest

from radrecon.model.errors import Trouble
from radrecon.model.order import ReportVersion
from radrecon.store import list_reports, orders, reports
from radrecon.store.database import Store
from tests.builders import NOW, order


def test_reports_come_newest_first_each_with_its_whole_chain(store: Store) -> None:
    with store.transaction() as conn:
        order_id = orders.save(conn, order("A1"), at=NOW)
        for number, status in (("F-A1", "P"), ("A1", "F")):
            reports.add(conn, ReportVersion(number, status=status), order_id=order_id, at=NOW, message_id=0)
        reports.add(conn, ReportVersion("B1", status="F"), order_id=0, at=NOW, message_id=0)
    with store.reading() as conn:
        found = list_reports.reports(conn)
        assert [(one.report.version.status, one.accession_number) for one in found] == [
            ("F", "B1"), ("F", "A1"), ("P", "A1"),
        ]  # fmt: skip
        assert [[each.id for each in one.versions] for one in found] == [[3], [1, 2], [1, 2]]
        assert [one.report.id for one in list_reports.reports(conn, query="acc:A1")] == [2, 1]
        assert [one.report.id for one in list_reports.reports(conn, query="status:P")] == [1]
        assert len(list_reports.reports(conn, limit=2)) == 2
        with pytest.raises(Trouble):
            list_reports.reports(conn, query="kind:nothing")
