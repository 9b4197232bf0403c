"""Looks at everything: how far the last one is, and the next ids of its stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from radrecon.store import database as db
from radrecon.store import tables as t
from radrecon.store.database import Connection, changed
from radrecon.store.life import put_setting, setting
from radrecon.store.statement import Statement

RULES = "rules_known"  # the setting
STAGES: dict[str, sa.Table] = {"orders": t.imaging_order, "persons": t.person, "studies": t.study}
_r = t.recheck.c


@dataclass(frozen=True)
class Recheck:
    """One look at everything. `position`: ids of the stage up to here are done; `begun_anew`: another replaced it."""

    id: int
    reason: str
    started_at: datetime
    stage: str
    position: int
    done: int
    total: int
    updated_at: datetime
    ended_at: datetime | None
    begun_anew: bool

    @property
    def per_second(self) -> float:
        """Records looked at in a second, on the whole."""
        taken = (self.updated_at - self.started_at).total_seconds()
        return self.done / taken if taken > 0 else 0.0

    @property
    def left(self) -> timedelta | None:
        """How long it will take at this pace; None where nothing can be said, or it is over."""
        if self.ended_at or not self.per_second:
            return None
        return timedelta(seconds=max(0, self.total - self.done) / self.per_second)


def start(conn: Connection, reason: str, now: datetime) -> int:
    """Begin to look at everything; one that is under way ends there, for it had begun under other rules."""
    conn.execute(t.recheck.update().where(_r.ended_at.is_(None)).values(ended_at=now, begun_anew=True))
    counts = [sa.select(sa.func.count()).select_from(table).scalar_subquery() for table in STAGES.values()]
    total = sum(conn.execute(sa.select(*counts)).one())
    changed(conn, "touched")
    return db.insert(
        conn, t.recheck, reason=reason, started_at=now, stage=next(iter(STAGES)), total=total, updated_at=now
    )


def latest(conn: Connection) -> Recheck | None:
    row = conn.execute(t.recheck.select().order_by(_r.id.desc()).limit(1)).first()
    return Recheck(**row._mapping) if row else None


def under_way(conn: Connection) -> Recheck | None:
    found = latest(conn)
    return found if found and not found.ended_at else None


def is_under_way(conn: Connection) -> bool:
    """Whether the last one goes on."""
    row = _ENDED.first(conn)
    return row is not None and row[0] is None


_ENDED = Statement(sa.select(_r.ended_at).order_by(_r.id.desc()).limit(1))


def rules_known(conn: Connection) -> dict[str, str]:
    """By what everything was last looked at, or has begun to be; empty where that was never noted."""
    return dict(setting(conn, RULES) or {})


def note_rules(conn: Connection, known: dict[str, str]) -> None:
    put_setting(conn, RULES, known, "rules")


def is_anything(conn: Connection) -> bool:
    """Whether there is any record that could be looked at."""
    found = (conn.execute(sa.select(table.c.id).limit(1)).first() for table in STAGES.values())
    return any(row is not None for row in found)


def page(conn: Connection, one: Recheck, limit: int, after: int | None = None) -> Sequence[int]:
    """The next ids of its stage; `after`: beyond its position, where pages are looked at side by side."""
    own = STAGES[one.stage].c.id
    beyond = one.position if after is None else after
    return conn.execute(sa.select(own).where(own > beyond).order_by(own).limit(limit)).scalars().all()


def advance(conn: Connection, one: Recheck, ids: Sequence[int], now: datetime) -> None:
    """These are done; where there are none the next stage begins, or it is over.

    One that another has replaced meanwhile stays ended.
    """
    values: dict[str, Any] = {"updated_at": now}
    if ids:
        values |= {"position": ids[-1], "done": _r.done + len(ids)}
    else:
        stages = list(STAGES)
        after = stages.index(one.stage) + 1
        values |= {"stage": stages[after], "position": 0} if after < len(stages) else {"ended_at": now}
    if one.started_at == t.EPOCH:
        values |= {"started_at": now}  # a migration began it, without a clock
    conn.execute(t.recheck.update().where(_r.id == one.id, _r.ended_at.is_(None)).values(**values))
