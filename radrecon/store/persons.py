"""The index of persons: identifiers by assigning authority, identity blocks with their history, merges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.store import database as db
from radrecon.store import tables as t
from radrecon.store.codec import dump, load
from radrecon.store.database import Connection, changed


def normal(value: str) -> str:
    """How an identifier is looked up: without spaces, letters folded, leading zeros off."""
    folded = "".join(value.split()).casefold()
    return folded.lstrip("0") or folded


@dataclass(frozen=True)
class Known:
    """Where an identifier leads; `retired`: it is a non-survivor's number."""

    person_id: int
    retired: bool


def find(conn: Connection, patient_id: PatientId) -> Known | None:
    """The person whom an identifier leads to: value and issuer exactly; an unknown issuer only if it is unambiguous."""
    i = t.identifier.c
    query = sa.select(i.person_id, i.issuer, i.retired, i.value).where(i.normal == normal(patient_id.value))
    rows = conn.execute(query.order_by(i.retired, i.id)).all()
    exact = [row for row in rows if row.issuer == patient_id.issuer]
    exact = [row for row in exact if row.value == patient_id.value] or exact
    loose = [row for row in rows if not (row.issuer and patient_id.issuer)]
    found = exact or (loose if len({row.person_id for row in loose}) == 1 else [])
    return Known(found[0].person_id, bool(found[0].retired)) if found else None


def merged_away(conn: Connection, patient_id: PatientId) -> int:
    """The non-survivor whose own number this was, 0 if none."""
    p = t.person.c
    query = sa.select(p.id).where(p.patient_id == patient_id.value, p.merged_into != 0)
    if patient_id.issuer:
        query = query.where(p.issuer_of_patient_id.in_((patient_id.issuer, "")))
    return int(conn.execute(query.order_by(p.id.desc()).limit(1)).scalar() or 0)


def load_many(conn: Connection, ids: Iterable[int]) -> dict[int, Person]:
    """Persons by id, each with all identifiers that lead to them."""
    wanted = sorted(set(ids) - {0})
    if not wanted:
        return {}
    i = t.identifier.c
    identifiers: dict[int, list[PatientId]] = {}
    for row in conn.execute(sa.select(i.person_id, i.value, i.issuer).where(i.person_id.in_(wanted)).order_by(i.id)):
        identifiers.setdefault(row.person_id, []).append(PatientId(row.value, row.issuer))
    rows = conn.execute(t.person.select().where(t.person.c.id.in_(wanted))).all()
    return {row.id: _person(row, identifiers.get(row.id, [])) for row in rows}


def born_on(conn: Connection, birth_date: str, limit: int = 100) -> list[int]:
    """Persons with this birth date: twins and namesakes are among them."""
    p = t.person.c
    query = sa.select(p.id).where(p.patient_birth_date == birth_date, p.merged_into == 0).limit(limit)
    return list(conn.execute(query).scalars()) if len(birth_date) == len("1960-05-17") else []


def load_one(conn: Connection, person_id: int) -> Person | None:
    return load_many(conn, [person_id]).get(person_id)


def _person(row: Any, identifiers: Sequence[PatientId]) -> Person:
    before = load(Demographics, row.before_overlay) if row.before_overlay else None
    return Person(
        id=row.id,
        demographics=demographics(row, tuple(identifiers)),
        identifiers=tuple(identifiers),
        quarantined=row.quarantined,
        before_overlay=before,
        updated_at=row.updated_at,
        merged_into=row.merged_into,
        version=row.version,
    )


def demographics(row: Any, identifiers: tuple[PatientId, ...] = ()) -> Demographics:
    """The identity block of a person's or study's row."""
    own = PatientId(row.patient_id, row.issuer_of_patient_id)
    return Demographics(
        patient_id=own,
        name=PersonName.parse(row.patient_name),
        birth_date=row.patient_birth_date,
        sex=row.patient_sex,
        other_ids=tuple(other for other in identifiers if other != own),
    )


def columns(identity: Demographics) -> dict[str, str]:
    """An identity block → the columns that persons and studies share."""
    return {
        "patient_id": identity.patient_id.value,
        "issuer_of_patient_id": identity.patient_id.issuer,
        "patient_name": str(identity.name),
        "patient_birth_date": identity.birth_date,
        "patient_sex": identity.sex,
    }


def insert(conn: Connection, identity: Demographics, message_id: int = 0) -> int:
    """A new person with their identifiers."""
    person_id = db.insert(conn, t.person, **columns(identity), message_id=message_id)
    add_identifiers(conn, person_id, (identity.patient_id, *identity.other_ids))
    changed(conn, "patients")
    return person_id


def add_identifiers(conn: Connection, person_id: int, identifiers: Iterable[PatientId]) -> None:
    """Let identifiers that nobody has lead to this person; those that someone has are left alone."""
    for identifier in dict.fromkeys(identifiers):
        if identifier.value and _unclaimed(conn, identifier):
            conn.execute(
                t.identifier.insert().values(
                    person_id=person_id,
                    value=identifier.value,
                    issuer=identifier.issuer,
                    normal=normal(identifier.value),
                )
            )


def _unclaimed(conn: Connection, identifier: PatientId) -> bool:
    i = t.identifier.c
    return conn.execute(
        sa.select(i.id).where(i.value == identifier.value, i.issuer == identifier.issuer)
    ).first() is None  # fmt: skip


def change_identity(
    conn: Connection,
    person: Person,
    identity: Demographics,
    *,
    event: str,
    at: datetime,
    message_id: int = 0,
    correction_id: int = 0,
    **more: Any,
) -> None:
    """Replace the identity block, keeping the prior one in the history. `more` are further columns (quarantined …)."""
    history = t.person_history.insert().values(
        person_id=person.id,
        at=at,
        event=event,
        prior=dump(person.demographics),
        message_id=message_id,
        correction_id=correction_id,
    )
    conn.execute(history)
    update(conn, person.id, **columns(identity), **more)
    add_identifiers(conn, person.id, (identity.patient_id, *identity.other_ids))


def update(conn: Connection, person_id: int, **values: Any) -> None:
    if "before_overlay" in values and values["before_overlay"] is None:
        values["before_overlay"] = sa.null()
    values["version"] = t.person.c.version + 1
    conn.execute(t.person.update().where(t.person.c.id == person_id).values(**values))
    changed(conn, "patients")


def merge(
    conn: Connection, survivor: int, non_survivor: int, *, at: datetime, message_id: int = 0, correction_id: int = 0
) -> None:
    """Identifiers and orders of the non-survivor follow the survivor; what moved is kept for an unmerge."""
    i, o = t.identifier.c, t.imaging_order.c
    identifiers = list(conn.execute(sa.select(i.id).where(i.person_id == non_survivor, ~i.retired)).scalars())
    older = list(conn.execute(sa.select(i.id).where(i.person_id == non_survivor, i.retired)).scalars())
    orders = list(conn.execute(sa.select(o.id).where(o.person_id == non_survivor)).scalars())
    move_identifiers(conn, identifiers, survivor, retired=True)
    move_identifiers(conn, older, survivor, retired=True)
    conn.execute(t.imaging_order.update().where(o.id.in_(orders)).values(person_id=survivor, version=o.version + 1))
    update(conn, non_survivor, merged_into=survivor)
    update(conn, survivor)
    moved = {"identifiers": identifiers, "older": older, "orders": orders}
    conn.execute(
        t.merge.insert().values(
            survivor_id=survivor, non_survivor_id=non_survivor, at=at, message_id=message_id,
            correction_id=correction_id, moved=moved,
        )
    )  # fmt: skip
    changed(conn, "orders", "worklist", "studies")


def unmerge(conn: Connection, survivor: int, non_survivor: int, *, at: datetime) -> tuple[int, ...]:
    """Undo the latest standing merge of these two; returns the orders that went back."""
    m = t.merge.c
    query = t.merge.select().where(m.survivor_id == survivor, m.non_survivor_id == non_survivor, m.undone_at.is_(None))
    row = conn.execute(query.order_by(m.id.desc()).limit(1)).first()
    if row is None:
        return ()
    move_identifiers(conn, row.moved["identifiers"], non_survivor, retired=False)
    move_identifiers(conn, row.moved["older"], non_survivor, retired=True)
    o = t.imaging_order.c
    orders = row.moved["orders"]
    conn.execute(t.imaging_order.update().where(o.id.in_(orders)).values(person_id=non_survivor, version=o.version + 1))
    update(conn, non_survivor, merged_into=0)
    update(conn, survivor)
    conn.execute(t.merge.update().where(m.id == row.id).values(undone_at=at))
    changed(conn, "orders", "worklist", "studies")
    return tuple(orders)


def move_identifiers(conn: Connection, ids: Sequence[int], person_id: int, *, retired: bool) -> None:
    if ids:
        values = {"person_id": person_id, "retired": retired}
        conn.execute(t.identifier.update().where(t.identifier.c.id.in_(ids)).values(**values))


def normals(conn: Connection, person_id: int) -> tuple[str, ...]:
    """The normal forms of all identifiers that lead to a person: what studies are found by."""
    query = sa.select(t.identifier.c.normal).where(t.identifier.c.person_id == person_id)
    return tuple(conn.execute(query).scalars())
