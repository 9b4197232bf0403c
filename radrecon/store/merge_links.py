"""Links of persons who are merged (HL7 A24 before an A40): they follow the survivor, and come back with an unmerge.

What a merge did to a link stands in `merge.moved` as (link, side, ended): the side that was the non-survivor's is the
survivor's, or the link ended because both sides were one person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection

Moved = Sequence[Any]
_l, _m = t.person_link.c, t.merge.c
_FAR = {"person_id": "other_id", "other_id": "person_id"}


def hand_over(conn: Connection, survivor: int, non_survivor: int, at: datetime) -> list[Moved]:
    """Links of the non-survivor are the survivor's; one between the two has nothing left to say."""
    moved: list[Moved] = []
    for side, far in _FAR.items():
        query = sa.select(_l.id, _l[far].label("far")).where(_l[side] == non_survivor, _l.ended_at.is_(None))
        for row in conn.execute(query).all():
            _change(conn, row.id, **({"ended_at": at} if row.far == survivor else {side: survivor}))
            moved.append([row.id, side, row.far == survivor])
    return moved


def give_back(conn: Connection, links: Iterable[Moved], holder: int, non_survivor: int) -> list[Moved]:
    """What a merge took is the non-survivor's again, unless it has gone elsewhere since; returns what came back.

    `holder` stands at the end of the survivor's chain; the non-survivor stands by themselves already.
    """
    return [one for one in links if _is_given_back(conn, one, holder, non_survivor)]


def _is_given_back(conn: Connection, moved: Moved, holder: int, non_survivor: int) -> bool:
    link_id, side, ended = moved
    link = conn.execute(t.person_link.select().where(_l.id == link_id)).one()
    if link._mapping[side] != (non_survivor if ended else holder):
        return False
    _change(conn, link_id, **{side: non_survivor})
    far = link._mapping[_FAR[side]]
    if ended or _ended_by_the_merge_of(conn, far, [link_id, _FAR[side], True]):
        _reopen(conn, link_id, _FAR[side], far)
    return True


def _ended_by_the_merge_of(conn: Connection, person_id: int, moved: Moved) -> bool:
    return any(moved in merge.moved.get("links", []) for merge in chain(conn, person_id)[:1])


def _reopen(conn: Connection, link_id: int, side: str, person_id: int) -> None:
    """Two persons again: it stands, on this side with whoever this one was merged into, and comes back from them."""
    above = chain(conn, person_id)
    _change(conn, link_id, ended_at=None, **{side: above[-1].survivor_id if above else person_id})
    for merge in above:
        others = [one for one in merge.moved.get("links", []) if one[:2] != [link_id, side]]
        moved = merge.moved | {"links": [*others, [link_id, side, False]]}
        conn.execute(t.merge.update().where(_m.id == merge.id).values(moved=moved))


def chain(conn: Connection, person_id: int) -> list[Any]:
    """The standing merges from this person on to whoever stands at the end."""
    found: list[Any] = []
    query = t.merge.select().where(_m.undone_at.is_(None)).order_by(_m.id.desc()).limit(1)
    while (row := conn.execute(query.where(_m.non_survivor_id == person_id)).first()) and row not in found:
        found.append(row)
        person_id = row.survivor_id
    return found


def _change(conn: Connection, link_id: int, **values: Any) -> None:
    conn.execute(t.person_link.update().where(_l.id == link_id).values(**values))
