"""Who is confidential because somebody is who was merged into them.

The mark stays with the record of whom it was said of, and a merge lends it to the survivor: so an unmerge gives both
back what was theirs, in the middle of a chain too. What is said of the survivor after the merge ends the loan.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection
from radrecon.store.spoken_of import HEARD

ENDED = "said_open"  # in `merge.moved`: the survivor has been said to be no secret since
_m = t.merge.c


def by_merges(conn: Connection, ids: Collection[int]) -> frozenset[int]:
    """Those of these persons who have the mark from a non-survivor, over any number of merges."""
    whose = {one: {one} for one in ids}
    edge = set(whose)
    while edge:
        edge = _spread(conn, whose, edge)
    return frozenset(one for lost in _marked(conn, set(whose) - set(ids)) for one in whose[lost]) & frozenset(ids)


def _spread(conn: Connection, whose: dict[int, set[int]], edge: Collection[int]) -> set[int]:
    """The non-survivors of these, each with whose mark theirs would be; returns whom there is more of to be said."""
    query = sa.select(_m.survivor_id, _m.non_survivor_id, _m.moved)
    found: set[int] = set()
    for row in conn.execute(query.where(_m.survivor_id.in_(sorted(edge)), _m.undone_at.is_(None))):
        known = whose.setdefault(row.non_survivor_id, set())
        if not row.moved.get(ENDED) and not whose[row.survivor_id] <= known:
            known |= whose[row.survivor_id]
            found.add(row.non_survivor_id)
    return found


def _marked(conn: Connection, ids: Collection[int]) -> list[int]:
    p = t.person_particulars.c
    query = sa.select(p.person_id).where(p.person_id.in_(sorted(ids)), p.confidential.is_(True))
    return list(conn.execute(query).scalars()) if ids else []


def said_open(conn: Connection, said: Mapping[int, int]) -> None:
    """Person → the message that says they are no secret: that ends what earlier merges have lent them."""
    query = sa.select(_m.id, _m.survivor_id, _m.moved, _m.message_id)
    merged = query.where(_m.survivor_id.in_(sorted(said)), _m.undone_at.is_(None))
    for row in conn.execute(merged).all() if said else ():
        if row.moved.get(HEARD, row.message_id) < said[row.survivor_id]:
            conn.execute(t.merge.update().where(_m.id == row.id).values(moved=row.moved | {ENDED: True}))
