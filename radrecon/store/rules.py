"""Rules: the state that the site has set, the history of that, and what each rule did or would have done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.person import LinkState
from radrecon.model.rule import DEFAULTS, Act, RuleName, RuleState, RuleStates
from radrecon.store import tables as t
from radrecon.store.database import Connection, changed

_c, _a, _l = t.rule_change.c, t.rule_act.c, t.link.c


@dataclass(frozen=True)
class Change:
    """Who set a rule to what, when and why."""

    rule: str
    state: str
    who: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class StoredAct:
    """What a rule said of a study, from when, and until when."""

    id: int
    rule: str
    state: str
    study_id: int
    order_id: int
    decision_id: int
    at: datetime
    ended_at: datetime | None

    @property
    def said(self) -> Act:
        return Act(RuleName(self.rule), RuleState(self.state), self.order_id, self.decision_id)


def states(conn: Connection) -> RuleStates:
    """As set last, else the default."""
    found = dict(DEFAULTS)
    for row in conn.execute(t.rule_change.select().order_by(_c.id)):
        if row.rule in DEFAULTS:
            found[RuleName(row.rule)] = RuleState(row.state)
    return found


def set_state(conn: Connection, rule: RuleName, state: RuleState, *, who: str, reason: str, at: datetime) -> None:
    values = {"rule": str(rule), "state": str(state), "who": who, "reason": reason, "at": at}
    conn.execute(t.rule_change.insert().values(**values))
    changed(conn, "rules", "settings")


def history(conn: Connection) -> list[Change]:
    """Oldest first."""
    rows = conn.execute(t.rule_change.select().order_by(_c.id))
    return [Change(row.rule, row.state, row.who, row.reason, row.at) for row in rows]


# -- acts -------------------------------------------------------------------------------------------------------------


def acts_of(conn: Connection, study_id: int) -> list[StoredAct]:
    """What rules say of a study right now."""
    query = t.rule_act.select().where(_a.study_id == study_id, _a.ended_at.is_(None))
    return [_act(row) for row in conn.execute(query)]


def acts_of_studies(conn: Connection, study_ids: Sequence[int]) -> dict[int, list[StoredAct]]:
    """The same of several studies; one of which nothing is said is left out."""
    query = t.rule_act.select().where(_a.study_id.in_(study_ids), _a.ended_at.is_(None))
    found: dict[int, list[StoredAct]] = {}
    for row in conn.execute(query) if study_ids else ():
        found.setdefault(row.study_id, []).append(_act(row))
    return found


def _act(row: Any) -> StoredAct:
    return StoredAct(row.id, row.rule, row.state, row.study_id, row.order_id, row.decision_id, row.at, row.ended_at)


def note(conn: Connection, study_id: int, acts: Sequence[Act], at: datetime) -> None:
    """Make what is kept of a study equal to what rules say now; what is no longer said has ended, and stays."""
    known = acts_of(conn, study_id)
    over = [one.id for one in known if one.said not in acts]
    new = [act for act in acts if act not in {one.said for one in known}]
    if over:
        conn.execute(t.rule_act.update().where(_a.id.in_(over)).values(ended_at=at))
    for act in new:
        values = {"rule": str(act.rule), "state": str(act.state), "order_id": act.order_id}
        conn.execute(t.rule_act.insert().values(**values, study_id=study_id, decision_id=act.decision_id, at=at))
    if over or new:
        changed(conn, "rules")


def all_acts(conn: Connection, after: int = 0, limit: int = 500) -> list[StoredAct]:
    """In pages by id."""
    query = t.rule_act.select().where(_a.id > after).order_by(_a.id).limit(limit)
    return [_act(row) for row in conn.execute(query)]


def studies_of(conn: Connection, rule: RuleName, after: int, limit: int = 500) -> list[int]:
    """Studies of which a rule has said something, in pages by id."""
    query = sa.select(_a.study_id).where(_a.rule == str(rule), _a.study_id > after).distinct()
    return list(conn.execute(query.order_by(_a.study_id).limit(limit)).scalars())


def linked_by_rule(conn: Connection, after: int, limit: int = 500) -> list[int]:
    """Studies with an automatic link, in pages by id."""
    query = sa.select(_l.study_id).where(_l.state == str(LinkState.AUTO), _l.revoked_at.is_(None), _l.study_id > after)
    return list(conn.execute(query.order_by(_l.study_id).limit(limit)).scalars())


def relinked(conn: Connection) -> list[tuple[int, int, int]]:
    """(study, order by rule, order by a person) where a person has since linked what a rule had linked."""
    auto, decided = t.link.alias("auto"), t.link.alias("decided")
    query = (
        sa.select(auto.c.study_id, auto.c.order_id, decided.c.order_id)
        .join(decided, decided.c.study_id == auto.c.study_id)
        .where(auto.c.state == str(LinkState.AUTO), auto.c.revoked_at.is_not(None))
        .where(decided.c.state != str(LinkState.AUTO), decided.c.revoked_at.is_(None), decided.c.id > auto.c.id)
        .distinct()
    )
    return [(row[0], row[1], row[2]) for row in conn.execute(query)]


def count_auto(conn: Connection) -> int:
    """Studies that a rule has ever linked."""
    query = sa.select(sa.func.count(_l.study_id.distinct())).where(_l.state == str(LinkState.AUTO))
    return int(conn.execute(query).scalar_one())


def to_carry_out(conn: Connection, rule: RuleName, limit: int = 20) -> list[StoredAct]:
    """What a rule that is on has to do and nobody has tried yet."""
    query = t.rule_act.select().where(
        _a.rule == str(rule), _a.state == str(RuleState.ON), _a.ended_at.is_(None), _a.outcome == ""
    )
    return [_act(row) for row in conn.execute(query.order_by(_a.id).limit(limit))]


def note_outcome(conn: Connection, act_id: int, outcome: str) -> None:
    conn.execute(t.rule_act.update().where(_a.id == act_id).values(outcome=outcome))
    changed(conn, "rules")
