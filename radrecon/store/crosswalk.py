"""The crosswalk: legacy patient numbers and what they are now. Numbers mean each other only with their authorities.

A number without its authority may be anybody's, so it leads nowhere here; leading zeros are how systems write, and are
looked past where that leaves no doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from radrecon.model.crosswalk import CrosswalkEntry
from radrecon.model.errors import NotFound
from radrecon.model.patient import PatientId
from radrecon.model.rows import CrosswalkRow
from radrecon.store import message_keys
from radrecon.store import tables as t
from radrecon.store.codec import iso, normal
from radrecon.store.database import Connection, changed
from radrecon.store.statement import Insert, Statement

STEPS = 8  # of a chain of numbers, each of which followed another

_c, _i = t.crosswalk.c, t.identifier.c
_COLUMNS = ("value", "issuer", "normal", "target_value", "target_issuer", "target_normal", "source", "at")
_ADD = Insert(t.crosswalk, *_COLUMNS)
_BESIDE = Statement(
    sa.select(_c.value, _c.issuer, _c.target_value, _c.target_issuer)
    .where(sa.or_(_c.normal == sa.bindparam("looked_up"), _c.target_normal == sa.bindparam("looked_up")))
    .order_by(_c.id)
)


def partners(conn: Connection, identifiers: Iterable[PatientId]) -> list[PatientId]:
    """All other numbers of the person who has these, by the crosswalk, chains included. One statement per number."""
    known = dict.fromkeys(one for one in identifiers if one.value)
    fresh, given = list(known), len(known)
    for _ in range(STEPS):
        fresh = list(dict.fromkeys(other for one in fresh for other in _beside(conn, one) if other not in known))
        if not fresh:
            break
        known |= dict.fromkeys(fresh)
    return list(known)[given:]


def _beside(conn: Connection, identifier: PatientId) -> list[PatientId]:
    rows = _BESIDE.all(conn, looked_up=normal(identifier.value))
    pairs = [(PatientId(value, issuer), PatientId(target, authority)) for value, issuer, target, authority in rows]
    ends = [end for pair in pairs for end in (pair, pair[::-1]) if _means(end[0], identifier)]
    exact = [other for own, other in ends if own == identifier]
    if exact or len({own for own, _ in ends}) < 2:
        return exact or [other for _, other in ends]
    return []  # several numbers that differ by their zeros


def _means(one: PatientId, wanted: PatientId) -> bool:
    return one.issuer == wanted.issuer and normal(one.value) == normal(wanted.value)


# -- entries ----------------------------------------------------------------------------------------------------------


def known(conn: Connection, legacy: Sequence[PatientId]) -> dict[PatientId, PatientId]:
    """What these legacy numbers lead to already."""
    wanted = set(legacy)
    query = sa.select(_c.value, _c.issuer, _c.target_value, _c.target_issuer).where(
        _c.normal.in_({normal(one.value) for one in wanted})
    )
    found = {PatientId(row[0], row[1]): PatientId(row[2], row[3]) for row in conn.execute(query)}
    return {one: found[one] for one in wanted if one in found}


def add(conn: Connection, entries: Iterable[CrosswalkEntry], *, source: str, at: datetime) -> None:
    _ADD.many(conn, [_values(entry) | {"source": source, "at": at} for entry in entries])
    changed(conn, "patients")


def _values(entry: CrosswalkEntry) -> dict[str, Any]:
    return {
        "value": entry.legacy.value,
        "issuer": entry.legacy.issuer,
        "normal": normal(entry.legacy.value),
        "target_value": entry.present.value,
        "target_issuer": entry.present.issuer,
        "target_normal": normal(entry.present.value),
    }


def load_one(conn: Connection, entry_id: int) -> CrosswalkEntry:
    row = conn.execute(t.crosswalk.select().where(_c.id == entry_id)).first()
    if row is None:
        raise NotFound(f"the crosswalk has no entry {entry_id}")
    return CrosswalkEntry(PatientId(row.value, row.issuer), PatientId(row.target_value, row.target_issuer))


def remove(conn: Connection, entry_id: int) -> None:
    conn.execute(t.crosswalk.delete().where(_c.id == entry_id))
    changed(conn, "patients")


# -- persons ----------------------------------------------------------------------------------------------------------


class Holder(NamedTuple):
    """Whom a number leads to, by value and authority exactly."""

    identifier_id: int
    person_id: int


def holders(conn: Connection, identifiers: Iterable[PatientId]) -> dict[PatientId, Holder]:
    """The persons who have these numbers."""
    wanted = set(identifiers)
    query = sa.select(_i.id, _i.person_id, _i.value, _i.issuer).where(_i.value.in_({one.value for one in wanted}))
    query = query.where(_i.normal.in_({normal(one.value) for one in wanted}))  # the column that has an index
    found = {PatientId(row.value, row.issuer): Holder(row.id, row.person_id) for row in conn.execute(query)}
    return {one: found[one] for one in wanted if one in found}


def withdraw(conn: Connection, identifier_id: int) -> None:
    """A number leads to its person no more: only for what came from the crosswalk and was never heard."""
    conn.execute(t.identifier.delete().where(_i.id == identifier_id))
    changed(conn, "patients")


def was_heard(conn: Connection, value: str) -> bool:
    """Whether any message of the journal names this number."""
    query = sa.select(message_keys.named("patient_id", [value]).c.message_id).limit(1)
    return conn.execute(query).first() is not None


# -- list -------------------------------------------------------------------------------------------------------------


def rows(conn: Connection, *, query: str = "", limit: int = 200) -> list[CrosswalkRow]:
    """The latest first; `query` is a number, legacy or present, as anybody writes it."""
    wanted = t.crosswalk.select()
    if query:
        wanted = wanted.where(sa.or_(_c.normal == normal(query), _c.target_normal == normal(query)))
    found = conn.execute(wanted.order_by(_c.id.desc()).limit(limit)).all()
    people = _people(conn, found)
    return [_row(row, people) for row in found]


def _people(conn: Connection, found: Sequence[Any]) -> dict[PatientId, Holder]:
    numbers = [one for row in found for one in _ends(row)]
    people: dict[PatientId, Holder] = {}
    for start in range(0, len(numbers), 1000):
        people |= holders(conn, numbers[start : start + 1000])
    return people


def _ends(row: Any) -> Iterator[PatientId]:
    yield PatientId(row.value, row.issuer)
    yield PatientId(row.target_value, row.target_issuer)


def _row(row: Any, people: dict[PatientId, Holder]) -> CrosswalkRow:
    has = [people[one].person_id for one in _ends(row) if one in people]
    return CrosswalkRow(
        id=row.id,
        legacy_patient_id=row.value,
        legacy_issuer_of_patient_id=row.issuer,
        patient_id=row.target_value,
        issuer_of_patient_id=row.target_issuer,
        state=("not heard", "open", "joined")[len(has)] if len(set(has)) < 2 else "conflict",
        person_ids=tuple(dict.fromkeys(has)),
        source=row.source,
        imported_at=iso(row.at),
    )
