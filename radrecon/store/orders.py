"""Orders with their steps, and the blocking keys that studies find them by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.order import Order, Step, StepStatus
from radrecon.store import tables as t
from radrecon.store.codec import dump, load
from radrecon.store.database import Connection, changed, insert

CHANGES = ("XO", "SC", "CA", "DC")  # order controls that speak of an order already known
BLOCK_LIMIT = 200  # candidates of one study; beyond it the list is cut off, which is a veto


def load_many(conn: Connection, ids: Iterable[int]) -> list[Order]:
    """Orders with their steps, in the order of their ids."""
    wanted = sorted(set(ids) - {0})
    if not wanted:
        return []
    steps: dict[int, list[Step]] = {}
    for row in conn.execute(t.step.select().where(t.step.c.order_id.in_(wanted)).order_by(t.step.c.id)):
        steps.setdefault(row.order_id, []).append(step_of(row))
    rows = conn.execute(t.imaging_order.select().where(t.imaging_order.c.id.in_(wanted)).order_by(t.imaging_order.c.id))
    return [order_of(row, steps.get(row.id, ())) for row in rows]


def load_one(conn: Connection, order_id: int) -> Order | None:
    found = load_many(conn, [order_id])
    return found[0] if found else None


def order_of(row: Any, steps: Sequence[Step]) -> Order:
    """The row's own columns win over the carried JSON: they are what corrections change."""
    order = load(Order, row.data)
    return replace(
        order,
        id=row.id,
        person_id=row.person_id,
        study_instance_uid=row.study_instance_uid,
        status=StepStatus(row.status),
        steps=tuple(steps),
    )


def step_of(row: Any) -> Step:
    return replace(load(Step, row.data), id=row.id, status=StepStatus(row.status))


def find(conn: Connection, order: Order) -> Order | None:
    """The order that a message speaks of, of the same person: by filler number, placer number, then accession.

    The same number on another person is another order (and a collision), never an update.
    """
    o = t.imaging_order.c
    own = (o.person_id == order.person_id) if order.person_id else sa.true()
    for column, value in (
        (o.filler_order_number, order.filler_order_number),
        (o.placer_order_number, order.placer_order_number),
    ):
        query = sa.select(o.id, o.accession_number).where(column == value, own).order_by(o.id)
        rows = list(conn.execute(query)) if value else []
        same = [row for row in rows if row.accession_number == order.accession_number]
        loose = [row for row in rows if not (row.accession_number and order.accession_number)]
        if not same and len(rows) == 1 and order.control in CHANGES:
            loose = rows  # the accession number itself was corrected
        if same or loose:
            return load_one(conn, (same or loose)[0].id)
    return _by_accession_alone(conn, order, own) if order.accession_number else None


def _by_accession_alone(conn: Connection, order: Order, own: sa.ColumnElement[bool]) -> Order | None:
    """Only where neither number contradicts: two orders of one person may share an accession."""
    o = t.imaging_order.c
    query = sa.select(o.id, o.placer_order_number, o.filler_order_number).where(
        o.accession_number == order.accession_number, o.issuer_of_accession == order.issuer_of_accession, own
    )
    fits = [
        row.id
        for row in conn.execute(query.limit(20))
        if not (row.filler_order_number and order.filler_order_number)
        and not (row.placer_order_number and order.placer_order_number)
    ]
    return load_one(conn, fits[0]) if len(fits) == 1 else None


def save(conn: Connection, order: Order, *, at: datetime, message_id: int = 0) -> int:
    """Insert (id 0) or replace an order and its steps; steps are matched by their SPS id, then by position."""
    values = _columns(order) | {"message_id": message_id}
    if order.id:
        conn.execute(
            t.imaging_order.update()
            .where(t.imaging_order.c.id == order.id)
            .values(**values, version=t.imaging_order.c.version + 1)
        )
        order_id = order.id
    else:
        order_id = insert(conn, t.imaging_order, **values, received_at=at)
    if order.id:
        _save_steps(conn, order_id, order.steps)
    elif order.steps:
        conn.execute(t.step.insert(), [_step_columns(order_id, step) for step in order.steps])
    changed(conn, "orders", "worklist")
    return order_id


def _columns(order: Order) -> dict[str, Any]:
    return {
        "person_id": order.person_id,
        "accession_number": order.accession_number,
        "issuer_of_accession": order.issuer_of_accession,
        "placer_order_number": order.placer_order_number,
        "filler_order_number": order.filler_order_number,
        "requested_procedure_id": order.requested_procedure_id,
        "requested_procedure_description": order.requested_procedure_description,
        "study_instance_uid": order.study_instance_uid,
        "priority": order.priority,
        "patient_class": order.visit.patient_class,
        "status": str(order.status),
        "sender": order.sender,
        "data": dump(replace(order, steps=())),
    }


def _save_steps(conn: Connection, order_id: int, steps: Sequence[Step]) -> None:
    rows = conn.execute(
        sa.select(t.step.c.id, t.step.c.scheduled_procedure_step_id).where(t.step.c.order_id == order_id)
    ).all()
    left = {row.id: row.scheduled_procedure_step_id for row in rows}
    for step in steps:
        known = step.id if step.id in left else _same_step(left, step)
        left.pop(known, None)
        _save_step(conn, order_id, known, step)
    if left:
        conn.execute(t.step.update().where(t.step.c.id.in_(list(left))).values(status=str(StepStatus.CANCELLED)))


def _same_step(left: dict[int, str], step: Step) -> int:
    named = [id_ for id_, sps in left.items() if sps and sps == step.scheduled_procedure_step_id]
    unnamed = [id_ for id_, sps in left.items() if not (sps and step.scheduled_procedure_step_id)]
    return next(iter(named or unnamed), 0)


def _save_step(conn: Connection, order_id: int, step_id: int, step: Step) -> None:
    values = _step_columns(order_id, step)
    if step_id:
        conn.execute(t.step.update().where(t.step.c.id == step_id).values(**values))
    else:
        conn.execute(t.step.insert().values(**values))


def _step_columns(order_id: int, step: Step) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "scheduled_procedure_step_id": step.scheduled_procedure_step_id,
        "modality": step.modality,
        "station_ae_title": step.station_ae_title,
        "station_name": step.station_name,
        "start": step.start,
        "status": str(step.status),
        "data": dump(step),
    }


def set_status(conn: Connection, order_id: int, status: StepStatus, only: Iterable[StepStatus]) -> None:
    """Move an order and those of its steps that stand at one of `only`."""
    states = [str(one) for one in only]
    o, s = t.imaging_order.c, t.step.c
    conn.execute(t.step.update().where(s.order_id == order_id, s.status.in_(states)).values(status=str(status)))
    conn.execute(
        t.imaging_order.update()
        .where(o.id == order_id, o.status.in_(states))
        .values(status=str(status), version=o.version + 1)
    )
    changed(conn, "orders", "worklist")


def set_keys(conn: Connection, order_id: int, keys: Iterable[int], *, new: bool = False) -> None:
    """Replace an order's keys; a `new` one has none yet."""
    if not new:
        conn.execute(t.order_key.delete().where(t.order_key.c.order_id == order_id))
    rows = [{"key": key, "order_id": order_id} for key in sorted(set(keys))]
    if rows:
        conn.execute(t.order_key.insert(), rows)


def keys(conn: Connection, order_id: int) -> frozenset[int]:
    return frozenset(conn.execute(sa.select(t.order_key.c.key).where(t.order_key.c.order_id == order_id)).scalars())


def keys_of(conn: Connection, order_ids: Iterable[int]) -> set[int]:
    """All keys of several orders."""
    k = t.order_key.c
    return set(conn.execute(sa.select(k.key).where(k.order_id.in_(sorted(set(order_ids))))).scalars())


def by_keys(conn: Connection, wanted: Iterable[int], limit: int = BLOCK_LIMIT) -> tuple[list[int], bool]:
    """Orders that share a key, those that share most first, and whether the list was cut off."""
    k = t.order_key.c
    numbers = sorted(set(wanted))
    if not numbers:
        return [], False
    query = (
        sa.select(k.order_id)
        .where(k.key.in_(numbers))
        .group_by(k.order_id)
        .order_by(sa.func.count().desc(), k.order_id.desc())
        .limit(limit + 1)
    )
    ids = list(conn.execute(query).scalars())
    return ids[:limit], len(ids) > limit


def of_person(conn: Connection, person_id: int) -> list[int]:
    o = t.imaging_order.c
    return list(conn.execute(sa.select(o.id).where(o.person_id == person_id).order_by(o.id)).scalars())


def by_accession(conn: Connection, accession: str, limit: int = 50) -> list[Order]:
    o = t.imaging_order.c
    ids = conn.execute(sa.select(o.id).where(o.accession_number == accession).order_by(o.id).limit(limit)).scalars()
    return load_many(conn, ids) if accession else []


def total(conn: Connection) -> int:
    """How many orders there are: the N of the accession's chance agreement (read from the key, not counted)."""
    return int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(t.imaging_order.c.id), 0))).scalar_one())


def first_heard(conn: Connection) -> datetime | None:
    """When the first order arrived: since then orders are covered."""
    found: datetime | None = conn.execute(
        sa.select(t.imaging_order.c.received_at).order_by(t.imaging_order.c.received_at).limit(1)
    ).scalar()
    return found
