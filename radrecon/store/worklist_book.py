"""What the engine's book of waiting steps is made from, and what has changed since it last looked.

All writers of a database take turns, so that ids rise in the order of commits: what lies above a mark is what came
after it. Triggers note what changes an answer otherwise (migration 0006).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from radrecon.model.names import PersonName
from radrecon.model.order import Order, Step, StepStatus
from radrecon.model.patient import Demographics, PatientId
from radrecon.store import orders, persons
from radrecon.store import tables as t
from radrecon.store.codec import load
from radrecon.store.database import Connection
from radrecon.store.statement import Statement
from radrecon.store.worklist import WAITING, with_identity

CHUNK = 500
T = TypeVar("T")
Pair = tuple[Order, Step]


class Marks(NamedTuple):
    """How far the book has read: the highest ids of noted changes and of steps."""

    change: int
    step: int


_c, _o, _s, _p = t.worklist_change.c, t.imaging_order.c, t.step.c, t.person.c
_MARKS = Statement(sa.select(*(sa.select(sa.func.max(one.id)).scalar_subquery() for one in (_c, _s))))


def marks(conn: Connection) -> Marks:
    """Some ten microseconds with SQLite."""
    row = _MARKS.first(conn)
    assert row is not None
    return Marks(*(int(value or 0) for value in row))


def changed_since(conn: Connection, since: Marks) -> list[int]:
    """The orders whose answers may be others now."""
    noted = conn.execute(sa.select(_c.order_id, _c.person_id).where(_c.id > since.change)).all()
    found = {row.order_id for row in noted} | _all(conn, sa.select(_s.order_id).where(_s.id > since.step))
    for chunk in chunks(sorted({row.person_id for row in noted} - {0})):
        found |= _all(conn, sa.select(_o.id).where(_o.person_id.in_(chunk)))
    return sorted(found - {0})


def _all(conn: Connection, query: sa.Select[Any]) -> set[int]:
    return set(conn.execute(query.distinct()).scalars())


def forget_changes(conn: Connection, read: Marks) -> int:
    """Drop what the book has read, all but the last row: ids must go on rising. Returns how many."""
    last = sa.select(sa.func.max(_c.id)).scalar_subquery()
    return int(conn.execute(t.worklist_change.delete().where(_c.id <= read.change, _c.id < last)).rowcount)


def waiting_orders(conn: Connection, since: str) -> list[int]:
    """Orders with a step that waits and starts on this ISO day or later, or at a time that nobody knows."""
    waits = sa.select(_s.order_id).where(_s.status.in_(WAITING), sa.or_(_s.start >= since, _s.start == ""))
    return sorted(_all(conn, waits))


def outlines(conn: Connection, order_ids: Sequence[int], since: str) -> list[Pair]:
    """Their waiting steps as `waiting_orders` counts them, with what a query can be matched by and nothing else."""
    query = _OUTLINE.where(_s.order_id.in_(order_ids), sa.or_(_s.start >= since, _s.start == ""))
    rows = conn.execute(query).all()
    whole = {pair[1].id: pair for pair in pairs(conn, [(row.order_id, row.id) for row in rows if _is_apart(row)])}
    return [whole.get(row.id) or _outline(row) for row in rows]


_OUTLINE = (
    sa.select(
        _s.id, _s.order_id, _s.scheduled_procedure_step_id, _s.modality, _s.station_ae_title, _s.station_name, _s.start,
        _s.status, _s.data["location"].as_string().label("location"),
        _s.data["performing_physician"].label("performing_physician"),
        _o.accession_number, _o.placer_order_number, _o.filler_order_number, _o.requested_procedure_id,
        _o.study_instance_uid, _o.sender, _p.patient_id, _p.patient_name, _p.quarantined,
    )
    .join_from(t.step, t.imaging_order, _s.order_id == _o.id)
    .outerjoin(t.person, _p.id == _o.person_id)
    .where(_s.status.in_(WAITING))
)  # fmt: skip


def _is_apart(row: Any) -> bool:
    """Whether the order keeps the identity that it came with."""
    return row.patient_id is None or bool(row.quarantined)


def _outline(row: Any) -> Pair:
    order = Order(
        accession_number=row.accession_number,
        placer_order_number=row.placer_order_number,
        filler_order_number=row.filler_order_number,
        requested_procedure_id=row.requested_procedure_id,
        study_instance_uid=row.study_instance_uid,
        patient=Demographics(PatientId(row.patient_id), PersonName.parse(row.patient_name)),
        id=row.order_id,
        sender=row.sender,
    )
    step = Step(
        scheduled_procedure_step_id=row.scheduled_procedure_step_id,
        modality=row.modality,
        station_ae_title=row.station_ae_title,
        station_name=row.station_name,
        location=row.location or "",
        start=row.start,
        performing_physician=load(PersonName, row.performing_physician or {}),
        status=StepStatus(row.status),
        id=row.id,
    )
    return order, step


def pairs(conn: Connection, wanted: Collection[tuple[int, int]]) -> list[Pair]:
    """Order and step by (order id, step id), with the person's identity as it stands now; what is gone is left out."""
    found = {order.id: order for order in orders.load_many(conn, [order_id for order_id, _ in wanted])}
    people = persons.load_many(conn, [order.person_id for order in found.values()])
    named = {key: with_identity(order, people) for key, order in found.items()}
    steps = {(order.id, step.id): step for order in found.values() for step in order.steps}
    return [(named[key[0]], steps[key]) for key in wanted if key in steps]


def chunks(whole: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    return (whole[at : at + size] for at in range(0, len(whole), size))
