"""Report versions as heard: each is a row, none is ever overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.order import Order, ReportVersion
from radrecon.store import tables as t
from radrecon.store.codec import encode, load
from radrecon.store.database import Connection, changed
from radrecon.store.statement import Insert, Statement

_r = t.report.c
_INSERT = Insert(
    t.report, "order_id", "accession_number", "study_instance_uid", "placer_order_number", "filler_order_number",
    "status", "number", "data", "received_at", "message_id",
)  # fmt: skip
_OF_ORDER = Statement(sa.select(_r.status).where(_r.order_id == sa.bindparam("wanted")).order_by(_r.id))


@dataclass(frozen=True)
class StoredReport:
    """A report version with its row."""

    id: int
    order_id: int
    version: ReportVersion
    received_at: datetime
    message_id: int


def earlier(conn: Connection, report: ReportVersion, order_id: int) -> list[str]:
    """Statuses of the versions before this one: of its order, else of the same numbers and patient."""
    if order_id:
        return [row[0] for row in _OF_ORDER.all(conn, wanted=order_id)]
    return [one.version.status for one in alike(conn, report)]


def alike(conn: Connection, report: ReportVersion) -> list[StoredReport]:
    """Versions without an order that bear this one's accession number, else its filler's or placer's, and patient."""
    pairs = (
        (_r.accession_number, report.accession_number),
        (_r.filler_order_number, report.filler_order_number),
        (_r.placer_order_number, report.placer_order_number),
    )
    way = next((column == value for column, value in pairs if value), None)
    if way is None:
        return []
    found = _load(conn, t.report.select().where(way, _r.order_id == 0))
    return [one for one in found if one.version.patient.patient_id == report.patient.patient_id]


def same(conn: Connection, report: ReportVersion, order_id: int) -> int:
    """The version that says exactly this already: a replay of its message makes no other. 0 if there is none."""
    known = of_orders(conn, [order_id]).get(order_id, []) if order_id else alike(conn, report)
    return next((one.id for one in reversed(known) if _said(one.version) == _said(report)), 0)


def _said(report: ReportVersion) -> ReportVersion:
    return replace(report, id=0, flags=(), sources={})


def add(
    conn: Connection,
    report: ReportVersion,
    *,
    order_id: int,
    at: datetime,
    message_id: int,
    before: Sequence[str] | None = None,
) -> int:
    """One version; `before`: the statuses of the earlier ones, where the caller has them."""
    number = len(earlier(conn, report, order_id) if before is None else before) + 1
    changed(conn, "reports", "studies")
    return _INSERT.run(
        conn, order_id=order_id, accession_number=report.accession_number,
        study_instance_uid=report.study_instance_uid, placer_order_number=report.placer_order_number,
        filler_order_number=report.filler_order_number, status=report.status, number=number, data=encode(report),
        received_at=at, message_id=message_id,
    )  # fmt: skip


def reported(conn: Connection, *, order_id: int, accession: str, uid: str) -> bool:
    """Whether any report was heard for this order or study."""
    ways = [_r.order_id == order_id] if order_id else []
    ways += [_r.accession_number == accession] if accession else []
    ways += [_r.study_instance_uid == uid] if uid else []
    return bool(ways) and conn.execute(sa.select(_r.id).where(sa.or_(*ways)).limit(1)).first() is not None


# -- reports that came before their order -----------------------------------------------------------------------------


def without_order(conn: Connection, orders: Iterable[Order]) -> list[StoredReport]:
    """Versions of no order yet that bear a number of one of these orders."""
    known = list(orders)
    columns = {
        _r.accession_number: {n for o in known for n in (o.accession_number, o.filler_order_number)},
        _r.filler_order_number: {o.filler_order_number for o in known},
        _r.placer_order_number: {o.placer_order_number for o in known},
    }
    ways = [column.in_(sorted(values - {""})) for column, values in columns.items() if values - {""}]
    return _load(conn, t.report.select().where(_r.order_id == 0, sa.or_(*ways))) if ways else []


def join(conn: Connection, ids: Iterable[int], order_id: int) -> None:
    """Give versions to their order, all of whose versions are then numbered by arrival."""
    conn.execute(t.report.update().where(_r.id.in_(list(ids))).values(order_id=order_id))
    rows = conn.execute(sa.select(_r.id).where(_r.order_id == order_id).order_by(_r.received_at, _r.id)).scalars().all()
    for number, report_id in enumerate(rows, 1):
        conn.execute(t.report.update().where(_r.id == report_id).values(number=number))
    changed(conn, "reports", "studies")


def of_orders(conn: Connection, order_ids: Iterable[int]) -> dict[int, list[StoredReport]]:
    """The versions of each order, in order of arrival."""
    found: dict[int, list[StoredReport]] = {}
    wanted = sorted(set(order_ids) - {0})
    for one in _load(conn, t.report.select().where(_r.order_id.in_(wanted))) if wanted else ():
        found.setdefault(one.order_id, []).append(one)
    return found


def _load(conn: Connection, query: Any) -> list[StoredReport]:
    return [stored(row) for row in conn.execute(query.order_by(_r.received_at, _r.id))]


def stored(row: Any) -> StoredReport:
    return StoredReport(row.id, row.order_id, load(ReportVersion, row.data), row.received_at, row.message_id)
