"""Performed procedure steps, the scheduled steps and series that they name, and every message as it came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.order import Order
from radrecon.model.performed import Performance, PerformedStep, Placed, Placement, StepReference
from radrecon.model.study import StudyFacts
from radrecon.store import database as db
from radrecon.store import tables as t
from radrecon.store.codec import dump, load, normal
from radrecon.store.database import Connection, changed
from radrecon.store.kept import KEPT, once
from radrecon.store.persons import columns
from radrecon.store.statement import AmongEach

MOST_NAMING = 10_000  # rows that name one study's images
LIMIT = 200  # performed steps that one study or order may have

SETTLED = [str(one) for one in Placement if one.is_settled]
_p, _f, _g = t.performed_step.c, t.performed_reference.c, t.performed_series.c


@dataclass(frozen=True)
class StoredPerformed:
    """A performed step with its row."""

    id: int
    sop_instance_uid: str
    step: PerformedStep
    person_id: int
    given_up: bool
    created_at: datetime
    updated_at: datetime

    @property
    def performance(self) -> Performance:
        return Performance(self.step, self.id, self.given_up)


@dataclass(frozen=True)
class Heard:
    """One N-CREATE or N-SET as it came, and what became of it (`state` applied, repeated or refused)."""

    at: datetime
    operation: str
    sop_instance_uid: str
    peer_ae_title: str
    address: str
    transfer_syntax: str
    raw: bytes
    state: str
    performed_status: str = ""
    reason: str = ""


def by_uid(conn: Connection, uid: str) -> StoredPerformed | None:
    row = conn.execute(t.performed_step.select().where(_p.sop_instance_uid == uid)).first()
    return None if row is None else _stored(row)


def load_many(conn: Connection, ids: Iterable[int]) -> list[StoredPerformed]:
    """In the order of their beginnings as they were told."""
    wanted = sorted(set(ids))[-LIMIT:]
    rows = conn.execute(t.performed_step.select().where(_p.id.in_(wanted)).order_by(_p.id)) if wanted else ()
    return [_stored(row) for row in rows]


def _stored(row: Any) -> StoredPerformed:
    return StoredPerformed(
        row.id, row.sop_instance_uid, load(PerformedStep, row.data), row.person_id, row.given_up, row.created_at,
        row.updated_at,
    )  # fmt: skip


# -- saving -----------------------------------------------------------------------------------------------------------


def add(
    conn: Connection, uid: str, step: PerformedStep, *, at: datetime, person_id: int, peer: str, address: str
) -> int:
    values = _columns(step) | {"person_id": person_id, "peer_ae_title": peer, "address": address}
    performed_id = db.insert(conn, t.performed_step, sop_instance_uid=uid, created_at=at, updated_at=at, **values)
    _save_series(conn, performed_id, step)
    changed(conn, "performed")
    return performed_id


def update(conn: Connection, performed_id: int, step: PerformedStep, *, at: datetime, person_id: int) -> None:
    """What it has been told since; it is not given up while it is told of."""
    values = _columns(step) | {"person_id": person_id, "given_up": False, "updated_at": at}
    conn.execute(t.performed_step.update().where(_p.id == performed_id).values(**values, version=_p.version + 1))
    conn.execute(t.performed_series.delete().where(_g.performed_id == performed_id))
    _save_series(conn, performed_id, step)
    changed(conn, "performed")


def set_person(conn: Connection, performed_id: int, person_id: int) -> None:
    """Whom its patient's number leads to now."""
    conn.execute(t.performed_step.update().where(_p.id == performed_id).values(person_id=person_id))


def take_back(conn: Connection, ids: Iterable[int], order_id: int) -> None:
    """These performed steps are not this order's, as a person has said."""
    mine = (_f.performed_id.in_(list(ids)), _f.order_id == order_id)
    conn.execute(t.performed_reference.update().where(*mine).values(placement=str(Placement.TAKEN_BACK)))
    changed(conn, "performed")


def give_up(conn: Connection, ids: Iterable[int]) -> None:
    """Taken as done, for its images came and nothing has changed since."""
    conn.execute(t.performed_step.update().where(_p.id.in_(list(ids))).values(given_up=True, version=_p.version + 1))
    changed(conn, "performed")


def _columns(step: PerformedStep) -> dict[str, Any]:
    return columns(step.patient) | {
        "status": str(step.status or ""),
        "wrong_worklist_entry": step.wrong_worklist_entry,
        "performed_procedure_step_id": step.performed_procedure_step_id,
        "modality": step.modality,
        "station_ae_title": step.station_ae_title,
        "station_name": step.station_name,
        "started": step.start,
        "ended": step.end,
        "patient_normal": normal(step.patient.patient_id.value),
        "series": len(step.series),
        "instances": step.instances,
        "data": dump(step),
    }


def _save_series(conn: Connection, performed_id: int, step: PerformedStep) -> None:
    rows = [
        {
            "performed_id": performed_id,
            "series_instance_uid": one.series_instance_uid,
            "protocol_name": one.protocol_name,
            "description": one.description,
            "images": one.images,
            "others": one.others,
        }
        for one in step.series
    ]
    if rows:
        conn.execute(t.performed_series.insert(), rows)


def add_message(conn: Connection, heard: Heard, performed_id: int) -> int:
    changed(conn, "performed")
    return db.insert(conn, t.performed_message, **vars(heard), performed_id=performed_id)


# -- references -------------------------------------------------------------------------------------------------------


def placed(conn: Connection, performed_id: int) -> list[Placed]:
    rows = conn.execute(t.performed_reference.select().where(_f.performed_id == performed_id).order_by(_f.id))
    return [_placed(row) for row in rows]


def _placed(row: Any) -> Placed:
    return Placed(load(StepReference, row.data), Placement(row.placement), row.order_id, row.step_id)


def set_placed(conn: Connection, performed_id: int, found: Iterable[Placed]) -> None:
    """Replace what a performed step names."""
    conn.execute(t.performed_reference.delete().where(_f.performed_id == performed_id))
    rows = [
        {
            "performed_id": performed_id,
            "study_instance_uid": one.reference.study_instance_uid,
            "accession_number": one.reference.accession_number,
            "scheduled_procedure_step_id": one.reference.scheduled_procedure_step_id,
            "placement": str(one.placement),
            "order_id": one.order_id,
            "step_id": one.step_id,
            "data": dump(one.reference),
        }
        for one in found
    ]
    if rows:
        conn.execute(t.performed_reference.insert(), rows)
    changed(conn, "performed")


def candidates(conn: Connection, reference: StepReference, step_ids: Iterable[int] = (), limit: int = 50) -> list[int]:
    """Orders that a reference may mean: by Study UID, accession number, or the id of a step's own row."""
    o, s = t.imaging_order.c, t.step.c
    found: list[int] = []
    for column, value in (
        (o.study_instance_uid, reference.study_instance_uid),
        (o.accession_number, reference.accession_number),
    ):
        if value:
            found += conn.execute(sa.select(o.id).where(column == value).order_by(o.id).limit(limit)).scalars()
    if wanted := list(step_ids):
        found += conn.execute(sa.select(s.order_id).where(s.id.in_(wanted))).scalars()
    return list(dict.fromkeys(found))


def of_orders(conn: Connection, order_ids: Iterable[int]) -> dict[int, dict[int, list[StoredPerformed]]]:
    """Order id → step id → what was applied to that step, in the order of their beginnings."""
    wanted = sorted(set(order_ids) - {0})
    query = sa.select(_f.order_id, _f.step_id, _f.performed_id)
    applied = (_f.order_id.in_(wanted), _f.placement == str(Placement.APPLIED))
    rows = conn.execute(query.where(*applied).distinct()).all() if wanted else []
    known = {one.id: one for one in load_many(conn, [row.performed_id for row in rows])}
    found: dict[int, dict[int, list[StoredPerformed]]] = {}
    for row in sorted(rows, key=lambda row: row.performed_id):
        if row.performed_id in known:
            found.setdefault(row.order_id, {}).setdefault(row.step_id, []).append(known[row.performed_id])
    return found


def not_applied(conn: Connection, orders: Sequence[Order]) -> list[int]:
    """Performed steps with a reference that moves nothing yet and that may mean one of these orders."""
    people = sorted({order.person_id for order in orders} - {0})
    ways = (
        _f.study_instance_uid.in_(sorted({order.study_instance_uid for order in orders} - {""})),
        _f.accession_number.in_(sorted({order.accession_number for order in orders} - {""})),
        _f.order_id.in_([order.id for order in orders]),
        sa.and_(
            _f.performed_id.in_(sa.select(_p.id).where(_p.person_id.in_(people))), _f.scheduled_procedure_step_id != ""
        ),
    )
    found: set[int] = set()
    for way in ways:  # each by its own index
        query = sa.select(_f.performed_id).where(way, _f.placement.not_in(SETTLED)).limit(LIMIT)
        found |= set(conn.execute(query).scalars())
    return sorted(found)


def any_heard(conn: Connection) -> bool:
    """Many sites have none."""
    return conn.execute(sa.select(_p.id).limit(1)).first() is not None


def of_study(conn: Connection, facts: StudyFacts) -> list[StoredPerformed]:
    """Those that name this study or one of its series."""
    if not once(conn, "performed.heard", lambda: KEPT not in conn.__dict__ or any_heard(conn)):
        return []
    series = [one.series_instance_uid for one in facts.series]
    found = {row[0] for row in _OF_STUDY.all(conn, [facts.study_instance_uid, *series])}
    return load_many(conn, found) if found else []


_OF_STUDY = AmongEach(  # UIDs are unique over all that they name
    MOST_NAMING,
    (sa.select(_f.performed_id), _f.study_instance_uid),
    (sa.select(_g.performed_id), _g.series_instance_uid),
)


def studies_of(conn: Connection, step: PerformedStep) -> list[int]:
    """Ids of the studies that the PACS have of a performed step, by Study UID."""
    uids = sorted({one.study_instance_uid for one in step.references} - {""})
    s = t.study.c
    return list(conn.execute(sa.select(s.id).where(s.study_instance_uid.in_(uids))).scalars()) if uids else []


def message_of_order(conn: Connection, order_id: int) -> int:
    """The message that an order was last told by: it stays so when a modality moves the order's steps."""
    query = sa.select(t.imaging_order.c.message_id).where(t.imaging_order.c.id == order_id)
    return int(conn.execute(query).scalar() or 0)
