"""Orders and persons with what has come of them: the facts that expectations follow from, many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.performed import Placement
from radrecon.store import tables as t
from radrecon.store.database import Connection

_o, _s, _l, _r = t.imaging_order.c, t.study.c, t.link.c, t.report.c
_p, _g = t.person.c, t.merge.c


@dataclass(frozen=True)
class Images:
    """A study that an order is linked with, and when its images last changed."""

    study_id: int
    changed_at: datetime
    judged: bool
    modalities: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """A study that an order is linked with, or that has its accession number or UID."""

    gone: bool
    modalities: tuple[str, ...]


def heard(conn: Connection, order_ids: Collection[int]) -> dict[int, datetime]:
    """When each was first heard."""
    query = sa.select(_o.id, _o.received_at).where(_o.id.in_(order_ids))
    return {row.id: row.received_at for row in conn.execute(query)}


def linked(conn: Connection, order_ids: Collection[int]) -> dict[int, list[Images]]:
    """The studies of each order that are still at their PACS, the first one first."""
    query = (
        sa.select(_l.order_id, _s.id, _s.last_changed, _s.judged, _s.modality)
        .join_from(t.link, t.study, _s.id == _l.study_id)
        .where(_l.order_id.in_(order_ids), _l.revoked_at.is_(None), ~_s.gone)
        .order_by(_s.id)
    )
    found = defaultdict(list)
    for row in conn.execute(query):
        found[row.order_id].append(Images(row.id, row.last_changed, row.judged, _each(row.modality)))
    return dict(found)


def seen(conn: Connection, order_ids: Collection[int]) -> dict[int, list[Seen]]:
    """What is or was at a PACS of each order: by link, accession number or UID."""
    standing = sa.select(_l.order_id, _s.gone, _s.modality).join_from(t.link, t.study, _s.id == _l.study_id)
    queries = [standing.where(_l.order_id.in_(order_ids), _l.revoked_at.is_(None))]
    for mine, theirs in ((_o.accession_number, _s.accession_number), (_o.study_instance_uid, _s.study_instance_uid)):
        same = sa.and_(mine == theirs, mine != "")
        named = sa.select(_o.id, _s.gone, _s.modality).join_from(t.imaging_order, t.study, same)
        queries.append(named.where(_o.id.in_(order_ids)))
    found = defaultdict(list)
    for query in queries:
        for order_id, gone, modalities in conn.execute(query):
            found[order_id].append(Seen(bool(gone), _each(modalities)))
    return dict(found)


def _each(modalities: str) -> tuple[str, ...]:
    return tuple(filter(None, modalities.split("/")))


def begun(conn: Connection, order_ids: Collection[int]) -> set[int]:
    """Orders of which a modality has told that it performs, or has performed, a step."""
    f = t.performed_reference.c
    query = sa.select(f.order_id).where(f.order_id.in_(order_ids), f.placement == str(Placement.APPLIED))
    return set(conn.execute(query.distinct()).scalars())


def reports(conn: Connection, order_ids: Collection[int]) -> dict[int, list[tuple[datetime, str]]]:
    """When each version of each order's report came, and its status, in order of arrival."""
    query = sa.select(_r.order_id, _r.received_at, _r.status).where(_r.order_id.in_(order_ids)).order_by(_r.id)
    found = defaultdict(list)
    for row in conn.execute(query):
        found[row.order_id].append((row.received_at, row.status))
    return dict(found)


def of_persons(conn: Connection, person_ids: Collection[int]) -> dict[int, list[int]]:
    """The orders of each person."""
    found = defaultdict(list)
    for row in conn.execute(sa.select(_o.person_id, _o.id).where(_o.person_id.in_(person_ids)).order_by(_o.id)):
        found[row.person_id].append(row.id)
    return dict(found)


@dataclass(frozen=True)
class Burden:
    """What a person has had done, and when the first of it was heard or seen."""

    orders: int = 0
    studies: int = 0
    since: datetime | None = None


def burdens(conn: Connection, person_ids: Collection[int], not_before: datetime) -> dict[int, Burden]:
    """Orders and studies of each person from that time on; those without any are left out."""
    orders = sa.select(_o.person_id, sa.func.count(), sa.func.min(_o.received_at)).group_by(_o.person_id)
    studies = sa.select(_s.person_id, sa.func.count(), sa.func.min(_s.first_seen)).group_by(_s.person_id)
    ordered = _counted(conn, orders.where(_o.person_id.in_(person_ids), _o.received_at >= not_before))
    imaged = _counted(conn, studies.where(_s.person_id.in_(person_ids), ~_s.gone, _s.first_seen >= not_before))
    found = {}
    for person_id in ordered.keys() | imaged.keys():
        pairs = (ordered.get(person_id, (0, None)), imaged.get(person_id, (0, None)))
        first = min(at for _, at in pairs if at is not None)
        found[person_id] = Burden(pairs[0][0], pairs[1][0], first)
    return found


def _counted(conn: Connection, query: sa.Select[Any]) -> dict[int, tuple[int, datetime]]:
    return {row[0]: (row[1], row[2]) for row in conn.execute(query)}


def first_messages(conn: Connection, person_ids: Collection[int]) -> dict[int, bytes]:
    """The message that made each person known, as it came; those whose message is gone are left out."""
    m = t.message.c
    query = sa.select(_p.id, m.raw).join_from(t.person, t.message, m.id == _p.message_id)
    return {row.id: bytes(row.raw) for row in conn.execute(query.where(_p.id.in_(person_ids), _p.message_id != 0))}


@dataclass(frozen=True)
class Change:
    """One message that ended an identity block: a person's own (`prior`), or that of one merged into them."""

    at: datetime
    event: str
    message_id: int
    prior: Any = None
    non_survivor_id: int = 0


def changes(conn: Connection, person_id: int) -> list[Change]:
    """Messages that changed a person, or whoever was merged into them, and those merges themselves."""
    h, people, found = t.person_history.c, [person_id], list[Change]()
    level = [person_id]
    while level:
        merges = t.merge.select().where(_g.survivor_id.in_(level), _g.undone_at.is_(None))
        standing = [row for row in conn.execute(merges) if row.non_survivor_id not in people]
        found += [Change(row.at, "A40", row.message_id, non_survivor_id=row.non_survivor_id) for row in standing]
        level = [row.non_survivor_id for row in standing]
        people += level
    query = sa.select(h.at, h.event, h.message_id, h.prior).where(h.person_id.in_(people))
    found += [Change(row.at, row.event, row.message_id, row.prior) for row in conn.execute(query)]
    return [one for one in found if one.message_id]


@dataclass(frozen=True)
class Said:
    """What the journal says of one message."""

    message_type: str = ""
    control_id: str = ""
    sender: str = ""


def said(conn: Connection, message_ids: Collection[int]) -> dict[int, Said]:
    m = t.message.c
    query = sa.select(m.id, m.message_type, m.control_id, m.sending_application).where(m.id.in_(message_ids))
    return {row.id: Said(row.message_type, row.control_id, row.sending_application) for row in conn.execute(query)}
