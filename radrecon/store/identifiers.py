"""Single identifiers of the index of persons. A retired one leads on to its person and takes no new identity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from radrecon.model.patient import PatientId
from radrecon.store import persons
from radrecon.store import tables as t
from radrecon.store.database import Connection


@dataclass(frozen=True)
class Held:
    """An identifier and whom it leads to. `retired_at`: by the clock of whoever retired it, None where unknown."""

    id: int
    patient_id: PatientId
    person_id: int
    retired: bool = False
    retired_at: datetime | None = None


_i = t.identifier.c


def held(conn: Connection, patient_id: PatientId) -> Held | None:
    """The identifier that a number means, found as `persons.find` finds the person."""
    known = persons.find(conn, patient_id)
    if known is None:
        return None
    query = t.identifier.select().where(_i.person_id == known.person_id, _i.normal == persons.normal(patient_id.value))
    found = [_held(row) for row in conn.execute(query.order_by(_i.retired, _i.id))]
    return min(found, key=lambda one: _distance(one.patient_id, patient_id))


def _distance(one: PatientId, wanted: PatientId) -> tuple[bool, bool]:
    return one.issuer != wanted.issuer, one.value != wanted.value


def of_person(conn: Connection, person_id: int) -> list[Held]:
    """Everything that leads to a person, the oldest first."""
    return [_held(row) for row in conn.execute(t.identifier.select().where(_i.person_id == person_id).order_by(_i.id))]


def _held(row: Any) -> Held:
    return Held(row.id, PatientId(row.value, row.issuer), row.person_id, bool(row.retired), row.retired_at)


def retire(conn: Connection, ids: Iterable[int], at: datetime | None) -> None:
    """From now on (`at` by the sender's clock) these only lead on."""
    _set(conn, ids, retired=True, retired_at=at)


def reinstate(conn: Connection, ids: Iterable[int]) -> None:
    _set(conn, ids, retired=False, retired_at=None)


def give(conn: Connection, ids: Iterable[int], person_id: int) -> None:
    _set(conn, ids, person_id=person_id)


def _set(conn: Connection, ids: Iterable[int], **values: object) -> None:
    if wanted := list(ids):
        conn.execute(t.identifier.update().where(_i.id.in_(wanted)).values(**values))
