"""Report versions as heard: each is a row, none is ever overwritten."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from radrecon.model.order import ReportVersion
from radrecon.store import tables as t
from radrecon.store.codec import dump
from radrecon.store.database import Connection, changed, insert


def add(conn: Connection, report: ReportVersion, *, order_id: int, at: datetime, message_id: int) -> int:
    r = t.report.c
    earlier = sa.select(sa.func.count()).where(r.accession_number == report.accession_number, r.order_id == order_id)
    number = int(conn.execute(earlier).scalar_one()) + 1
    changed(conn, "reports", "studies")
    return insert(
        conn, t.report, order_id=order_id, accession_number=report.accession_number,
        study_instance_uid=report.study_instance_uid, status=report.status, number=number, data=dump(report),
        received_at=at, message_id=message_id,
    )  # fmt: skip


def reported(conn: Connection, *, order_id: int, accession: str, uid: str) -> bool:
    """Whether any report was heard for this order or study."""
    r = t.report.c
    ways = [r.order_id == order_id] if order_id else []
    ways += [r.accession_number == accession] if accession else []
    ways += [r.study_instance_uid == uid] if uid else []
    return bool(ways) and conn.execute(sa.select(r.id).where(sa.or_(*ways)).limit(1)).first() is not None
