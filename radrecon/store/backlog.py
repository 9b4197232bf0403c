"""What waits, by kind: since when, and whose it is. All of it is counted, however many rows a list shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from radrecon.model.rows import DeliveryRow
from radrecon.store import tables as t
from radrecon.store.corrections import STUCK
from radrecon.store.database import Connection
from radrecon.store.list_cases import LIVE
from radrecon.store.list_deliveries import deliveries_where
from radrecon.store.overview import UNFINISHED

_c, _d, _k = t.case.c, t.delivery.c, t.correction.c


@dataclass(frozen=True)
class Waiting:
    """One open case, or one correction that is not filed."""

    since: datetime
    owner: str


def open_cases(conn: Connection) -> dict[str, list[Waiting]]:
    """Kind → every live case."""
    found: dict[str, list[Waiting]] = {}
    for row in conn.execute(sa.select(_c.kind, _c.opened_at, _c.owner).where(_c.state.in_(LIVE))):
        found.setdefault(row.kind, []).append(Waiting(row.opened_at, row.owner))
    return found


def not_filed(conn: Connection, limit: int = 1000) -> tuple[list[Waiting], list[DeliveryRow]]:
    """Corrections with a delivery that is under way, parked or stuck; and those deliveries, the oldest first."""
    wanted = sa.or_(UNFINISHED, _d.state.in_(STUCK), _d.parked)
    ids = sa.select(_d.correction_id).where(wanted)
    approved = conn.execute(sa.select(_k.approved_at).where(_k.id.in_(ids)).order_by(_k.approved_at)).scalars()
    return [Waiting(at, "us") for at in approved], deliveries_where(conn, wanted, limit)
