"""Merges of persons, and the way back: what moved is kept with each merge.

Identifiers always lead to the person who stands at the end of a chain, so that a look-up is one step; a person who was
merged away keeps the identity block and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.store import going_by, identifiers, merge_links, persons
from radrecon.store import tables as t
from radrecon.store.codec import dump
from radrecon.store.database import Connection, changed
from radrecon.store.notices import RETIRED
from radrecon.store.spoken_of import HEARD

_m = t.merge.c
_FOLLOW = {
    "orders": t.imaging_order,
    "visits": t.visit,
    "notices": t.notice,
    "performed": t.performed_step,
    "appointments": t.appointment,
}
"""What follows the survivor besides identifiers and links, by its name in `merge.moved`. Of the notices only those of
retired numbers do: that the loser was said to be deleted is nobody's business any more."""


@dataclass(frozen=True)
class Standing:
    """A merge that nobody has undone. `at`: when it was done here; `sent`: when its sender said so, by their clock."""

    id: int
    survivor_id: int
    at: datetime
    sent: datetime | None


def root(conn: Connection, person_id: int) -> int:
    """Who stands at the end of the chain."""
    seen: set[int] = set()
    while person_id not in seen:
        seen.add(person_id)
        person_id = conn.execute(_MERGED_INTO, {"wanted": person_id}).scalar() or person_id
    return person_id


_MERGED_INTO = sa.select(t.person.c.merged_into).where(t.person.c.id == sa.bindparam("wanted"))


def standing(conn: Connection, non_survivor: int) -> Standing | None:
    """The merge by which a person was merged away."""
    row = conn.execute(_standing(_m.non_survivor_id == non_survivor)).first()
    if row is None:
        return None
    sent = row.moved.get("sent")
    return Standing(row.id, row.survivor_id, row.at, datetime.fromisoformat(sent) if sent else None)


def _standing(*where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return t.merge.select().where(*where, _m.undone_at.is_(None)).order_by(_m.id.desc()).limit(1)


def merge(
    conn: Connection,
    survivor: int,
    non_survivor: int,
    *,
    at: datetime,
    sent: datetime | None = None,
    named: Iterable[PatientId] = (),
    suspect: Demographics | None = None,
    message_id: int = 0,
    correction_id: int = 0,
) -> None:
    """Identifiers, orders, visits and links of the non-survivor follow the survivor.

    `named` are the identifiers that the message says are gone; those of the same authorities go with them, the ones of
    others stay in use. `suspect`: the survivor is under suspicion from now on, with this as the identity before.
    """
    moved = _move_identifiers(conn, survivor, non_survivor, sent or at, named)
    for name, table in _FOLLOW.items():
        moved[name] = _ids(conn, table, non_survivor)
        _hand_over(conn, table, moved[name], survivor)
    moved |= {"links": merge_links.hand_over(conn, survivor, non_survivor, at), "sent": (sent or at).isoformat()}
    moved[HEARD] = message_id or _last_message(conn)
    if suspect:
        moved["suspect"] = True
        persons.update(conn, survivor, quarantined=True, before_overlay=dump(suspect))
    persons.update(conn, non_survivor, merged_into=survivor)
    persons.update(conn, survivor)
    conn.execute(
        t.merge.insert().values(
            survivor_id=survivor, non_survivor_id=non_survivor, at=at, message_id=message_id,
            correction_id=correction_id, moved=moved,
        )
    )  # fmt: skip
    changed(conn, "orders", "worklist", "studies")


def _last_message(conn: Connection) -> int:
    return int(conn.execute(sa.select(sa.func.max(t.message.c.id))).scalar() or 0)


def _move_identifiers(
    conn: Connection, survivor: int, non_survivor: int, at: datetime, named: Iterable[PatientId]
) -> dict[str, Any]:
    found = identifiers.of_person(conn, non_survivor)
    person = persons.load_one(conn, non_survivor)
    gone = {*named, *((person.demographics.patient_id,) if person else ())}
    authorities = {one.issuer for one in gone} | {""}
    live = [one.id for one in found if not one.retired]
    older = [one.id for one in found if one.retired]
    identifiers.give(conn, [*live, *older], survivor)
    identifiers.retire(conn, [one.id for one in found if one.id in live and one.patient_id.issuer in authorities], at)
    return {"identifiers": live, "older": older}


def _ids(conn: Connection, table: sa.Table, person_id: int) -> list[int]:
    query = sa.select(table.c.id).where(table.c.person_id == person_id)
    if table is t.notice:
        query = query.where(t.notice.c.kind == RETIRED)
    return list(conn.execute(query.order_by(table.c.id)).scalars())


def _hand_over(conn: Connection, table: sa.Table, ids: Sequence[int], person_id: int) -> None:
    values: dict[str, Any] = {"person_id": person_id}
    if "version" in table.c:
        values["version"] = table.c.version + 1
    if ids:
        conn.execute(table.update().where(table.c.id.in_(ids)).values(**values))


def give_orders(conn: Connection, ids: Sequence[int], person_id: int) -> None:
    """Orders are another person's from now on."""
    _hand_over(conn, t.imaging_order, ids, person_id)
    changed(conn, "orders", "worklist")


def unmerge(conn: Connection, survivor: int, non_survivor: int, *, at: datetime) -> tuple[int, ...]:
    """Undo the latest standing merge of these two; returns the orders that went back.

    What has gone elsewhere since (the survivor's own later merge is undone first, or never) is left where it is. Each
    of the two goes by a number that leads to them: ask `why_not_apart` before.
    """
    row = conn.execute(_standing(_m.survivor_id == survivor, _m.non_survivor_id == non_survivor)).first()
    if row is None:
        return ()
    holder, moved = root(conn, survivor), row.moved
    live = _still_with(conn, t.identifier, moved["identifiers"], holder)
    back = [*live, *_still_with(conn, t.identifier, moved["older"], holder)]
    identifiers.give(conn, back, non_survivor)
    identifiers.reinstate(conn, live)
    given = {name: _still_with(conn, table, moved.get(name, []), holder) for name, table in _FOLLOW.items()}
    for name, table in _FOLLOW.items():
        _hand_over(conn, table, given[name], non_survivor)
    if moved.get("suspect"):
        persons.update(conn, holder, quarantined=False, before_overlay=None)
    persons.update(conn, non_survivor, merged_into=0)
    persons.update(conn, survivor)
    conn.execute(t.merge.update().where(_m.id == row.id).values(undone_at=at))
    links = merge_links.give_back(conn, moved.get("links", []), holder, non_survivor)
    _strike(conn, survivor, {"identifiers": back, "older": back, "links": links, **given})
    for one in (holder, non_survivor):
        going_by.settle(conn, one, at)
    changed(conn, "orders", "worklist", "studies", "patients")
    return tuple(given["orders"])


def _strike(conn: Connection, person_id: int, gone: Mapping[str, Sequence[Any]]) -> None:
    """What goes back was no part of the merges further up the chain: whoever undoes one of those leaves it alone."""
    for row in merge_links.chain(conn, person_id):
        kept = {name: [one for one in row.moved.get(name, []) if one not in given] for name, given in gone.items()}
        conn.execute(t.merge.update().where(_m.id == row.id).values(moved=row.moved | kept))


def why_not_apart(conn: Connection, survivor: int, non_survivor: int) -> str:
    """Why a standing merge cannot be undone; "" if it can, or is none."""
    row = conn.execute(_standing(_m.survivor_id == survivor, _m.non_survivor_id == non_survivor)).first()
    if row is None:
        return ""
    holder = root(conn, survivor)
    with_them = {one.id for one in identifiers.of_person(conn, holder)}
    theirs = with_them & {*row.moved["identifiers"], *row.moved["older"]}
    if not theirs:
        return "every number of the patient to be restored has gone to somebody else since"
    return "every other number of the survivor has gone to somebody else since" if theirs == with_them else ""


def _still_with(conn: Connection, table: sa.Table, ids: Sequence[int], person_id: int) -> list[int]:
    query = sa.select(table.c.id).where(table.c.id.in_(ids), table.c.person_id == person_id)
    return list(conn.execute(query.order_by(table.c.id)).scalars()) if ids else []


def revivable(conn: Connection, person: Person) -> bool:
    """Whether one who was merged away can stand again without leaving either of the two without a number."""
    found = standing(conn, person.id)
    return found is not None and not why_not_apart(conn, found.survivor_id, person.id)
