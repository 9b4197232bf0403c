"""Persons compared with persons: keys, who is to be compared, what the last look found, which pairs have had a case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection
from radrecon.store.statement import Statement

_d, _k, _p, _l = t.duplicate_due.c, t.duplicate_key.c, t.duplicate_pair.c, t.duplicate_look.c


@dataclass(frozen=True)
class Due:
    """A person who is to be compared, and since when; noted again meanwhile, they stay due.

    `changed`: for their own sake, and not because somebody asked for a look at a pair of theirs.
    """

    person_id: int
    noted_at: datetime
    changed: bool = True


@dataclass(frozen=True)
class Look:
    """What the last comparison of one person took in; `cut_off` is what it left out, in words."""

    at: datetime
    compared: int
    cut_off: str


# -- who is to be compared --------------------------------------------------------------------------------------------


def note(conn: Connection, person_ids: Iterable[int], at: datetime, *, changed: bool = True) -> None:
    """These persons are compared when nothing else is to be done: they are new or changed, or somebody asks for it."""
    _NOTE.many(conn, [{"one": one, "at": at, "changed": int(changed)} for one in sorted(set(person_ids) - {0})])


_NOTE = Statement(
    sa.text(
        "INSERT INTO duplicate_due (person_id, noted_at, changed) VALUES (:one, :at, :changed) "
        "ON CONFLICT (person_id) DO UPDATE SET noted_at = excluded.noted_at, "
        "changed = CASE WHEN excluded.changed = 1 THEN 1 ELSE duplicate_due.changed END"
    ).bindparams(sa.bindparam("one"), sa.bindparam("at", type_=t.Instant()), sa.bindparam("changed"))
)


def due(conn: Connection, limit: int) -> list[Due]:
    query = sa.select(_d.person_id, _d.noted_at, _d.changed).order_by(_d.noted_at, _d.person_id).limit(limit)
    return [Due(row.person_id, row.noted_at, bool(row.changed)) for row in conn.execute(query)]


def waiting(conn: Connection) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(t.duplicate_due)).scalar_one())


def done(conn: Connection, one: Due, look: Look | None) -> None:
    """Compared, unless it was noted again meanwhile; without a look it could not be."""
    _DONE.run(conn, one=one.person_id, noted=one.noted_at)
    _NO_LOOK.run(conn, one=one.person_id)
    if look:
        _LOOK.run(conn, one=one.person_id, at=look.at, compared=look.compared, cut_off=look.cut_off)


_ONE = sa.bindparam("one", type_=sa.BigInteger)
_AT, _NOTED = sa.bindparam("at", type_=t.Instant()), sa.bindparam("noted", type_=t.Instant())
_DONE = Statement(t.duplicate_due.delete().where(_d.person_id == _ONE, _d.noted_at == _NOTED))
_NO_LOOK = Statement(t.duplicate_look.delete().where(_l.person_id == _ONE))
_LOOK = Statement(
    t.duplicate_look.insert().values(
        person_id=_ONE, at=_AT, compared=sa.bindparam("compared"), cut_off=sa.bindparam("cut_off")
    )
)


def look_at(conn: Connection, person_id: int) -> Look | None:
    row = conn.execute(t.duplicate_look.select().where(_l.person_id == person_id)).first()
    return Look(row.at, row.compared, row.cut_off) if row else None


# -- keys -------------------------------------------------------------------------------------------------------------


def keys_of(conn: Connection, person_ids: Collection[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {one: set() for one in person_ids}
    for row in conn.execute(sa.select(_k.person_id, _k.key).where(_k.person_id.in_(sorted(found)))):
        found[row.person_id].add(row.key)
    return {one: frozenset(keys) for one, keys in found.items()}


def replace_keys(conn: Connection, new: Mapping[int, Iterable[int]]) -> None:
    """What these persons are found by from now on; rows go in in the order of their keys."""
    old = keys_of(conn, list(new))
    gone = sorted((key, one) for one, keys in new.items() for key in old[one] - set(keys))
    added = sorted((key, one) for one, keys in new.items() for key in set(keys) - old[one])
    _DROP.many(conn, [{"wanted": key, "one": one} for key, one in gone])
    _ADD.many(conn, [{"key": key, "one": one} for key, one in added])


_DROP = Statement(t.duplicate_key.delete().where(_k.key == sa.bindparam("wanted"), _k.person_id == sa.bindparam("one")))
_ADD = Statement(t.duplicate_key.insert().values(key=sa.bindparam("key"), person_id=sa.bindparam("one")))


def holders(conn: Connection, keys: Collection[int], most: int) -> tuple[dict[int, list[int]], frozenset[int]]:
    """Key → persons who have it; and the keys that more than `most` share, which find nobody."""
    found: dict[int, list[int]] = defaultdict(list)
    for key in keys:
        found[key] = [row[0] for row in _HOLDERS.all(conn, wanted=key, most=most + 1)]
    common = frozenset(key for key, several in found.items() if len(several) > most)
    return {key: several for key, several in found.items() if key not in common}, common


_HOLDERS = Statement(
    sa.select(_k.person_id)
    .where(_k.key == sa.bindparam("wanted"))
    .order_by(_k.person_id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


def count(conn: Connection, key: int, most: int) -> int:
    """How many persons have a key, counted up to `most`."""
    row = _COUNT.first(conn, wanted=key, most=most)
    return int(row[0]) if row else 0


_SOME = sa.select(_k.person_id).where(_k.key == sa.bindparam("wanted")).limit(sa.bindparam("most", type_=sa.Integer))
_COUNT = Statement(sa.select(sa.func.count()).select_from(_SOME.subquery()))


# -- pairs ------------------------------------------------------------------------------------------------------------


def add_pair(conn: Connection, one: int, other: int) -> None:
    """A pair that has a case, so that it is looked at again whatever changes."""
    low, high = min(one, other), max(one, other)
    known = sa.select(_p.person_id).where(_p.person_id == low, _p.other_id == high)
    if conn.execute(known).first() is None:
        conn.execute(t.duplicate_pair.insert().values(person_id=low, other_id=high))


def pairs_of(conn: Connection, person_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Pairs that one of these is of, the smaller id first."""
    rows = [row for one in person_ids for side in (_AS_FIRST, _AS_OTHER) for row in side.all(conn, one=one)]
    return sorted({(int(row[0]), int(row[1])) for row in rows})


_PAIR = sa.select(_p.person_id, _p.other_id)
_AS_FIRST = Statement(_PAIR.where(_p.person_id == _ONE))
_AS_OTHER = Statement(_PAIR.where(_p.other_id == _ONE))
