"""Report versions as heard, the newest first, each with all versions of its report: what it is follows from those."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection
from radrecon.store.filters import Searchable, conditions, is_one_of, of_person
from radrecon.store.life import database_now
from radrecon.store.reports import StoredReport, alike, of_orders, stored

_r, _o, _p, _m = t.report.c, t.imaging_order.c, t.person.c, t.message.c
_FROM = (
    t.report.outerjoin(t.imaging_order, _o.id == _r.order_id)
    .outerjoin(t.person, _p.id == _o.person_id)
    .outerjoin(t.message, _m.id == _r.message_id)
)
_SEARCH = Searchable(
    "reports",
    {
        "patient_id": (_p.patient_id, _m.patient_id),
        "patient_name": (_p.patient_name,),
        "patient_birth_date": (_p.patient_birth_date,),
        "accession_number": (
            _r.accession_number, _o.accession_number, _r.placer_order_number, _r.filler_order_number,
        ),
        "study_instance_uid": (_r.study_instance_uid,),
        "status": (_r.status,),
        "sender": (_m.sending_application,),
    },
    {
        "patient_id": lambda value: sa.or_(of_person(_o.person_id)(value), is_one_of(_m.patient_id)(value)),
        "study_instance_uid": is_one_of(_r.study_instance_uid),
    },
    age=_r.received_at,
)  # fmt: skip


@dataclass(frozen=True)
class ReportWithChain:
    """A version and every version of the same report, in order of arrival; `accession_number` is its order's."""

    report: StoredReport
    versions: tuple[StoredReport, ...]
    accession_number: str
    sender: str


def reports(conn: Connection, *, query: str = "", limit: int = 500) -> list[ReportWithChain]:
    wanted = conditions(query, _SEARCH, database_now(conn))
    columns = (t.report, _o.accession_number.label("of_order"), _m.sending_application)
    rows = conn.execute(sa.select(*columns).select_from(_FROM).where(*wanted).order_by(_r.id.desc()).limit(limit)).all()
    chains = of_orders(conn, [row.order_id for row in rows])
    return [_with_chain(conn, row, chains) for row in rows]


def _with_chain(conn: Connection, row: Any, chains: dict[int, list[StoredReport]]) -> ReportWithChain:
    report = stored(row)
    versions = chains.get(row.order_id) or alike(conn, report.version) or [report]
    return ReportWithChain(report, tuple(versions), row.of_order or row.accession_number, row.sending_application or "")
