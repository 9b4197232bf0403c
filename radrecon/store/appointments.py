"""Appointments as last heard: found again by their ids, and kept until their order is heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.appointment import Appointment
from radrecon.store import tables as t
from radrecon.store.codec import dump, load
from radrecon.store.database import Connection, insert

_a = t.appointment.c


@dataclass(frozen=True)
class StoredAppointment:
    """`orders`: ids of the orders that it is for; `pending`: none of them was heard yet."""

    appointment: Appointment
    sender: str
    person_id: int
    orders: tuple[int, ...] = ()
    pending: bool = False
    id: int = 0


def find(conn: Connection, sender: str, appointment: Appointment) -> list[StoredAppointment]:
    """The same sender's appointment of this filler's id, else of the placer's: a row per patient, the newest first."""
    for column, number in (
        (_a.filler_appointment_id, appointment.filler_appointment_id),
        (_a.placer_appointment_id, appointment.placer_appointment_id),
    ):
        query = t.appointment.select().where(column == number, _a.sender == sender).order_by(_a.id.desc())
        rows = conn.execute(query).all() if number else []
        if rows:
            return [_stored(row) for row in rows]
    return []


def save(conn: Connection, stored: StoredAppointment, *, at: datetime, message_id: int) -> int:
    """Insert (id 0) or replace."""
    appointment = stored.appointment
    values = {
        "person_id": stored.person_id,
        "sender": stored.sender,
        "placer_appointment_id": appointment.placer_appointment_id,
        "filler_appointment_id": appointment.filler_appointment_id,
        "state": str(appointment.state),
        "pending": stored.pending,
        "orders": list(stored.orders),
        "data": dump(appointment),
        "updated_at": at,
        "message_id": message_id,
    }
    if not stored.id:
        return insert(conn, t.appointment, **values)
    conn.execute(t.appointment.update().where(_a.id == stored.id).values(**values))
    return stored.id


def settle(conn: Connection, appointment_id: int, orders: Iterable[int]) -> None:
    """Its orders have been heard."""
    conn.execute(t.appointment.update().where(_a.id == appointment_id).values(pending=False, orders=list(orders)))


def pending(conn: Connection, person_ids: Iterable[int]) -> list[StoredAppointment]:
    """Those of these persons, and of whoever was merged into them, that wait for an order; the oldest first.

    Each comes with the person that it was asked for, the survivor.
    """
    people = set(person_ids) - {0}
    waiting = t.appointment.select().where(_a.pending)
    if not people or conn.execute(waiting.limit(1)).first() is None:
        return []
    survivors = _survivors(conn, people)
    rows = conn.execute(waiting.where(_a.person_id.in_(sorted(survivors))).order_by(_a.id))
    return [replace(_stored(row), person_id=survivors[row.person_id]) for row in rows]


def _survivors(conn: Connection, people: set[int]) -> dict[int, int]:
    """Each of these persons, and whoever was merged into them, however often → the survivor."""
    m, found, new = t.merge.c, {one: one for one in people}, people
    while new:
        query = sa.select(m.non_survivor_id, m.survivor_id).where(m.survivor_id.in_(sorted(new)), m.undone_at.is_(None))
        merged = {row.non_survivor_id: found[row.survivor_id] for row in conn.execute(query)}
        new = set(merged) - set(found)
        found = merged | found
    return found


def _stored(row: Any) -> StoredAppointment:
    return StoredAppointment(
        appointment=load(Appointment, row.data),
        sender=row.sender,
        person_id=row.person_id,
        orders=tuple(row.orders),
        pending=row.pending,
        id=row.id,
    )
