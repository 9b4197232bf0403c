"""Orders with their steps."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any

import sqlalchemy as sa

from radrecon.model.altering import altered
from radrecon.model.order import Order, Outline, Step, StepStatus, Timed
from radrecon.store import tables as t
from radrecon.store.codec import decode, encode, load
from radrecon.store.database import Connection, changed
from radrecon.store.kept import by_id, once
from radrecon.store.statement import Among, Insert, Statement, Update
from radrecon.store.tables.orders import TOLD

CHANGES = ("XO", "SC", "CA", "DC")  # order controls that speak of an order already known


def load_many(conn: Connection, ids: Iterable[int]) -> list[Order]:
    """Orders with their steps, in the order of their ids."""
    return list(by_id(conn, "order", sorted(set(ids) - {0}), lambda some: _loaded(conn, some)).values())


def _loaded(conn: Connection, wanted: Sequence[int]) -> dict[int, Order]:
    rows: dict[int, Sequence[Any]] = {}
    steps: dict[int, list[Step]] = {}
    for row in _ORDERS_AMONG.all(conn, wanted):
        rows.setdefault(row[0], row)
        if row[_STEP_AT] is not None:
            steps.setdefault(row[0], []).append(_step(*row[_STEP_AT:]))
    return {id_: _order(row[:_STEP_AT], steps.get(id_, ())) for id_, row in rows.items()}


def _step(id_: int, status: str, data: str) -> Step:
    return altered(decode(Step, data), id=id_, status=StepStatus(status))


def _order(row: Sequence[Any], steps: Sequence[Step]) -> Order:
    id_, person_id, uid, status, data = row
    own = {"id": id_, "person_id": person_id, "study_instance_uid": uid, "status": StepStatus(status)}
    return altered(decode(Order, data), **own, steps=tuple(steps))


_o, _s = t.imaging_order.c, t.step.c
_STEP_AT = 5  # where a row's step begins; most orders have one
_OF_ORDER = (_o.id, _o.person_id, _o.study_instance_uid, _o.status, sa.cast(_o.data, sa.Text))
_ORDERS_AMONG = Among(
    sa.select(*_OF_ORDER, _s.id, _s.status, sa.cast(_s.data, sa.Text))
    .join_from(t.imaging_order, t.step, _s.order_id == _o.id, isouter=True)
    .order_by(_o.id, _s.id),
    _o.id,
)


def timetable(conn: Connection, ids: Collection[int]) -> list[Timed]:
    """In the order of their ids; orders without steps are due never."""
    return once(conn, ("orders.timetable", tuple(ids)), lambda: _timetable(conn, ids))


def _timetable(conn: Connection, ids: Collection[int]) -> list[Timed]:
    found: dict[int, tuple[list[str], str, str, str]] = {}
    for id_, start, status, arrived, ended in _TIMES_AMONG.all(conn, ids):
        found.setdefault(id_, ([], status, arrived, ended))[0].append(start)
    return [
        Timed(id_, StepStatus(status), tuple(starts), arrived, ended)
        for id_, (starts, status, arrived, ended) in found.items()
    ]


_TIMES_AMONG = Among(
    sa.select(_o.id, _s.start, _o.status, _o.arrived, _o.ended)
    .join_from(t.imaging_order, t.step, _s.order_id == _o.id)
    .order_by(_o.id),
    _o.id,
)


def outlines(conn: Connection, ids: Collection[int]) -> list[Outline]:
    """In the order of their ids, without the carried JSON."""
    return list(by_id(conn, "outline", sorted(set(ids) - {0}), lambda some: _outlined(conn, some)).values())


def _outlined(conn: Connection, ids: Sequence[int]) -> dict[int, Outline]:
    found: dict[int, tuple[int, str, str, list[str]]] = {}
    for id_, person_id, accession, uid, start in _OUTLINES_AMONG.all(conn, ids):
        found.setdefault(id_, (person_id, accession, uid, []))[-1].append(start or "")
    return {id_: Outline(id_, own, number, uid, tuple(starts)) for id_, (own, number, uid, starts) in found.items()}


_OUTLINES_AMONG = Among(
    sa.select(_o.id, _o.person_id, _o.accession_number, _o.study_instance_uid, _s.start)
    .join_from(t.imaging_order, t.step, _s.order_id == _o.id, isouter=True)
    .order_by(_o.id),
    _o.id,
)


def load_one(conn: Connection, order_id: int) -> Order | None:
    row = _ORDER.first(conn, wanted=order_id)
    if row is None:
        return None
    steps = [step_of(_StepRow(*step)) for step in _STEPS_OF.all(conn, wanted=order_id)]
    return order_of(_OrderRow(*row), steps)


_ORDER = Statement(t.imaging_order.select().where(t.imaging_order.c.id == sa.bindparam("wanted")))
_STEPS_OF = Statement(t.step.select().where(t.step.c.order_id == sa.bindparam("wanted")).order_by(t.step.c.id))
_OrderRow = namedtuple("_OrderRow", [column.name for column in t.imaging_order.columns])  # type: ignore[misc]
_StepRow = namedtuple("_StepRow", [column.name for column in t.step.columns])  # type: ignore[misc]


def order_of(row: Any, steps: Sequence[Step]) -> Order:
    """The row's own columns win over the carried JSON: they are what corrections change."""
    order = load(Order, row.data)
    return altered(
        order,
        id=row.id,
        person_id=row.person_id,
        study_instance_uid=row.study_instance_uid,
        status=StepStatus(row.status),
        steps=tuple(steps),
    )


def step_of(row: Any) -> Step:
    return altered(load(Step, row.data), id=row.id, status=StepStatus(row.status))


def find(conn: Connection, order: Order) -> Order | None:
    """The order that a message speaks of, of the same person: by filler number, placer number, then accession.

    The same number on another person is another order (and a collision), never an update.
    """
    rows = _named_alike(conn, order)
    for at, value in ((_Named.FILLER, order.filler_order_number), (_Named.PLACER, order.placer_order_number)):
        alike = [row for row in rows if value and row[at] == value]
        same = [row for row in alike if row[_Named.ACCESSION] == order.accession_number]
        loose = [row for row in alike if not (row[_Named.ACCESSION] and order.accession_number)]
        if not same and len(alike) == 1 and order.control in CHANGES:
            loose = alike  # the accession number itself was corrected
        loose = [row for row in loose if not _is_another(row, order)]
        if same or loose:
            return load_one(conn, (same or loose)[0][_Named.ID])
    fits = [row[_Named.ID] for row in rows if _by_accession_alone(row, order)]
    return load_one(conn, fits[0]) if len(fits) == 1 else None


def _is_another(row: Sequence[Any], order: Order) -> bool:
    """The filler gave another number: one placer order may be several of the filler's (4.5.1.3)."""
    return bool(row[_Named.FILLER] and order.filler_order_number) and row[_Named.FILLER] != order.filler_order_number


class _Named(IntEnum):
    """Columns of what `_NAMED` finds."""

    ID = 0
    ACCESSION = 1
    ISSUER = 2
    PLACER = 3
    FILLER = 4


def _named_alike(conn: Connection, order: Order) -> Sequence[Sequence[Any]]:
    """Orders that share a number, the oldest first; an empty number (NULL here) is shared by nobody."""
    numbers = {
        "accession": order.accession_number or None,
        "placer": order.placer_order_number or None,
        "filler": order.filler_order_number or None,
    }
    if order.person_id:
        return _NAMED_OF_PERSON.all(conn, person=order.person_id, **numbers)
    return _NAMED.all(conn, **numbers)


_ALIKE = sa.select(_o.id, _o.accession_number, _o.issuer_of_accession, _o.placer_order_number, _o.filler_order_number)
_NAMED = Statement(
    _ALIKE.where(
        sa.or_(
            _o.accession_number == sa.bindparam("accession", type_=sa.Text),
            _o.placer_order_number == sa.bindparam("placer", type_=sa.Text),
            _o.filler_order_number == sa.bindparam("filler", type_=sa.Text),
        )
    ).order_by(_o.id)
)
_NAMED_OF_PERSON = Statement(_NAMED.clause.where(_o.person_id == sa.bindparam("person")))


def _by_accession_alone(row: Sequence[Any], order: Order) -> bool:
    """Only where neither number contradicts: two orders of one person may share an accession."""
    return (
        bool(order.accession_number)
        and row[_Named.ACCESSION] == order.accession_number
        and row[_Named.ISSUER] == order.issuer_of_accession
        and not (row[_Named.FILLER] and order.filler_order_number)
        and not (row[_Named.PLACER] and order.placer_order_number)
    )


def save(conn: Connection, order: Order, *, at: datetime, message_id: int = 0) -> int:
    """Insert (id 0) or replace an order and its steps; steps are matched by their SPS id, then by position."""
    values = _columns(order) | {"message_id": message_id}
    if order.id:
        _UPDATE.run(conn, wanted=order.id, **values)
        _save_steps(conn, order.id, order.steps)
        order_id = order.id
    else:
        order_id = _INSERT.run(conn, **values, received_at=at)
        _INSERT_STEP.many(conn, [_step_columns(order_id, step) for step in order.steps])
    changed(conn, "orders", "worklist")
    return order_id


_COLUMNS = (
    "person_id", "accession_number", "issuer_of_accession", "placer_order_number", "filler_order_number",
    "requested_procedure_id", "requested_procedure_description", "study_instance_uid", "priority", "patient_class",
    "status", "sender", "data", "message_id", "arrived", "ended",
)  # fmt: skip
_IN_COLUMNS = {"id", "person_id", "study_instance_uid", "status", "steps"}  # the row's own, see order_of
_STEP_COLUMNS = (
    "order_id", "scheduled_procedure_step_id", "modality", "station_ae_title", "station_name", "start", "status",
    "data",
)  # fmt: skip
_STEP_IN_COLUMNS = {"id", "status"}
_INSERT = Insert(t.imaging_order, *_COLUMNS, "received_at")
_UPDATE = Update(t.imaging_order, *_COLUMNS)
_INSERT_STEP = Insert(t.step, *_STEP_COLUMNS)
_UPDATE_STEP = Update(t.step, *_STEP_COLUMNS)


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
        "data": encode(order, _IN_COLUMNS),
        "arrived": order.arrived,
        "ended": order.ended,
    }


def _save_steps(conn: Connection, order_id: int, steps: Sequence[Step]) -> None:
    left: dict[int, str] = dict(_STEPS.all(conn, wanted=order_id))  # type: ignore[arg-type]
    for step in steps:
        known = step.id if step.id in left else _same_step(left, step)
        left.pop(known, None)
        _save_step(conn, order_id, known, step)
    if left:
        conn.execute(t.step.update().where(t.step.c.id.in_(list(left))).values(status=str(StepStatus.CANCELLED)))


_STEPS = Statement(sa.select(_s.id, _s.scheduled_procedure_step_id).where(_s.order_id == sa.bindparam("wanted")))


def _same_step(left: dict[int, str], step: Step) -> int:
    named = [id_ for id_, sps in left.items() if sps and sps == step.scheduled_procedure_step_id]
    unnamed = [id_ for id_, sps in left.items() if not (sps and step.scheduled_procedure_step_id)]
    return next(iter(named or unnamed), 0)


def _save_step(conn: Connection, order_id: int, step_id: int, step: Step) -> None:
    values = _step_columns(order_id, step)
    if step_id:
        _UPDATE_STEP.run(conn, wanted=step_id, **values)
    else:
        _INSERT_STEP.run(conn, **values)


def _step_columns(order_id: int, step: Step) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "scheduled_procedure_step_id": step.scheduled_procedure_step_id,
        "modality": step.modality,
        "station_ae_title": step.station_ae_title,
        "station_name": step.station_name,
        "start": step.start,
        "status": str(step.status),
        "data": encode(step, _STEP_IN_COLUMNS),
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


def of_person(conn: Connection, person_id: int, since: datetime | None = None) -> list[int]:
    """Those that were first heard since then, if it is said."""
    o = t.imaging_order.c
    query = sa.select(o.id).where(o.person_id == person_id).order_by(o.id)
    return list(conn.execute(query.where(o.received_at >= since) if since else query).scalars())


def by_accession(conn: Connection, accession: str, limit: int = 50) -> list[Order]:
    o = t.imaging_order.c
    ids = conn.execute(sa.select(o.id).where(o.accession_number == accession).order_by(o.id).limit(limit)).scalars()
    return load_many(conn, ids) if accession else []


def total(conn: Connection) -> int:
    """How many orders there are: the N of the accession's chance agreement (read from the key, not counted)."""
    row = once(conn, "orders.total", lambda: _TOTAL.first(conn))
    return int(row[0]) if row else 0


_TOTAL = Statement(sa.select(sa.func.coalesce(sa.func.max(_o.id), 0)))


def are_times_told(conn: Connection) -> bool:
    """Whether any RIS here tells when patients arrive or when examinations end."""
    return once(conn, "orders.are_times_told", lambda: _TOLD.first(conn) is not None)


_TOLD = Statement(sa.select(_o.id).where(TOLD).limit(1))


def first_heard(conn: Connection) -> datetime | None:
    """When the first order arrived: since then orders are covered."""
    found: datetime | None = conn.execute(
        sa.select(t.imaging_order.c.received_at).order_by(t.imaging_order.c.received_at).limit(1)
    ).scalar()
    return found
