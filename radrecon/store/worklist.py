"""The worklist: scheduled steps by indexed keys, and the record of what modalities asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.order import Order, Step, StepStatus
from radrecon.model.person import Person
from radrecon.store import orders, persons
from radrecon.store import tables as t
from radrecon.store.database import Connection, changed
from radrecon.store.statement import Insert

WAITING = (str(StepStatus.SCHEDULED), str(StepStatus.ARRIVED))


def scheduled(
    conn: Connection,
    *,
    patient_id: str = "",
    accession_number: str = "",
    station_ae_title: str = "",
    modalities: Sequence[str] = (),
    date_from: str = "",
    date_to: str = "",
    before: str = "",
    after: tuple[str, int] = ("", 0),
    limit: int = 1000,
) -> list[tuple[Order, Step]]:
    """Waiting steps that these exact keys leave, with the person's identity as it stands now.

    Dates are ISO days of the site's wall clock, both ends included; a step without a start is never kept out by them.
    `before`: only what starts before this day. `after`: start and id of the last one before this page, which holds at
    most `limit`.
    """
    s, o = t.step.c, t.imaging_order.c
    query = (
        sa.select(s.id, s.order_id).where(s.status.in_(WAITING)).join_from(t.step, t.imaging_order, s.order_id == o.id)
    )
    if patient_id:
        i = t.identifier.c
        people = sa.select(i.person_id).where(i.normal == persons.normal(patient_id))
        query = query.where(o.person_id.in_(people))
    if accession_number:
        query = query.where(o.accession_number == accession_number)
    if station_ae_title:
        query = query.where(s.station_ae_title.in_((station_ae_title, "")))
    if modalities:
        query = query.where(sa.func.upper(s.modality).in_((*modalities, "")))
    if date_from:
        query = query.where(sa.or_(s.start >= date_from, s.start == ""))
    if date_to:
        query = query.where(sa.or_(s.start < date_to + "U", s.start == ""))  # "U" sorts after every time of that day
    if before:
        query = query.where(s.start < before, s.start != "")
    query = query.where(sa.or_(s.start > after[0], sa.and_(s.start == after[0], s.id > after[1])))
    rows = conn.execute(query.order_by(s.start, s.id).limit(limit)).all()
    return _with_steps(conn, [(row.order_id, row.id) for row in rows])


def all_of_order(conn: Connection, order_id: int) -> list[tuple[Order, Step]]:
    """Every step of an order whatever its state: for explaining why one is not on the list."""
    order = orders.load_one(conn, order_id)
    return _with_steps(conn, [(order_id, step.id) for step in order.steps]) if order else []


def _with_steps(conn: Connection, pairs: Sequence[tuple[int, int]]) -> list[tuple[Order, Step]]:
    found = {order.id: order for order in orders.load_many(conn, [order_id for order_id, _ in pairs])}
    people = persons.load_many(conn, [order.person_id for order in found.values()])
    named = {key: with_identity(order, people) for key, order in found.items()}
    steps = {step.id: step for order in found.values() for step in order.steps}
    return [(named[order_id], steps[step_id]) for order_id, step_id in pairs]


def with_identity(order: Order, people: Mapping[int, Person]) -> Order:
    """The order with its person's current identity block (a quarantined person's order keeps its own)."""
    person = people.get(order.person_id)
    return order if person is None or person.quarantined else replace(order, patient=person.demographics)


def record(
    conn: Connection,
    *,
    at: datetime,
    peer_ae_title: str,
    address: str,
    keys: dict[str, str],
    matches: int,
    milliseconds: float,
    status: str,
    narrowed: Sequence[str] = (),
    ignored: Sequence[str] = (),
    criteria: Mapping[str, Any] | None = None,
) -> None:
    """One C-FIND, as asked and as answered."""
    _RECORD.run(
        conn, at=at, peer_ae_title=peer_ae_title, address=address, keys=json.dumps(keys), matches=matches,
        milliseconds=milliseconds, status=status, narrowed=json.dumps(list(narrowed)),
        ignored=json.dumps(list(ignored)), criteria=json.dumps(dict(criteria or {})),
    )  # fmt: skip
    changed(conn, "worklist")


_RECORD = Insert(
    t.worklist_query,
    "at",
    "peer_ae_title",
    "address",
    "keys",
    "matches",
    "milliseconds",
    "status",
    "narrowed",
    "ignored",
    "criteria",
)  # on the driver's cursor: where modalities ask by the hundred a second, this is beside every answer
