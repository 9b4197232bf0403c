"""Which messages are past their age and no longer needed, and their deletion.

Kept whatever their age: what was refused and not replayed; what belongs to an order that waits, to a case or notice
that a person has not settled, to an appointment whose order has not come, to a delivery that is not through; the only
source of a report's text; and the newest message, whose id must not be given again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.order import StepStatus
from radrecon.store import message_keys
from radrecon.store import tables as t
from radrecon.store.corrections import STUCK
from radrecon.store.database import Connection
from radrecon.store.list_cases import LIVE
from radrecon.store.list_messages import newest_id
from radrecon.store.overview import UNFINISHED

SETTLED = ("applied", "replayed", "resend", "echo", "accepted", "acknowledged", "filed")
ENDED = tuple(str(one) for one in (StepStatus.COMPLETED, StepStatus.CANCELLED, StepStatus.DISCONTINUED))
_m = t.message.c


@dataclass(frozen=True)
class Aged:
    """A message past its age."""

    id: int
    is_settled: bool  # by itself; what was sent is as settled as its delivery
    delivery_id: int
    size: int
    persons: frozenset[int]
    orders: frozenset[int]
    reports: frozenset[int]


def aged(conn: Connection, before: datetime, after_id: int, limit: int) -> list[Aged]:
    """The next by id, up to the first that is younger: ids rise with time."""
    columns = (_m.id, _m.at, _m.direction, _m.state, _m.delivery_id, _m.size, _m.effect)
    wanted = sa.select(*columns).where(_m.id > after_id, _m.id < newest_id(conn)).order_by(_m.id).limit(limit)
    rows = conn.execute(wanted).all()
    young = next((at for at, row in enumerate(rows) if row.at >= before), len(rows))
    return [_aged(row) for row in rows[:young]]


def _aged(row: Any) -> Aged:
    did = {name: frozenset(row.effect.get(name, ())) for name in ("persons", "orders", "reports")}
    sent = row.direction == "out" and row.delivery_id != 0
    return Aged(row.id, sent or row.state in SETTLED, row.delivery_id, row.size, **did)


@dataclass(frozen=True)
class Open:
    """Whom and what somebody still works on: of live cases and unsettled notices."""

    persons: frozenset[int]
    orders: frozenset[int]


def open_subjects(conn: Connection) -> Open:
    """Persons and orders of live cases (their studies' and candidates' too) and of unsettled notices."""
    c, n = t.case.c, t.notice.c
    cases = conn.execute(sa.select(c.study_id, c.order_id, c.person_id, c.finding).where(c.state.in_(LIVE))).all()
    notices = conn.execute(sa.select(n.order_id, n.person_id).where(n.settled_at.is_(None))).all()
    orders = {row.order_id for row in (*cases, *notices)} | {one for row in cases for one in _candidates(row.finding)}
    persons = {row.person_id for row in (*cases, *notices)} | set(_of_studies(conn, {row.study_id for row in cases}))
    persons -= {0}
    return Open(frozenset(persons | set(_merged_into(conn, persons))), frozenset(orders - {0}))


def _candidates(finding: Any) -> Iterator[int]:
    yield from (one["order_id"] for one in finding.get("candidates", ()))


def _of_studies(conn: Connection, ids: Iterable[int]) -> Iterator[int]:
    for page in pages(ids):
        yield from conn.execute(sa.select(t.study.c.person_id).where(t.study.c.id.in_(page))).scalars()


def _merged_into(conn: Connection, ids: Iterable[int]) -> Iterator[int]:
    """Non-survivors, by the survivor's index of merges."""
    m = t.merge.c
    for page in pages(ids):
        yield from conn.execute(sa.select(m.non_survivor_id).where(m.survivor_id.in_(page))).scalars()


def pages(ids: Iterable[int], size: int = 500) -> Iterator[list[int]]:
    whole = sorted(ids)
    yield from (whole[at : at + size] for at in range(0, len(whole), size))


def unresolved(conn: Connection, messages: Sequence[Aged], subjects: Open) -> set[int]:
    """Those of the messages that stay."""
    waiting = _waiting_orders(conn, {one for message in messages for one in message.orders}) | subjects.orders
    textless = _textless_reports(conn, {one for message in messages for one in message.reports})
    deliveries = _unfinished(conn, {message.delivery_id for message in messages} - {0})
    told = _told(conn, [message.id for message in messages])
    return {
        one.id
        for one in messages
        if not one.is_settled
        or one.id in told
        or one.delivery_id in deliveries
        or one.orders & waiting
        or one.persons & subjects.persons
        or one.reports & textless
    }


def _waiting_orders(conn: Connection, ids: Iterable[int]) -> frozenset[int]:
    o = t.imaging_order.c
    found = (conn.execute(sa.select(o.id).where(o.id.in_(page), o.status.not_in(ENDED))) for page in pages(ids))
    return frozenset(row.id for rows in found for row in rows)


def _textless_reports(conn: Connection, ids: Iterable[int]) -> frozenset[int]:
    r = t.report.c
    found = (conn.execute(sa.select(r.id, r.data).where(r.id.in_(page))) for page in pages(ids))
    return frozenset(row.id for rows in found for row in rows if not row.data.get("text"))


def _unfinished(conn: Connection, ids: Iterable[int]) -> frozenset[int]:
    d = t.delivery.c
    stays = sa.or_(UNFINISHED, d.state.in_(STUCK), d.parked)
    found = (conn.execute(sa.select(d.id).where(d.id.in_(page), stays)) for page in pages(ids))
    return frozenset(row.id for rows in found for row in rows)


def _told(conn: Connection, ids: Sequence[int]) -> set[int]:
    """Messages that an unsettled notice or an appointment without its order names."""
    n, a = t.notice.c, t.appointment.c
    notices = sa.select(n.message_id).where(n.settled_at.is_(None), n.message_id.in_(ids))
    appointments = sa.select(a.message_id).where(a.pending, a.message_id.in_(ids))
    return {one for query in (notices, appointments) for one in conn.execute(query).scalars()}


def delete(conn: Connection, ids: Sequence[int]) -> int:
    """Messages that are still settled go, with their keys, pairs and indexed text; returns how many."""
    still = sa.or_(_m.state.in_(SETTLED), _m.direction == "out")
    settled = conn.execute(sa.select(_m.id).where(_m.id.in_(ids), still)).scalars().all()
    p = t.message_pair.c
    message_keys.drop(conn, settled)
    conn.execute(t.message_text.delete().where(t.message_text.c.message_id.in_(settled)))
    conn.execute(t.message_pair.delete().where(sa.or_(p.first_id.in_(settled), p.second_id.in_(settled))))
    conn.execute(t.message.delete().where(_m.id.in_(settled)))
    return len(settled)
