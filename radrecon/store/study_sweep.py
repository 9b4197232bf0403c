"""Studies that a look at the PACS should have shown, and those that want another look."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection


def not_listed(
    conn: Connection, pacs: str, seen: set[str], performed_from: str, limit: int, performed_to: str = ""
) -> list[str]:
    """UIDs known at this PACS, performed in a range (ISO dates, "" = open), that a look did not list.

    Those that were not seen for longest come first, so that each has its turn where there are more than the limit.
    """
    s = t.study.c
    query = sa.select(s.study_instance_uid).where(s.pacs == pacs, ~s.gone)
    if performed_from:
        query = query.where(s.performed >= performed_from)
    if performed_to:
        query = query.where(s.performed != "", s.performed < f"{performed_to}U")  # T, the time's mark, sorts before U
    rows = conn.execute(query.order_by(s.as_of.nulls_first(), s.id.desc())).scalars()
    return [uid for uid in rows if uid not in seen][:limit]


def undated_before(conn: Connection, pacs: str, before: datetime, limit: int) -> list[str]:
    """UIDs of studies without a date that no look since then has seen."""
    s = t.study.c
    known = sa.select(s.study_instance_uid).where(s.pacs == pacs, ~s.gone, s.performed == "")
    query = known.where(sa.or_(s.as_of.is_(None), s.as_of < before)).order_by(s.as_of.nulls_first(), s.id).limit(limit)
    return list(conn.execute(query).scalars())


def unsteady(conn: Connection, pacs: str, quiet_since: datetime, limit: int) -> list[str]:
    """UIDs of studies that have been quiet since then and want a second look."""
    s = t.study.c
    query = sa.select(s.study_instance_uid).where(s.pacs == pacs, s.steady == 0, ~s.gone, ~s.baseline)
    query = query.where(s.last_changed <= quiet_since).order_by(s.last_changed).limit(limit)
    return list(conn.execute(query).scalars())
