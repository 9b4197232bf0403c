"""The whole in a few counts: the sentences above triage, the states of the PACS, the engine's life."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from radrecon.config import PacsConfig
from radrecon.model.rows import EngineState, PacsStateRow, Recheck, Summary
from radrecon.model.study import FeedState
from radrecon.store import tables as t
from radrecon.store.codec import iso
from radrecon.store.corrections import OPEN, STUCK, TAKEN
from radrecon.store.database import Connection
from radrecon.store.filters import Condition
from radrecon.store.life import LOST_AFTER_SECONDS, database_now
from radrecon.store.list_cases import LIVE
from radrecon.store.pacs import load_feed
from radrecon.store.recheck import under_way
from radrecon.store.settings import load_config, watch_from

_c, _o, _d, _m, _s = t.case.c, t.imaging_order.c, t.delivery.c, t.message.c, t.study.c
# what a receiver has taken and nothing can prove is as far as it gets
UNFINISHED = sa.and_(_d.state.in_(OPEN), ~_d.parked, sa.or_(_d.state.not_in(TAKEN), _d.proof != ""))


def summary(conn: Connection) -> Summary:
    live = sa.select(_c.kind, sa.func.count(), sa.func.min(_c.opened_at)).where(_c.state.in_(LIVE)).group_by(_c.kind)
    kinds = {kind: (number, iso(oldest)) for kind, number, oldest in conn.execute(live)}
    watched = watch_from(conn)
    return Summary(
        cases={kind: number for kind, (number, _) in kinds.items()},
        oldest_unassigned=kinds.get("unassigned_study", (0, ""))[1],
        orders=_count(conn, t.imaging_order),
        orders_today=_count(conn, t.imaging_order, _o.received_at >= _midnight(conn)),
        studies=_count(conn, t.study),
        studies_not_judged=_count(conn, t.study, ~_s.judged),
        deliveries_unfinished=_count(conn, t.delivery, UNFINISHED),
        deliveries_in_trouble=_count(conn, t.delivery, sa.and_(_d.state.in_(STUCK), ~_d.parked)),
        messages=_count(conn, t.message),
        messages_refused=_count(conn, t.message, _m.state == "refused"),
        last_order_at=_edge(conn, _o.received_at.desc()),
        last_message_at=_last_message(conn),
        watch_from=watched.isoformat() if watched else "",
        coverage_from=_edge(conn, _o.received_at),
        oldest_case={kind: oldest for kind, (_, oldest) in kinds.items()},
        studies_outside=_count(conn, t.study, _s.match_class == "outside"),
    )


def _count(conn: Connection, table: sa.Table, *where: Condition) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())


def _edge(conn: Connection, order: Any) -> str:
    """The first order's arrival in this order, by the index."""
    return iso(conn.execute(sa.select(_o.received_at).order_by(order).limit(1)).scalar())


def _last_message(conn: Connection) -> str:
    """Ids rise with time: the last message in is found from the key's end."""
    query = sa.select(_m.at).where(_m.direction == "in").order_by(_m.id.desc()).limit(1)
    return iso(conn.execute(query).scalar())


def _midnight(conn: Connection) -> datetime:
    """When the site's day began, UTC."""
    zone = load_config(conn).zone()
    return datetime.combine(database_now(conn).astimezone(zone).date(), time(), zone).astimezone(UTC)


def pacs_states(conn: Connection) -> list[PacsStateRow]:
    """Every PACS that was ever looked at, and those configured that were not yet (their ids are negative)."""
    config = load_config(conn)
    studies = conn.execute(sa.select(_s.pacs, sa.func.count()).group_by(_s.pacs))
    numbers: dict[str, int] = {row[0]: row[1] for row in studies}
    seen = {row.name: row for row in conn.execute(t.pacs_state.select().order_by(t.pacs_state.c.id))}
    rows = [_pacs(row, numbers.get(row.name, 0)) for row in seen.values()]
    fresh = [pacs for pacs in config.pacs if pacs.name not in seen]
    rows += [
        PacsStateRow(-place, pacs.name, False, "", "", numbers.get(pacs.name, 0), False, pacs.send)
        for place, pacs in enumerate(fresh, 1)
    ]
    return [_with_feed(row, load_feed(conn, row.name), config.pacs_named(row.name)) for row in rows]


def _pacs(row: Any, studies: int) -> PacsStateRow:
    return PacsStateRow(
        row.id, row.name, row.up, iso(row.last_success), row.last_error, studies, row.baseline_done, row.send
    )


def _with_feed(row: PacsStateRow, feed: FeedState, pacs: PacsConfig | None) -> PacsStateRow:
    return replace(
        row,
        feed=pacs.feed_kind if pacs else feed.kind,
        mode=feed.mode,
        query_seconds=round(feed.query_seconds, 3),
        queries_per_minute=pacs.queries_per_minute if pacs else 0,
        changes_at=iso(feed.change_at),
        changes_error=feed.change_error,
        sweep=feed.sweep_stage,
        sweep_down_to=feed.sweep_upto,
        sweep_seen=feed.sweep_seen,
        sweep_hours=pacs.sweep_hours if pacs else "",
        sweep_error=feed.sweep_error,
        sweep_started=iso(feed.sweep_started),
        sweep_finished=iso(feed.sweep_finished),
    )


def engine_state(conn: Connection) -> EngineState:
    """`lost` if the row says that it lives and its heartbeat, by the database's own clock, has stopped."""
    row = conn.execute(t.engine_life.select()).first()
    if row is None:
        return EngineState("none")
    now = database_now(conn)
    alive = _beats(row.heartbeat, now)
    return EngineState(
        state=row.state if alive or row.state == "none" else "lost",
        host=row.host,
        pid=row.pid,
        version=row.version,
        endpoints=row.endpoints or {},
        heartbeat=iso(row.heartbeat),
        recheck=_recheck(conn),
        worker_alive=alive and row.state != "none" and _beats(row.worker_heartbeat, now),
    )


def _recheck(conn: Connection) -> Recheck | None:
    found = under_way(conn)
    if found is None:
        return None
    left = None if found.left is None else round(found.left.total_seconds())
    return Recheck(found.reason, found.done, found.total, left)


def _beats(heartbeat: datetime | None, now: datetime) -> bool:
    return heartbeat is not None and now - heartbeat <= timedelta(seconds=LOST_AFTER_SECONDS)
