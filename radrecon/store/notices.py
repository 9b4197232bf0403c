"""Notices: what a message said that only a person can act on. The reconciler makes cases of those not yet settled."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.codec import digest
from radrecon.store.database import Connection, changed, insert
from radrecon.store.statement import Among, Statement

DELETION = "deletion_announced"
RETIRED = "retired_identifier"


@dataclass(frozen=True)
class Notice:
    """`detail` is JSON-able; two unsettled notices of one subject never have the same."""

    kind: str
    at: datetime
    person_id: int = 0
    order_id: int = 0
    message_id: int = 0
    detail: dict[str, Any] = field(default_factory=dict, hash=False)
    id: int = 0


_n = t.notice.c


def add(conn: Connection, notice: Notice) -> int:
    """A new notice; one that is there and says the same is enough."""
    known = unsettled(conn, person_id=notice.person_id, order_id=notice.order_id, kind=notice.kind)
    same = [one.id for one in known if digest(one.detail) == digest(notice.detail)]
    if same:
        return same[0]
    changed(conn, "cases")
    return insert(
        conn, t.notice, kind=notice.kind, person_id=notice.person_id, order_id=notice.order_id,
        message_id=notice.message_id, at=notice.at, detail=notice.detail,
    )  # fmt: skip


def unsettled(conn: Connection, *, person_id: int = 0, order_id: int = 0, kind: str = "") -> list[Notice]:
    """Of a person or an order, the oldest first."""
    whose = _n.person_id == person_id if person_id else sa.and_(_n.order_id == order_id, _n.person_id == 0)
    query = t.notice.select().where(whose, _n.settled_at.is_(None))
    if kind:
        query = query.where(_n.kind == kind)
    return [_notice(row) for row in conn.execute(query.order_by(_n.id))]


def with_unsettled(conn: Connection, person_ids: Collection[int]) -> frozenset[int]:
    """Those of these persons of whom something is unsettled."""
    return frozenset(row[0] for row in _UNSETTLED.all(conn, person_ids))


_UNSETTLED = Among(sa.select(_n.person_id).where(_n.settled_at.is_(None)), _n.person_id)


def waiting(conn: Connection, person_id: int, kind: str) -> bool:
    """Whether one is unsettled; on the path of every admission."""
    return _WAITING.first(conn, whose=person_id, what=kind) is not None


_WAITING = Statement(
    sa.select(_n.id)
    .where(_n.person_id == sa.bindparam("whose"), _n.kind == sa.bindparam("what"), _n.settled_at.is_(None))
    .limit(1)
)


def _notice(row: Any) -> Notice:
    return Notice(row.kind, row.at, row.person_id, row.order_id, row.message_id, row.detail, row.id)


def settle(conn: Connection, ids: Iterable[int], at: datetime) -> None:
    """The reason is gone, or a person has put it aside."""
    if wanted := sorted(set(ids)):
        conn.execute(t.notice.update().where(_n.id.in_(wanted), _n.settled_at.is_(None)).values(settled_at=at))
        changed(conn, "cases")
