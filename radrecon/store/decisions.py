"""Decisions that are remembered for late images: saved with the act itself, found by key, revoked, never deleted.

A decision stands while nobody has revoked it and while what it was made by stands: an undone or stale correction, and
a case that is no longer dismissed, decide nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.case import CaseState
from radrecon.model.correction import AttributeChange
from radrecon.model.decision import Before, Decision, Scope
from radrecon.model.errors import NotFound
from radrecon.model.patient import Demographics
from radrecon.model.rows import DecisionRow
from radrecon.store import tables as t
from radrecon.store.codec import dump, iso, load
from radrecon.store.database import Connection, changed, insert

_d, _u, _k, _c = t.decision.c, t.decision_use.c, t.correction.c, t.case.c
UNMADE = ("stale", "undone")


@dataclass(frozen=True)
class _Data:
    """What only the rules read."""

    before: Before
    target: Demographics
    changes: tuple[AttributeChange, ...]


def save(conn: Connection, one: Decision) -> int:
    changed(conn, "decisions")
    values = {name: getattr(one, name) for name in _PLAIN}
    data = dump(_Data(one.before, one.target, one.changes))
    return insert(conn, t.decision, **values, scope=str(one.scope), data=data)


_PLAIN = (
    "verb", "key", "study_id", "order_id", "person_id", "case_id", "correction_id", "who", "by_rule", "reason",
    "at", "expires_at",
)  # fmt: skip


def any_at(conn: Connection, now: datetime) -> bool:
    """Whether there is a decision at all that has not expired: most looks need ask no further."""
    return conn.execute(sa.select(_d.id).where(_d.expires_at > now).limit(1)).first() is not None


def of_keys(conn: Connection, keys: Iterable[str], now: datetime) -> list[Decision]:
    """Standing decisions under these keys."""
    wanted = sorted(set(keys))
    query = _STANDING.where(_d.key.in_(wanted), _d.expires_at > now, _d.at <= now).order_by(_d.id)
    return [_decision(row) for row in conn.execute(query)] if wanted else []


def past(conn: Connection, keys: Iterable[str], before: datetime) -> list[Decision]:
    """Those that stood under these keys when something else was decided, expired since or not."""
    query = _STANDING.where(_d.key.in_(sorted(set(keys))), _d.at < before, _d.expires_at > before)
    return [_decision(row) for row in conn.execute(query.order_by(_d.id))]


def of_studies(conn: Connection, study_ids: Collection[int]) -> list[Decision]:
    """What people have decided of these studies themselves and stands, expired or not, oldest first."""
    query = _STANDING.where(_d.study_id.in_(sorted(study_ids)), _d.scope == str(Scope.STUDY), _d.by_rule == "")
    return [_decision(row) for row in conn.execute(query.order_by(_d.at, _d.id))] if study_ids else []


_STANDING = (
    sa.select(t.decision)
    .select_from(
        t.decision.outerjoin(t.correction, sa.and_(_d.correction_id != 0, _k.id == _d.correction_id)).outerjoin(
            t.case, sa.and_(_d.verb == "dismiss", _c.id == _d.case_id)
        )
    )
    .where(_d.revoked_at.is_(None))
    .where(sa.or_(_k.id.is_(None), sa.and_(_k.state.not_in(UNMADE), _k.undone_by == 0)))
    .where(sa.or_(_c.id.is_(None), _c.state == str(CaseState.DISMISSED)))
)


def load_one(conn: Connection, decision_id: int) -> Decision:
    row = conn.execute(t.decision.select().where(_d.id == decision_id)).first()
    if row is None:
        raise NotFound(f"no decision {decision_id}")
    return _decision(row)


def load_many(conn: Connection, ids: Iterable[int]) -> list[Decision]:
    return [_decision(row) for row in conn.execute(t.decision.select().where(_d.id.in_(sorted(set(ids)))))]


def of_correction(conn: Connection, correction_id: int) -> list[Decision]:
    query = t.decision.select().where(_d.correction_id == correction_id)
    return [_decision(row) for row in conn.execute(query.order_by(_d.id))] if correction_id else []


def _decision(row: Any) -> Decision:
    data = load(_Data, row.data)
    more: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    more |= {"before": data.before, "target": data.target, "changes": data.changes}
    return Decision(**more, scope=Scope(row.scope), id=row.id, revoked_at=row.revoked_at)


def revoke(conn: Connection, decision_id: int, *, at: datetime, who: str, reason: str) -> None:
    values = {"revoked_at": at, "revoked_by": who, "revoke_reason": reason}
    conn.execute(t.decision.update().where(_d.id == decision_id).values(**values))
    changed(conn, "decisions")


# -- uses -------------------------------------------------------------------------------------------------------------


def used(conn: Connection, decision_id: int, study_id: int, at: datetime) -> None:
    """Note once that a study follows a decision."""
    known = sa.select(_u.id).where(_u.decision_id == decision_id, _u.study_id == study_id)
    if conn.execute(known).first() is None:
        conn.execute(t.decision_use.insert().values(decision_id=decision_id, study_id=study_id, at=at))
        changed(conn, "decisions")


def users(conn: Connection, decision_ids: Collection[int]) -> list[int]:
    """Studies that followed one of these."""
    query = sa.select(_u.study_id).where(_u.decision_id.in_(sorted(decision_ids))).distinct()
    return list(conn.execute(query).scalars()) if decision_ids else []


# -- listing ----------------------------------------------------------------------------------------------------------


def rows(conn: Connection, now: datetime, *, everything: bool = False, limit: int = 500) -> list[DecisionRow]:
    """Those that stand, newest first; `everything`: also what expired, was revoked or undone."""
    query = _LISTED if everything else _LISTED.where(_d.id.in_(_ids(now)))
    found = conn.execute(query.order_by(_d.at.desc(), _d.id.desc()).limit(limit)).all()
    standing = set(conn.execute(_ids(now).where(_d.id.in_([row.id for row in found]))).scalars())
    followers = _followers(conn, [row.id for row in found])
    return [_row(row, row.id in standing, followers.get(row.id, ()), now) for row in found]


def row_of(conn: Connection, decision_id: int, now: datetime) -> DecisionRow | None:
    """One of them, whatever its state."""
    row = conn.execute(_LISTED.where(_d.id == decision_id)).first()
    if row is None:
        return None
    standing = conn.execute(_ids(now).where(_d.id == decision_id)).first() is not None
    return _row(row, standing, _followers(conn, [row.id]).get(row.id, ()), now)


def _ids(now: datetime) -> sa.Select[Any]:
    return _STANDING.with_only_columns(_d.id).where(_d.expires_at > now)


_LISTED = sa.select(t.decision, t.study.c.study_instance_uid, t.imaging_order.c.accession_number).select_from(
    t.decision.outerjoin(t.study, t.study.c.id == _d.study_id).outerjoin(
        t.imaging_order, t.imaging_order.c.id == _d.order_id
    )
)


def _followers(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    query = sa.select(_u.decision_id, _u.study_id).where(_u.decision_id.in_(ids)).order_by(_u.id)
    for decision_id, study_id in conn.execute(query):
        found[decision_id] = (*found.get(decision_id, ()), study_id)
    return found


def _row(row: Any, standing: bool, followers: tuple[int, ...], now: datetime) -> DecisionRow:
    data = load(_Data, row.data)
    before = asdict(data.before)
    return DecisionRow(
        id=row.id,
        verb=row.verb,
        scope=row.scope,
        state=_state(row, standing, now),
        who=row.who,
        by_rule=row.by_rule,
        at=iso(row.at),
        expires_at=iso(row.expires_at),
        reason=row.reason,
        patient_id=data.before.patient.patient_id.value,
        patient_name=str(data.before.patient.name),
        accession_number=before["accession_number"],
        station_name=before["station"],
        day=before["day"],
        decided_patient_id=data.target.patient_id.value,
        decided_accession_number=row.accession_number or "",
        study_id=row.study_id,
        study_instance_uid=row.study_instance_uid or "",
        order_id=row.order_id,
        case_id=row.case_id,
        correction_id=row.correction_id,
        used=len(followers),
        used_by=followers,
        revoked_at=iso(row.revoked_at),
        revoked_by=row.revoked_by,
        revoke_reason=row.revoke_reason,
    )


def _state(row: Any, standing: bool, now: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at <= now:
        return "expired"
    return "standing" if standing else "undone"
