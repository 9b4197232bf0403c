"""What modalities asked and said, and its deletion by age.

Records of worklist queries only explain. The bytes of a performed step's N-CREATE and N-SET are its proof: they stay
while the step is in progress or names an order that it does not move yet. The newest row of each table stays: its id
must not be given again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from radrecon.model.performed import PerformedStatus
from radrecon.store import tables as t
from radrecon.store.database import Connection
from radrecon.store.performed import SETTLED

_q, _m = t.worklist_query.c, t.performed_message.c
_s, _f = t.performed_step.c, t.performed_reference.c


def old_queries(conn: Connection, before: datetime, limit: int) -> list[int]:
    """Ids of the oldest records, up to the first that is younger: ids rise with time."""
    newest = sa.select(sa.func.max(_q.id)).scalar_subquery()
    rows = conn.execute(sa.select(_q.id, _q.at).where(_q.id < newest).order_by(_q.id).limit(limit)).all()
    return [row.id for row in rows if row.at < before]


def old_performed(conn: Connection, before: datetime, after: int, limit: int) -> tuple[list[int], int | None]:
    """Ids that may go among the next `limit` messages, and the last looked at; None where nothing older is left."""
    newest = sa.select(sa.func.max(_m.id)).scalar_subquery()
    open_steps = sa.union(
        sa.select(_s.id).where(_s.status == PerformedStatus.IN_PROGRESS),
        sa.select(_f.performed_id).where(_f.placement.not_in(SETTLED)),
    )
    columns = (_m.id, _m.at, _m.performed_id.in_(open_steps).label("is_open"))
    wanted = sa.select(*columns).where(_m.id > after, _m.id < newest).order_by(_m.id).limit(limit)
    rows = [row for row in conn.execute(wanted).all() if row.at < before]
    return [row.id for row in rows if not row.is_open], rows[-1].id if rows else None


def delete_queries(conn: Connection, ids: Sequence[int]) -> int:
    return int(conn.execute(t.worklist_query.delete().where(_q.id.in_(list(ids)))).rowcount)


def delete_performed(conn: Connection, ids: Sequence[int]) -> int:
    return int(conn.execute(t.performed_message.delete().where(_m.id.in_(list(ids)))).rowcount)
