"""Persons as they are compared with each other: former identities, particulars, numbers in use, how they are used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from radrecon.model.duplicate import Particulars, PersonRecord, Usage
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.visit import VISIT
from radrecon.store import confidential, person_links, persons
from radrecon.store import tables as t
from radrecon.store.codec import dump, load
from radrecon.store.database import Connection
from radrecon.store.message_keys import folded
from radrecon.store.spoken_of import Named
from radrecon.store.statement import Statement

FORMER_MOST = 8  # identity blocks of one person's history
ADMITTED = "admitted"
_h, _i, _o, _v, _m = t.person_history.c, t.identifier.c, t.imaging_order.c, t.visit.c, t.message.c


@dataclass(frozen=True)
class Told:
    """What messages told of a person, up to one of them; `opened_by` is the one that said just now: no secret."""

    message_id: int = 0
    particulars: Particulars = Particulars()
    confidential: bool = False
    opened_by: int = 0


def records(conn: Connection, ids: Collection[int]) -> dict[int, PersonRecord]:
    """Without usage and links, which only few pairs need."""
    people = persons.load_many(conn, ids)
    wanted = sorted(people)
    former, in_use, told = former_of(conn, wanted), _in_use(conn, wanted), told_of(conn, wanted)
    lent = confidential.by_merges(conn, wanted)
    return {
        one: PersonRecord(
            person, former.get(one, ()), in_use.get(one, ()), told.get(one, Told()).particulars,
            Usage(confidential=told.get(one, Told()).confidential or one in lent),
        )
        for one, person in people.items()
    }  # fmt: skip


def with_usage(conn: Connection, found: Sequence[PersonRecord]) -> list[PersonRecord]:
    """The same with how they are used, and whom they are linked with."""
    used = usage_of(conn, [record.person.id for record in found])
    return [
        replace(
            record,
            usage=_confidentially(used[record.person.id], record.usage),
            linked=person_links.linked(conn, [record.person.id]),
        )
        for record in found
    ]


def _confidentially(usage: Usage, known: Usage) -> Usage:
    return replace(usage, confidential=usage.confidential or known.confidential)


def former_of(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[Demographics, ...]]:
    """The latest first."""
    found: dict[int, list[Demographics]] = defaultdict(list)
    query = sa.select(_h.person_id, _h.prior).where(_h.person_id.in_(ids)).order_by(_h.id.desc())
    for row in conn.execute(query) if ids else ():
        if len(found[row.person_id]) < FORMER_MOST:
            found[row.person_id].append(load(Demographics, row.prior))
    return {one: tuple(blocks) for one, blocks in found.items()}


def _in_use(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[PatientId, ...]]:
    found: dict[int, list[PatientId]] = defaultdict(list)
    query = sa.select(_i.person_id, _i.value, _i.issuer).where(_i.person_id.in_(ids), _i.retired.is_(False))
    for row in conn.execute(query.order_by(_i.id)) if ids else ():
        found[row.person_id].append(PatientId(row.value, row.issuer))
    return {one: tuple(numbers) for one, numbers in found.items()}


def usage_of(conn: Connection, ids: Collection[int]) -> dict[int, Usage]:
    """How many orders and studies each has, from when to when orders and visits were, and which visits go on."""
    wanted = sorted(ids)
    ordered, visited = (
        _spans(conn, _o.person_id, _o.received_at, wanted),
        _spans(conn, _v.person_id, _v.updated_at, wanted),
    )
    studied = _spans(conn, t.study.c.person_id, t.study.c.id, wanted)
    admitted, secret = _admitted(conn, wanted), _in_confidence(conn, wanted)
    return {
        one: Usage(
            orders=ordered[one][0],
            studies=studied[one][0],
            first=min((span[1] for span in (ordered[one], visited[one]) if span[1]), default=None),
            last=max((span[2] for span in (ordered[one], visited[one]) if span[2]), default=None),
            admitted=tuple(sorted(admitted[one])),
            confidential=one in secret,
        )
        for one in wanted
    }


def _spans(
    conn: Connection, person: sa.ColumnElement[int], column: sa.ColumnElement[Any], ids: Sequence[int]
) -> dict[int, tuple[int, Any, Any]]:
    """Number, least and greatest of each person's rows."""
    query = sa.select(person, sa.func.count(), sa.func.min(column), sa.func.max(column))
    rows = conn.execute(query.where(person.in_(ids)).group_by(person)) if ids else ()
    return dict.fromkeys(ids, (0, None, None)) | {row[0]: (row[1], row[2], row[3]) for row in rows}


def _admitted(conn: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {one: [] for one in ids}
    query = sa.select(_v.person_id, _v.number).where(
        _v.person_id.in_(ids), _v.state == ADMITTED, _v.kind == VISIT, _v.merged_into == 0
    )
    for row in conn.execute(query) if ids else ():
        found[row.person_id].append(row.number)
    return found


def _in_confidence(conn: Connection, ids: Sequence[int]) -> frozenset[int]:
    """Persons of whom an order names a confidential visit."""
    secret = _o.data["visit"]["confidential"].as_boolean().is_(True)
    query = sa.select(_o.person_id).where(_o.person_id.in_(ids), secret).distinct()
    return frozenset(conn.execute(query).scalars()) if ids else frozenset()


# -- what messages told -----------------------------------------------------------------------------------------------


def told_of(conn: Connection, ids: Sequence[int]) -> dict[int, Told]:
    p = t.person_particulars.c
    rows = conn.execute(t.person_particulars.select().where(p.person_id.in_(ids))) if ids else ()
    return {row.person_id: Told(row.message_id, load(Particulars, row.data), row.confidential) for row in rows}


def save_told(conn: Connection, found: Mapping[int, Told]) -> None:
    if found:
        conn.execute(t.person_particulars.delete().where(t.person_particulars.c.person_id.in_(sorted(found))))
        conn.execute(
            t.person_particulars.insert(),
            [
                {"person_id": one, "message_id": told.message_id, "data": dump(told.particulars),
                 "confidential": told.confidential}
                for one, told in found.items()
            ],
        )  # fmt: skip
        confidential.said_open(conn, {one: told.opened_by for one, told in found.items() if told.opened_by})


_DESCRIBING = [t.message.c.message_type.like(f"{kind}%") for kind in ("ADT^", "ORM^", "OMI^", "OMG^")]


def messages_about(
    conn: Connection, after: Mapping[int, int], most: int, numbers: Mapping[int, Sequence[Named]]
) -> dict[int, list[tuple[int, bytes]]]:
    """Person → the latest messages about them (ADT, orders), newest first: id, text as it came. Those that made or
    changed them are read however many have come since.

    `after`: person → the last message that was read for them; `numbers`: what they were named by. New keys that are not
    sorted in yet are not searched for: the message that made or changed the person is known.
    """
    made, named = _made(conn, sorted(after)), _naming(conn, after, most, numbers)
    wanted = {one: _latest(made[one], start, most) | _latest(named[one], start, most) for one, start in after.items()}
    every = sorted({each for several in wanted.values() for each in several})
    query = sa.select(_m.id, _m.raw).where(
        _m.id.in_(every), _m.direction == "in", _m.state == "applied", sa.or_(*_DESCRIBING)
    )
    raw = {row.id: bytes(row.raw) for row in conn.execute(query)} if every else {}
    return {
        one: [(each, raw[each]) for each in sorted(several, reverse=True) if each in raw]
        for one, several in wanted.items()
    }


def _latest(several: Collection[int], after: int, most: int) -> set[int]:
    return set(sorted((one for one in several if one > after), reverse=True)[:most])


def _made(conn: Connection, ids: Sequence[int]) -> dict[int, set[int]]:
    """Messages that made or changed a person."""
    found: dict[int, set[int]] = {one: set() for one in ids}
    made = sa.select(t.person.c.id, t.person.c.message_id).where(t.person.c.id.in_(ids))
    changed = sa.select(_h.person_id, _h.message_id).where(_h.person_id.in_(ids))
    for one, message_id in (*conn.execute(made), *conn.execute(changed)):
        found[one].add(message_id)
    return found


def _naming(
    conn: Connection, after: Mapping[int, int], most: int, numbers: Mapping[int, Sequence[Named]]
) -> dict[int, set[int]]:
    """The latest that name one of a person's numbers while it was theirs."""
    found: dict[int, set[int]] = {one: set() for one in after}
    for one, read in after.items():
        for each in numbers[one]:
            span = {"after": max(read, each.since), "until": each.until, "most": most}
            for text in {folded(each.value), folded(each.normal)}:
                found[one].update(row[0] for row in _NAMED.all(conn, spelled=text, **span))
    return found


_k = t.message_key.c
_NAMED = Statement(
    sa.select(_k.message_id)
    .where(_k.kind == "patient_id", _k.value == sa.bindparam("spelled"))
    .where(_k.message_id > sa.bindparam("after"), _k.message_id <= sa.bindparam("until", type_=sa.BigInteger))
    .order_by(_k.message_id.desc())
    .limit(sa.bindparam("most", type_=sa.Integer))
)
