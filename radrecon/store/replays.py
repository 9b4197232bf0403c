"""Which messages are replayed, and what that settles.

A replay, edited or not, is a new row whose `first_id` is the original, whichever of its replays was replayed again.
When one is applied, the original and the attempts before it are closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from radrecon.store import journal
from radrecon.store import tables as t
from radrecon.store.database import Connection

REPLAYED, EDITED = "replayed", "edited"
MARKS = (REPLAYED, EDITED)
"""Flags of a row that a replay made; its peer stays the original's, whose sender's rules it is read by."""

_m = t.message.c


@dataclass(frozen=True)
class Original:
    """One message as a replay needs it; `origin` is itself, or what it is a replay of."""

    id: int
    origin: int
    direction: str
    peer: str
    message_type: str
    control_id: str
    state: str
    raw: bytes


_COLUMNS = (_m.id, _m.first_id, _m.flags, _m.direction, _m.peer, _m.message_type, _m.control_id, _m.state, _m.raw)


def originals(conn: Connection, ids: Iterable[int]) -> dict[int, Original]:
    """Those that are there, in the order of arrival."""
    rows = conn.execute(sa.select(*_COLUMNS).where(_m.id.in_(sorted(ids))).order_by(_m.id))
    return {row.id: _original(row) for row in rows}


def present(conn: Connection, ids: Iterable[int]) -> set[int]:
    return set(conn.execute(sa.select(_m.id).where(_m.id.in_(sorted(ids)))).scalars())


def _origin(row: Any) -> int:
    return int(row.first_id if row.first_id and set(MARKS) & set(row.flags) else row.id)


def _original(row: Any) -> Original:
    return Original(
        row.id, _origin(row), row.direction, row.peer, row.message_type, row.control_id, row.state, bytes(row.raw)
    )


def later_word(conn: Connection, order_id: int, replay_of: int) -> bool:
    """Whether a message that arrived after the replayed one has spoken of an order since."""
    o = t.imaging_order.c
    last = sa.select(_m.id, _m.first_id, _m.flags).join_from(t.imaging_order, t.message, o.message_id == _m.id)
    row = conn.execute(last.where(o.id == order_id)).first()
    return row is not None and _origin(row) > replay_of


def close(conn: Connection, origin: int, by: int) -> None:
    """The replay `by` was applied: neither the original nor an earlier attempt waits any longer."""
    journal.close_refused(conn, origin, by)
    attempts = sa.and_(_m.first_id == origin, _m.id != by, _m.id != origin, _m.state == "refused")
    conn.execute(t.message.update().where(attempts).values(state="replayed"))
