"""What is to be looked at again: touched keys and subjects, now or at a time to come (a wake)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection, changed, pending_of
from radrecon.store.statement import Insert


@dataclass(frozen=True)
class Touched:
    """`kind`: key (a blocking key's number), study, person, order (ids) or accession (text)."""

    id: int
    kind: str
    value: str


def touch(conn: Connection, kind: str, values: Iterable[object], at: datetime) -> None:
    """Ask for another look, at `at` or later."""
    touch_all(conn, {kind: values}, at)


def touch_all(conn: Connection, subjects: Mapping[str, Iterable[object]], at: datetime) -> None:
    """Ask for another look at subjects of several kinds; the rows are written once, at the transaction's commit."""
    pending = pending_of(conn)
    if _write not in pending.last:
        pending.last.append(_write)
    moment = (at - t.EPOCH) // SAME_MOMENT
    for kind, values in subjects.items():
        for value in values:
            key = (kind, str(value), moment)
            pending.touched[key] = max(at, pending.touched.get(key, at))


def _write(conn: Connection) -> None:
    pending = pending_of(conn)
    _TOUCH.many(conn, [{"kind": k, "value": v, "due": due} for (k, v, _), due in pending.touched.items()])
    if pending.touched:
        changed(conn, "touched")


_TOUCH = Insert(t.touched, "kind", "value", "due")
SAME_MOMENT = timedelta(milliseconds=50)
"""What is touched twice in one transaction, and so close together, is looked at once."""


def touch_studies(conn: Connection, after: int, at: datetime, limit: int = 500) -> int:
    """Ask for another look at the next page of all studies; returns the last id, 0 where there are no more."""
    s = t.study.c
    page = sa.select(s.id).where(s.id > after).order_by(s.id).limit(limit).subquery()
    last = conn.execute(sa.select(sa.func.max(page.c.id))).scalar()
    if last is None:
        return 0
    due_at = sa.literal(at, t.Instant())
    rows = sa.select(sa.literal("study"), sa.cast(s.id, sa.Text), due_at).where(s.id > after, s.id <= last)
    conn.execute(t.touched.insert().from_select(["kind", "value", "due"], rows))
    changed(conn, "touched")
    return int(last)


def due(conn: Connection, now: datetime, limit: int = 500) -> list[Touched]:
    q = t.touched.c
    rows = conn.execute(sa.select(q.id, q.kind, q.value).where(q.due <= now).order_by(q.due, q.id).limit(limit))
    return [Touched(row.id, row.kind, row.value) for row in rows]


def is_due(conn: Connection, kind: str, value: object, at: datetime) -> bool:
    """Whether a look at this subject has been asked for at this moment."""
    q = t.touched.c
    query = sa.select(q.id).where(q.due == at, q.kind == kind, q.value == str(value)).limit(1)
    return conn.execute(query).first() is not None


def done(conn: Connection, ids: Iterable[int]) -> None:
    conn.execute(t.touched.delete().where(t.touched.c.id.in_(list(ids))))


def next_due(conn: Connection) -> datetime | None:
    found: datetime | None = conn.execute(sa.select(t.touched.c.due).order_by(t.touched.c.due).limit(1)).scalar()
    return found


def size(conn: Connection, now: datetime) -> int:
    return int(conn.execute(sa.select(sa.func.count()).where(t.touched.c.due <= now)).scalar_one())
