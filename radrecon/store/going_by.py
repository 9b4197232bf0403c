"""By which number a person goes once others have gone to somebody else: one in use that leads to them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from radrecon.model.patient import PatientId
from radrecon.store import identifiers, persons
from radrecon.store import tables as t
from radrecon.store.database import Connection
from radrecon.store.identifiers import Held

UNMERGE = "unmerge"  # in the history of identities


def settle(conn: Connection, person_id: int, at: datetime) -> None:
    """Whose first number is gone or out of use goes by another of theirs, which is in use from now on."""
    person, held = persons.load_one(conn, person_id), identifiers.of_person(conn, person_id)
    if person is None or not held:
        return
    own = person.demographics.patient_id
    chosen = _likeliest(held, own, _lent(conn, person_id))
    identifiers.reinstate(conn, [chosen.id] if chosen.retired else [])
    if chosen.patient_id != own:
        identity = replace(person.demographics, patient_id=chosen.patient_id, other_ids=())
        persons.change_identity(conn, person, identity, event=UNMERGE, at=at)


def _likeliest(held: Collection[Held], own: PatientId, lent: Collection[int]) -> Held:
    """The first number if it is in use; else one that came with nobody, in use, of the same authority."""

    def rank(one: Held) -> tuple[bool, ...]:
        is_own = one.patient_id == own
        return one.retired or not is_own, one.id in lent, one.retired, not is_own, one.patient_id.issuer != own.issuer

    return min(held, key=rank)


def _lent(conn: Connection, person_id: int) -> set[int]:
    """Identifiers that standing merges have brought."""
    m = t.merge.c
    merged = conn.execute(sa.select(m.moved).where(m.survivor_id == person_id, m.undone_at.is_(None)))
    return {one for moved in merged.scalars() for one in (*moved["identifiers"], *moved["older"])}
