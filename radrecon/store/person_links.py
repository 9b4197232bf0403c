"""Links between persons (HL7 A24, A37), with their history. Two linked persons stay two: a link is no identity."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection, changed, insert
from radrecon.store.kept import KEPT, once
from radrecon.store.statement import Among, Statement

_l = t.person_link.c


def standing(conn: Connection, one: int, other: int) -> int:
    """The link of these two, 0 if there is none."""
    query = sa.select(_l.id).where(_between(one, other), _l.ended_at.is_(None))
    return int(conn.execute(query.limit(1)).scalar() or 0)


def _between(one: int, other: int) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.and_(_l.person_id == one, _l.other_id == other), sa.and_(_l.person_id == other, _l.other_id == one)
    )


def last_end(conn: Connection, one: int, other: int) -> datetime | None:
    """When these two were last unlinked, by the sender's clock."""
    found: datetime | None = conn.execute(
        sa.select(_l.ended_at).where(_between(one, other), _l.ended_at.is_not(None)).order_by(_l.ended_at.desc())
    ).scalar()
    return found


def confirm(conn: Connection, link_id: int, *, sent: datetime) -> None:
    """Said again: an unlink that was written in between, and comes late, does not end it."""
    if begun(conn, link_id) < sent:
        conn.execute(t.person_link.update().where(_l.id == link_id).values(at=sent))


def begun(conn: Connection, link_id: int) -> datetime:
    found: datetime = conn.execute(sa.select(_l.at).where(_l.id == link_id)).scalar_one()
    return found


def link(conn: Connection, one: int, other: int, *, sent: datetime, message_id: int = 0) -> int:
    changed(conn, "patients")
    return insert(conn, t.person_link, person_id=one, other_id=other, at=sent, message_id=message_id)


def unlink(conn: Connection, one: int, other: int, *, sent: datetime, message_id: int = 0) -> None:
    """End the link; one that was never heard of is noted as ended, so that its late beginning changes nothing."""
    if not standing(conn, one, other):
        link(conn, one, other, sent=sent, message_id=message_id)
    values = {"ended_at": sent, "end_message_id": message_id}
    conn.execute(t.person_link.update().where(_between(one, other), _l.ended_at.is_(None)).values(**values))
    changed(conn, "patients")


def linked(conn: Connection, person_ids: Iterable[int]) -> frozenset[int]:
    """Everybody linked with one of these, over any number of links; they themselves left out."""
    start = frozenset(person_ids) - {0}
    if not once(conn, "person_links.standing", lambda: KEPT not in conn.__dict__ or _ANY.first(conn) is not None):
        return frozenset()
    found, edge = set(start), start
    while edge and (near := _neighbours(conn, edge) - found):
        found |= near
        edge = frozenset(near)
    return frozenset(found - start)


_ANY = Statement(sa.select(_l.id).where(_l.ended_at.is_(None)).limit(1))


def with_links(conn: Connection, person_ids: Collection[int]) -> frozenset[int]:
    """Those of these persons who are linked with anybody."""
    return frozenset(row[0] for row in (*_ONE.all(conn, person_ids), *_OTHER.all(conn, person_ids)))


_ONE = Among(sa.select(_l.person_id).where(_l.ended_at.is_(None)), _l.person_id)
_OTHER = Among(sa.select(_l.other_id).where(_l.ended_at.is_(None)), _l.other_id)


def _neighbours(conn: Connection, ids: Iterable[int]) -> frozenset[int]:
    return frozenset(int(row[0]) for one in ids for row in _NEAR.all(conn, one=one))


_NEAR = Statement(
    sa.union(
        sa.select(_l.other_id).where(_l.person_id == sa.bindparam("one"), _l.ended_at.is_(None)),
        sa.select(_l.person_id).where(_l.other_id == sa.bindparam("one"), _l.ended_at.is_(None)),
    )
)
