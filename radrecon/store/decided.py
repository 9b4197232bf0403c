"""Studies that people have decided, in pages, for trying a rule on history: what was decided and what images said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.case import CaseKind, CaseState
from radrecon.model.correction import AttributeChange, DeliveryState, PlannedDelivery
from radrecon.model.person import LinkState
from radrecon.store import tables as t
from radrecon.store.codec import load
from radrecon.store.database import Connection

_l, _c, _d = t.link.c, t.case.c, t.delivery.c
CARRIED_OUT = tuple(
    map(str, (DeliveryState.WRITTEN, DeliveryState.ACCEPTED, DeliveryState.ACKNOWLEDGED, DeliveryState.FILED))
)


@dataclass(frozen=True)
class Decided:
    """What a person made of a study: its order, or 0 where they put it aside. `id` is the row's, for paging."""

    id: int
    study_id: int
    order_id: int
    at: datetime


def links(conn: Connection, since: datetime | None, after: int, limit: int) -> list[Decided]:
    """Standing links by people, in pages by id."""
    query = sa.select(_l.id, _l.study_id, _l.order_id, _l.at).where(*_linked(since), _l.id > after)
    return [Decided(*row) for row in conn.execute(query.order_by(_l.id).limit(limit))]


def dismissals(conn: Connection, since: datetime | None, after: int, limit: int) -> list[Decided]:
    """Studies without an order that people have put aside, in pages by case id."""
    query = sa.select(_c.id, _c.study_id, sa.literal(0), _c.closed_at).where(*_dismissed(since), _c.id > after)
    return [Decided(*row) for row in conn.execute(query.order_by(_c.id).limit(limit))]


def count(conn: Connection, since: datetime | None) -> int:
    one = conn.execute(sa.select(sa.func.count()).select_from(t.link).where(*_linked(since))).scalar_one()
    other = conn.execute(sa.select(sa.func.count()).select_from(t.case).where(*_dismissed(since))).scalar_one()
    return int(one) + int(other)


def _linked(since: datetime | None) -> list[Any]:
    found = [_l.state != str(LinkState.AUTO), _l.revoked_at.is_(None)]
    return [*found, _l.at >= since] if since else found


def _dismissed(since: datetime | None) -> list[Any]:
    found = [_c.state == str(CaseState.DISMISSED), _c.kind == str(CaseKind.UNASSIGNED_STUDY), _c.study_id != 0]
    return [*found, _c.closed_at >= since] if since else found


def edits(conn: Connection, study_instance_uid: str) -> list[tuple[AttributeChange, ...]]:
    """What each edit that was carried out changed in a study, the last first."""
    query = sa.select(_d.plan).where(_d.study_instance_uid == study_instance_uid, _d.state.in_(CARRIED_OUT))
    rows = conn.execute(query.order_by(_d.id.desc())).scalars()
    return [load(PlannedDelivery, row).changes for row in rows]
