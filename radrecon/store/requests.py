"""Requests: what needs a peer and did not come by itself, asked by a row and answered in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from radrecon.store import tables as t
from radrecon.store.database import Connection, changed, insert


@dataclass(frozen=True)
class Request:
    """`state`: asked, claimed, answered, failed. `kind`: stop, poll, echo, recheck …"""

    id: int
    kind: str
    arguments: dict[str, Any]
    state: str
    result: Any
    error: str
    deadline: datetime


def ask(conn: Connection, kind: str, arguments: dict[str, Any], *, at: datetime, deadline: datetime) -> int:
    changed(conn, "requests")
    return insert(conn, t.request, kind=kind, arguments=arguments, state="asked", asked_at=at, deadline=deadline)


def load(conn: Connection, request_id: int) -> Request | None:
    row = conn.execute(t.request.select().where(t.request.c.id == request_id)).first()
    return None if row is None else _request(row)


def claim(conn: Connection, kinds: tuple[str, ...], now: datetime) -> list[Request]:
    """Take what is asked and not past its deadline; what is past it fails."""
    r = t.request.c
    late = r.state.in_(("asked", "claimed")) & (r.deadline < now)
    if conn.execute(t.request.select().where(late).limit(1)).first():
        conn.execute(t.request.update().where(late).values(state="failed", error="not answered in time", ended_at=now))
        changed(conn, "requests")
    rows = conn.execute(t.request.select().where(r.state == "asked", r.kind.in_(kinds)).order_by(r.id)).all()
    if rows:
        conn.execute(t.request.update().where(r.id.in_([row.id for row in rows])).values(state="claimed"))
    return [_request(row) for row in rows]


def open_of(conn: Connection, kind: str, limit: int) -> list[dict[str, Any]]:
    """The arguments of what is asked and not answered yet."""
    r = t.request.c
    rows = conn.execute(t.request.select().where(r.state == "asked", r.kind == kind).limit(limit))
    return [row.arguments for row in rows]


def answer(conn: Connection, request_id: int, *, at: datetime, result: Any = None, error: str = "") -> None:
    values = {"state": "failed" if error else "answered", "result": result, "error": error, "ended_at": at}
    conn.execute(t.request.update().where(t.request.c.id == request_id).values(**values))
    changed(conn, "requests")


def _request(row: Any) -> Request:
    return Request(row.id, row.kind, row.arguments, row.state, row.result, row.error, row.deadline)
