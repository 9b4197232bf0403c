"""Which orders a study has: links as they stand, and as they stood."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.person import Link, LinkState
from radrecon.store import tables as t
from radrecon.store.database import Connection, changed
from radrecon.store.kept import by_id
from radrecon.store.statement import Among, Statement


def _links(conn: Connection, where: Any) -> list[Link]:
    k = t.link.c
    return _as_links(conn.execute(t.link.select().where(where, k.revoked_at.is_(None)).order_by(k.place, k.id)))


def _as_links(rows: Iterable[Any]) -> list[Link]:
    return [Link(row.study_id, row.order_id, LinkState(row.state), row.correction_id) for row in rows]


def link_of_study(conn: Connection, study_id: int) -> Link | None:
    """The link to the first of a study's orders."""
    found = links_of_study(conn, study_id)
    return found[0] if found else None


def links_of_study(conn: Connection, study_id: int) -> list[Link]:
    """One link per order, the first order first."""
    found = by_id(conn, "links", [study_id], lambda _: {study_id: _linked(_LINKS_OF_STUDY.all(conn, wanted=study_id))})
    return list(found[study_id])


def _linked(rows: Iterable[Sequence[Any]]) -> list[Link]:
    return [Link(study_id, order_id, LinkState(state), by) for study_id, order_id, state, by in rows]


_k = t.link.c
_STANDING = (
    sa.select(_k.study_id, _k.order_id, _k.state, _k.correction_id)
    .where(_k.revoked_at.is_(None))
    .order_by(_k.place, _k.id)
)
_LINKS_OF_STUDY = Statement(_STANDING.where(_k.study_id == sa.bindparam("wanted")))
_LINKS_AMONG = Among(_STANDING, _k.study_id)


def by_study(conn: Connection, study_ids: Iterable[int]) -> dict[int, list[Link]]:
    """Study → its links, the first order first, none where it has none; `links_of_study` of several."""
    wanted = sorted(set(study_ids))
    return dict(by_id(conn, "links", wanted, lambda some: _by_study(conn, some)))


def _by_study(conn: Connection, wanted: Sequence[int]) -> dict[int, list[Link]]:
    found: dict[int, list[Link]] = {one: [] for one in wanted}
    for link in _linked(_LINKS_AMONG.all(conn, wanted)):
        found[link.study_id].append(link)
    return found


def links_of_studies(conn: Connection, study_ids: Iterable[int]) -> list[Link]:
    wanted = sorted(set(study_ids))
    return _links(conn, t.link.c.study_id.in_(wanted)) if wanted else []


def links_of_orders(conn: Connection, order_ids: Iterable[int]) -> list[Link]:
    return _links(conn, t.link.c.order_id.in_(sorted(set(order_ids))))


def former_links(conn: Connection, study_id: int, order_id: int) -> list[Link]:
    """The links of a study as they were when it was last this order's, and no longer are."""
    k = t.link.c
    query = t.link.select().where(k.study_id == study_id, k.order_id == order_id, k.revoked_at.is_not(None))
    last = conn.execute(query.order_by(k.id.desc()).limit(1)).first()
    if last is None:
        return []
    together = (k.study_id == study_id) & (k.revoked_at == last.revoked_at)
    return _as_links(conn.execute(t.link.select().where(together).order_by(k.place, k.id)))


def set_link(conn: Connection, link: Link, at: datetime) -> None:
    """Make this the study's only standing link; the former ones are revoked, not deleted."""
    set_links(conn, link.study_id, [link], at)


def set_links(conn: Connection, study_id: int, links: Sequence[Link], at: datetime) -> None:
    """Make these the study's only standing links, the first order first."""
    drop_link(conn, study_id, at)
    rows = [
        {
            "study_id": study_id,
            "order_id": link.order_id,
            "state": str(link.state),
            "correction_id": link.correction_id,
            "at": at,
            "place": place,
        }
        for place, link in enumerate(links)
    ]
    if rows:
        conn.execute(t.link.insert(), rows)
    changed(conn, "studies", "orders")


def drop_link(conn: Connection, study_id: int, at: datetime) -> None:
    """A study has no order any more."""
    standing = (t.link.c.study_id == study_id) & t.link.c.revoked_at.is_(None)
    conn.execute(t.link.update().where(standing).values(revoked_at=at))
    changed(conn, "studies", "orders")


def confirm_links(conn: Connection, correction_id: int) -> None:
    pending = (t.link.c.correction_id == correction_id) & (t.link.c.state == str(LinkState.PENDING))
    conn.execute(t.link.update().where(pending).values(state=str(LinkState.CONFIRMED)))
    changed(conn, "studies", "orders")
