"""Orders as the comparison with another system's worklist needs them: when heard, and whether images are there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from radrecon.model.case import CaseKind
from radrecon.store import tables as t
from radrecon.store.cases import LIVE
from radrecon.store.codec import key_number
from radrecon.store.database import Connection
from radrecon.store.worklist import WAITING

AT_ONCE = 500
MOST = 20_000
KINDS = (CaseKind.NOT_ON_RIS_WORKLIST, CaseKind.NEVER_ORDERED, CaseKind.WORKLIST_MISMATCH)
_o, _s, _k, _c = t.imaging_order.c, t.step.c, t.order_key.c, t.case.c


def waiting(conn: Connection, stations: Collection[str], start_from: str, start_to: str) -> list[int]:
    """Orders with a waiting step on one of these stations, or on none in particular, in this time (ISO wall clock)."""
    query = (
        sa.select(_s.order_id)
        .where(_s.status.in_(WAITING), _s.start >= start_from, _s.start <= start_to)
        .where(_s.station_ae_title.in_((*stations, "")))
        .distinct()
    )
    return list(conn.execute(query.order_by(_s.order_id).limit(MOST)).scalars())


def by_keys(conn: Connection, keys: Iterable[tuple[str, str]]) -> set[int]:
    """Orders that any of these blocking keys leads to."""
    numbers, found = sorted({key_number(kind, value) for kind, value in keys}), set()
    for start in range(0, len(numbers), AT_ONCE):
        query = sa.select(_k.order_id).where(_k.key.in_(numbers[start : start + AT_ONCE])).limit(MOST)
        found |= set(conn.execute(query).scalars())
    return found


def heard(conn: Connection, order_ids: Collection[int]) -> dict[int, datetime]:
    """When each was last heard of: its latest message's arrival, else the first one's."""
    m = t.message.c
    found: dict[int, datetime] = {}
    for some in _pages(order_ids):
        query = sa.select(_o.id, _o.received_at, m.at).join_from(
            t.imaging_order, t.message, m.id == _o.message_id, isouter=True
        )
        rows = conn.execute(query.where(_o.id.in_(some)))
        found |= {row.id: max(row.received_at, row.at or row.received_at) for row in rows}
    return found


def performed(conn: Connection, order_ids: Collection[int]) -> set[int]:
    """Those whose images are at a PACS: a study is linked, or bears the order's accession number or UID."""
    s, link, found = t.study.c, t.link.c, set()
    for some in _pages(order_ids):
        linked = sa.select(link.order_id).where(link.order_id.in_(some), link.revoked_at.is_(None))
        found |= set(conn.execute(linked).scalars())
        for mine, theirs in ((_o.accession_number, s.accession_number), (_o.study_instance_uid, s.study_instance_uid)):
            same = sa.select(_o.id).join(t.study, sa.and_(mine == theirs, mine != ""))
            found |= set(conn.execute(same.where(_o.id.in_(some), ~s.gone)).scalars())
    return found


def _pages(ids: Collection[int]) -> Iterable[list[int]]:
    wanted = sorted(ids)
    for start in range(0, len(wanted), AT_ONCE):
        yield wanted[start : start + AT_ONCE]


def live_subjects(conn: Connection, prefix: str) -> set[str]:
    """Subjects that begin with a prefix and have a live case of these kinds."""
    query = sa.select(_c.subject).where(_c.state.in_(LIVE), _c.kind.in_([str(kind) for kind in KINDS]))
    return {subject for subject in conn.execute(query).scalars() if subject.startswith(prefix)}


def sources_waiting(conn: Connection, order_ids: Collection[int], person_ids: Collection[int]) -> set[str]:
    """Sources that have a live case which a change of these orders or persons may close.

    An entry without an order may be any new order's; an order's or a person's case is its own.
    """
    if not (order_ids or person_ids):
        return set()
    ways: list[sa.ColumnElement[bool]] = [
        _c.order_id.in_(sorted(order_ids)),
        _c.person_id.in_(sorted(set(person_ids) - {0})),
    ]
    ways += [_c.kind == str(CaseKind.NEVER_ORDERED)] if order_ids else []
    query = sa.select(_c.subject).where(_c.state.in_(LIVE), _c.kind.in_([str(kind) for kind in KINDS]), sa.or_(*ways))
    return {source_of(subject) for subject in conn.execute(query.distinct()).scalars()}


def source_of(subject: str) -> str:
    """`ris:NAME/order:17` → NAME."""
    return subject.removeprefix("ris:").rpartition("/")[0]
