"""The person index as rows, with every identifier that leads to a person and how much hangs on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from radrecon.model.errors import NotFound
from radrecon.model.patient import PatientId
from radrecon.model.rows import PatientRow
from radrecon.store import tables as t
from radrecon.store.database import Connection
from radrecon.store.filters import Column, Searchable, conditions, of_person
from radrecon.store.life import database_now

_p, _i = t.person.c, t.identifier.c
_SEARCH = Searchable(
    "patients",
    {
        "patient_id": (_p.patient_id,),
        "issuer_of_patient_id": (_p.issuer_of_patient_id,),
        "patient_name": (_p.patient_name,),
        "patient_birth_date": (_p.patient_birth_date,),
        "patient_sex": (_p.patient_sex,),
    },
    {"patient_id": of_person(_p.id)},
    age=_p.updated_at,
)


def patients(conn: Connection, *, query: str = "", limit: int = 500) -> list[PatientRow]:
    """The newest first; a merged person stays in the list and says into whom."""
    wanted = conditions(query, _SEARCH, database_now(conn))
    return _rows(conn, t.person.select().where(*wanted).order_by(_p.id.desc()).limit(limit))


def patient(conn: Connection, person_id: int) -> PatientRow:
    found = patients_by_id(conn, [person_id])
    if not found:
        raise NotFound(f"no patient {person_id}")
    return found[person_id]


def patients_by_id(conn: Connection, ids: Iterable[int]) -> dict[int, PatientRow]:
    wanted = sorted(set(ids) - {0})
    return {row.id: row for row in _rows(conn, t.person.select().where(_p.id.in_(wanted)))} if wanted else {}


def numbers_of(conn: Connection, ids: Iterable[int]) -> dict[int, str]:
    """What people call these persons by: `4711^^^HOSP`. The id of a row would read as such a number."""
    wanted = set(ids)
    query = sa.select(_p.id, _p.patient_id, _p.issuer_of_patient_id).where(_p.id.in_(wanted))
    rows = conn.execute(query).all() if wanted else []
    said = {row.id: "^^^".join(filter(None, (row.patient_id, row.issuer_of_patient_id))) for row in rows}
    return {one: said.get(one) or "a patient without a number" for one in wanted}


def _rows(conn: Connection, query: sa.Select[Any]) -> list[PatientRow]:
    found = conn.execute(query).all()
    ids = [row.id for row in found]
    others = _identifiers(conn, ids)
    orders, studies = _counts(conn, t.imaging_order.c.person_id, ids), _counts(conn, t.study.c.person_id, ids)
    return [_row(row, others.get(row.id, ()), orders, studies) for row in found]


def _row(
    row: Any, identifiers: Sequence[PatientId], orders: Mapping[int, int], studies: Mapping[int, int]
) -> PatientRow:
    own = PatientId(row.patient_id, row.issuer_of_patient_id)
    return PatientRow(
        id=row.id,
        patient_id=row.patient_id,
        issuer_of_patient_id=row.issuer_of_patient_id,
        patient_name=row.patient_name,
        patient_birth_date=row.patient_birth_date,
        patient_sex=row.patient_sex,
        other_patient_ids=tuple(str(one) for one in identifiers if one != own),
        merged_into=row.merged_into,
        quarantined=row.quarantined,
        orders=orders.get(row.id, 0),
        studies=studies.get(row.id, 0),
    )


def _identifiers(conn: Connection, ids: Sequence[int]) -> dict[int, list[PatientId]]:
    query = sa.select(_i.person_id, _i.value, _i.issuer).where(_i.person_id.in_(ids)).order_by(_i.id)
    found: dict[int, list[PatientId]] = {}
    for row in conn.execute(query) if ids else ():
        found.setdefault(row.person_id, []).append(PatientId(row.value, row.issuer))
    return found


def _counts(conn: Connection, column: Column, ids: Sequence[int]) -> dict[int, int]:
    query = sa.select(column, sa.func.count()).where(column.in_(ids)).group_by(column)
    return {row[0]: row[1] for row in conn.execute(query)} if ids else {}
