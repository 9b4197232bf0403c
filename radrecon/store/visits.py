"""Visits and accounts as the ADT feed tells of them: whose they are, their state, and what a number was merged into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.visit import Encounter
from radrecon.store import tables as t
from radrecon.store.database import Connection, insert
from radrecon.store.statement import Statement

_v = t.visit.c
_COLUMNS = (
    "kind", "number", "issuer", "account", "patient_class", "location", "state", "former_state", "former_location",
    "merged_into",
)  # fmt: skip


def of_numbers(conn: Connection, numbers: Iterable[str]) -> list[Encounter]:
    """Visits and accounts with one of these numbers, whoever's they are. On the path of admissions and updates."""
    return [_encounter(row) for number in dict.fromkeys(numbers) if number for row in _BY_NUMBER.all(conn, said=number)]


_SELECTED = [*(t.visit.c[name] for name in _COLUMNS), _v.id, _v.person_id, _v.updated_at]
_BY_NUMBER = Statement(sa.select(*_SELECTED).where(_v.number == sa.bindparam("said")).order_by(_v.id))


def of_person(conn: Connection, person_id: int) -> list[Encounter]:
    return [_encounter(row) for row in conn.execute(sa.select(*_SELECTED).where(_v.person_id == person_id))]


def load_one(conn: Connection, visit_id: int) -> Encounter | None:
    row = conn.execute(sa.select(*_SELECTED).where(_v.id == visit_id)).first()
    return None if row is None else _encounter(row)


def _encounter(row: Sequence[Any]) -> Encounter:
    named = dict(zip(_COLUMNS, row, strict=False))
    visit_id, person_id, updated_at = row[len(_COLUMNS) :]
    return Encounter(**named, id=visit_id, person_id=person_id, updated_at=updated_at)


def save(conn: Connection, visit: Encounter, *, sent: datetime, message_id: int = 0) -> int:
    """Insert (id 0) or replace; `sent` is by the sender's clock."""
    values = {name: getattr(visit, name) for name in _COLUMNS}
    values |= {"person_id": visit.person_id, "updated_at": sent, "message_id": message_id}
    if not visit.id:
        return insert(conn, t.visit, **values)
    conn.execute(t.visit.update().where(_v.id == visit.id).values(**values))
    return visit.id


def root(conn: Connection, visit: Encounter) -> Encounter:
    """The visit that this one was merged into, at the end of the chain."""
    seen: set[int] = set()
    while visit.merged_into and visit.id not in seen:
        seen.add(visit.id)
        visit = load_one(conn, visit.merged_into) or visit
    return visit
