"""What people's decisions have taught about scores: each fit with its date and counts; the last one counts."""

from __future__ import annotations

import sqlalchemy as sa

from radrecon.model.rule import Fitted
from radrecon.store import tables as t
from radrecon.store.database import Connection, changed

_c = t.calibration.c


def save(conn: Connection, fitted: Fitted) -> None:
    values = {"decided": fitted.decided, "candidates": fitted.candidates, "right": fitted.right}
    tables = {"scores": list(fitted.scores), "odds": list(fitted.odds)}
    conn.execute(t.calibration.insert().values(at=fitted.at, **values, **tables))
    changed(conn, "rules")


def latest(conn: Connection) -> Fitted | None:
    row = conn.execute(sa.select(t.calibration).order_by(_c.id.desc()).limit(1)).first()
    if row is None:
        return None
    return Fitted(row.at, row.decided, row.candidates, row.right, tuple(row.scores), tuple(row.odds))
