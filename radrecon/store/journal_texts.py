"""The journal's messages as the index of texts takes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection

_m = t.message.c
_COLUMNS = (_m.id, _m.peer, _m.raw, _m.digest)


@dataclass(frozen=True)
class Unindexed:
    """One message with its bytes; `peer` as it came, for its sender's character set."""

    id: int
    peer: str
    raw: bytes
    digest: bytes


def after(conn: Connection, message_id: int, limit: int, most_bytes: int) -> list[Unindexed]:
    """The next messages in the order of arrival: at most so many, and no more bytes unless the first has more."""
    query = sa.select(_m.id, _m.size).where(_m.id > message_id).order_by(_m.id).limit(limit)
    ids: list[int] = []
    size = 0
    for row in conn.execute(query):
        size += row.size
        if ids and size > most_bytes:
            break
        ids.append(row.id)
    return of(conn, ids)


def of(conn: Connection, ids: Iterable[int]) -> list[Unindexed]:
    """Those that are there, in the order of arrival."""
    wanted = list(ids)
    rows = conn.execute(sa.select(*_COLUMNS).where(_m.id.in_(wanted)).order_by(_m.id)) if wanted else ()
    return [_message(row) for row in rows]


def _message(row: Any) -> Unindexed:
    return Unindexed(row.id, row.peer, bytes(row.raw), bytes(row.digest))


def digest_of(conn: Connection, message_id: int) -> bytes:
    """b"" where there is no such message."""
    found = conn.execute(sa.select(_m.digest).where(_m.id == message_id)).scalar()
    return b"" if found is None else bytes(found)


def count(conn: Connection) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(t.message)).scalar_one())
