"""Peers that were refused: one row per hour, address, AE title and reason, and no more rows than are worth keeping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.codec import iso
from radrecon.store.database import Connection, changed
from radrecon.store.statement import Statement

MOST_ROWS = 10_000
_COUNT = Statement(
    sa.text("""
INSERT INTO refusal (hour, address, ae_title, reason, first_at, last_at, count)
VALUES (:hour, :address, :ae_title, :reason, :at, :at, :count)
ON CONFLICT (hour, address, ae_title, reason) DO UPDATE SET
    last_at = excluded.last_at, count = refusal.count + excluded.count
""").bindparams(sa.bindparam("at", type_=t.Instant), sa.bindparam("hour", type_=t.Instant))
)


@dataclass(frozen=True)
class Refusal:
    """What one peer was refused within an hour, and how often."""

    id: int
    address: str
    ae_title: str
    reason: str
    count: int
    first_at: str
    last_at: str


def note(conn: Connection, counts: Mapping[tuple[str, str, str], int], at: datetime) -> None:
    """(address, AE title, reason) → how often since the last time. The oldest rows go where there are too many."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    _COUNT.many(
        conn,
        [
            {"hour": hour, "address": address, "ae_title": ae_title, "reason": reason, "at": at, "count": count}
            for (address, ae_title, reason), count in sorted(counts.items())
        ],
    )
    newest = conn.execute(sa.select(sa.func.max(t.refusal.c.id))).scalar() or 0
    conn.execute(t.refusal.delete().where(t.refusal.c.id <= newest - MOST_ROWS))
    changed(conn, "refusals")


def listed(conn: Connection, limit: int) -> list[Refusal]:
    """The latest first."""
    r = t.refusal.c
    named = sa.select(r.id, r.address, r.ae_title, r.reason, r["count"], r.first_at, r.last_at)
    rows = conn.execute(named.order_by(r.last_at.desc(), r.id.desc()).limit(limit))
    return [Refusal(*row[:5], iso(row.first_at), iso(row.last_at)) for row in rows]
