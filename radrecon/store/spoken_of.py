"""Under which numbers messages have spoken of a person, and when: what a merge brought was the loser's until then."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection

ALWAYS = sys.maxsize
HEARD = "heard"  # in `merge.moved`: the last message that was here when they were merged
_i, _m = t.identifier.c, t.merge.c


@dataclass(frozen=True)
class Named:
    """One number of a person, in messages after `since` and up to `until` (their ids)."""

    value: str
    normal: str
    since: int = 0
    until: int = ALWAYS


def normals_at(numbers: Iterable[Named], message_id: int) -> frozenset[str]:
    """The person's numbers when a message came."""
    return frozenset(one.normal for one in numbers if one.since < message_id <= one.until)


def numbers(conn: Connection, ids: Collection[int]) -> dict[int, tuple[Named, ...]]:
    """Those that lead to each person, and of one who was merged away those that did."""
    span = _spans(conn, ids)
    lost = sorted({number for _, number in span.until})
    found: dict[int, list[Named]] = {one: [] for one in ids}
    query = sa.select(_i.id, _i.person_id, _i.value, _i.normal).order_by(_i.id)
    for row in conn.execute(query.where(sa.or_(_i.person_id.in_(ids), _i.id.in_(lost)))):
        for one in {row.person_id, *span.former.get(row.id, ())} & found.keys():
            found[one].append(Named(row.value, row.normal, *span.of(one, row.id)))
    return {one: tuple(several) for one, several in found.items()}


@dataclass(frozen=True)
class _Spans:
    """By person and identifier."""

    since: dict[tuple[int, int], int] = field(default_factory=dict)
    until: dict[tuple[int, int], int] = field(default_factory=dict)
    former: dict[int, list[int]] = field(default_factory=dict)

    def of(self, person_id: int, identifier_id: int) -> tuple[int, int]:
        key = (person_id, identifier_id)
        return self.since.get(key, 0), self.until.get(key, ALWAYS)


def _spans(conn: Connection, ids: Collection[int]) -> _Spans:
    found = _Spans()
    named = sa.or_(_m.survivor_id.in_(ids), _m.non_survivor_id.in_(ids))
    for row in conn.execute(t.merge.select().where(named, _m.undone_at.is_(None)).order_by(_m.id)):
        for one in (*row.moved["identifiers"], *row.moved["older"]):
            found.since[row.survivor_id, one] = row.moved.get(HEARD, row.message_id)
            found.until[row.non_survivor_id, one] = row.moved.get(HEARD, row.message_id)
            found.former.setdefault(one, []).append(row.non_survivor_id)
    return found
