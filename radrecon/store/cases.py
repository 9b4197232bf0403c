"""Cases: at most one live one per kind and subject; a dismissed one returns only when its evidence changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.case import CaseKind, CaseState, Finding
from radrecon.model.errors import NotFound
from radrecon.store import tables as t
from radrecon.store.codec import digest, dump, load
from radrecon.store.database import Connection, changed, insert

LIVE = (str(CaseState.OPEN), str(CaseState.CORRECTING))


@dataclass(frozen=True)
class StoredCase:
    id: int
    kind: CaseKind
    subject: str
    state: CaseState
    finding: Finding
    digest: str
    opened_at: datetime
    correction_id: int
    version: int


def load_one(conn: Connection, case_id: int) -> StoredCase:
    row = conn.execute(t.case.select().where(t.case.c.id == case_id)).first()
    if row is None:
        raise NotFound(f"no case {case_id}")
    return _case(row)


def live_of(conn: Connection, subject: str, kinds: Iterable[CaseKind]) -> dict[CaseKind, StoredCase]:
    c = t.case.c
    query = t.case.select().where(c.subject == subject, c.state.in_(LIVE), c.kind.in_([str(kind) for kind in kinds]))
    return {CaseKind(row.kind): _case(row) for row in conn.execute(query)}


def live_of_subjects(
    conn: Connection, subjects: Sequence[str], kinds: Iterable[CaseKind]
) -> dict[str, dict[CaseKind, StoredCase]]:
    """The same of several subjects; one that has none is left out."""
    c = t.case.c
    query = t.case.select().where(c.subject.in_(subjects), c.state.in_(LIVE), c.kind.in_([str(one) for one in kinds]))
    found: dict[str, dict[CaseKind, StoredCase]] = {}
    for row in conn.execute(query) if subjects else ():
        found.setdefault(row.subject, {})[CaseKind(row.kind)] = _case(row)
    return found


def live_subjects(conn: Connection, kind: CaseKind) -> list[str]:
    """What live cases of a kind are about."""
    c = t.case.c
    return list(conn.execute(sa.select(c.subject).where(c.kind == str(kind), c.state.in_(LIVE))).scalars())


def _case(row: Any) -> StoredCase:
    return StoredCase(
        id=row.id,
        kind=CaseKind(row.kind),
        subject=row.subject,
        state=CaseState(row.state),
        finding=load(Finding, row.finding),
        digest=row.digest,
        opened_at=row.opened_at,
        correction_id=row.correction_id,
        version=row.version,
    )


def live_of_kind(conn: Connection, kind: CaseKind) -> dict[str, StoredCase]:
    """Live cases of one kind, by subject."""
    c = t.case.c
    rows = conn.execute(t.case.select().where(c.kind == str(kind), c.state.in_(LIVE)).order_by(c.id))
    return {row.subject: _case(row) for row in rows}


def best_candidates(conn: Connection, kind: CaseKind, likely: float) -> set[int]:
    """Orders that are the first, and a likely, candidate of a live case of this kind."""
    c = t.case.c
    rows = conn.execute(sa.select(c.finding).where(c.kind == str(kind), c.state.in_(LIVE)))
    first = [found["candidates"][0] for found in rows.scalars() if found.get("candidates")]
    return {one["order_id"] for one in first if one["probability"] >= likely}


def orders_with_live(conn: Connection, order_ids: Iterable[int]) -> frozenset[int]:
    """Those of these orders that a live case is about."""
    c, subjects = t.case.c, [f"order:{order_id}" for order_id in order_ids]
    kind = str(CaseKind.NEVER_ACCESSIONED)
    query = sa.select(c.order_id).where(c.kind == kind, c.subject.in_(subjects), c.state.in_(LIVE))
    return frozenset(conn.execute(query).scalars()) if subjects else frozenset()


def studies_beside(
    conn: Connection, kinds: Iterable[CaseKind], order_ids: Iterable[int], limit: int = 2000
) -> set[int]:
    """Studies with an open case of these kinds that says of one of these orders that it has no images of its own."""
    c, wanted = t.case.c, set(order_ids)
    query = sa.select(c.study_id, c.finding).where(c.state.in_(LIVE), c.kind.in_([str(kind) for kind in kinds]))
    rows = conn.execute(query.limit(limit)) if wanted else ()
    return {row.study_id for row in rows if wanted & orders_named(row.finding.get("evidence") or {})}


def orders_named(evidence: dict[str, Any]) -> set[int]:
    """Orders that a finding names beside its candidates."""
    return {*(evidence.get("orders") or ()), *(evidence[name] for name in ("named", "fits") if name in evidence)}


def settle(
    conn: Connection, subject: str, kinds: Sequence[CaseKind], findings: Sequence[Finding], now: datetime, why: str = ""
) -> None:
    """Make the live cases of these kinds of one subject equal to the findings: open, update, close."""
    live = live_of(conn, subject, kinds)
    wanted = {finding.kind: finding for finding in findings}
    for kind, finding in wanted.items():
        if kind in live:
            _refresh(conn, live[kind], finding, now)
        elif not _dismissed_with(conn, finding):
            open_case(conn, finding, now)
    for kind, stored in live.items():
        if kind not in wanted:
            close(conn, stored, now, why or "what was found no longer holds")


def open_case(conn: Connection, finding: Finding, now: datetime) -> int:
    """A new live case; the caller has looked that there is none."""
    changed(conn, "cases")
    return insert(conn, t.case, **_columns(finding), state=str(CaseState.OPEN), opened_at=now, updated_at=now)


def stands(stored: StoredCase, finding: Finding) -> bool:
    """Whether a case says already what was found. Probabilities and bits drift with every order that is heard, and a
    candidate that nothing specific speaks for comes and goes: neither is news."""
    return stored.digest == digest(finding.evidence) and _said(stored.finding) == _said(finding)


def _said(finding: Finding) -> tuple[Any, ...]:
    speaking = finding.evidence.get("candidates", ())
    shown = [(one.order_id, one.accession_number, one.vetoes) for one in finding.candidates if one.order_id in speaking]
    return finding.cause, finding.owner, finding.severity, finding.order_id, finding.person_id, shown


def _refresh(conn: Connection, stored: StoredCase, finding: Finding, now: datetime) -> None:
    if not stands(stored, finding):
        update(conn, stored.id, **_columns(finding), updated_at=now)


def restate(conn: Connection, case_id: int, finding: Finding, now: datetime) -> None:
    """The same case in other words: what it names has grown, or weighs more by now."""
    update(conn, case_id, **_columns(finding), updated_at=now)


def is_dismissed(conn: Connection, finding: Finding) -> bool:
    """Whether a person has put exactly this aside."""
    return _dismissed_with(conn, finding)


def _columns(finding: Finding) -> dict[str, Any]:
    return {
        "kind": str(finding.kind),
        "subject": finding.subject,
        "severity": finding.severity,
        "cause": finding.cause,
        "owner": str(finding.owner),
        "study_id": finding.study_id,
        "order_id": finding.order_id,
        "person_id": finding.person_id,
        "finding": dump(finding),
        "digest": digest(finding.evidence),
    }


def _dismissed_with(conn: Connection, finding: Finding) -> bool:
    """Whether a person has put exactly this evidence aside."""
    c = t.case.c
    query = sa.select(c.state, c.digest).where(c.kind == str(finding.kind), c.subject == finding.subject)
    row = conn.execute(query.order_by(c.id.desc()).limit(1)).first()
    return row is not None and row.state == str(CaseState.DISMISSED) and row.digest == digest(finding.evidence)


def update(conn: Connection, case_id: int, **values: Any) -> None:
    conn.execute(t.case.update().where(t.case.c.id == case_id).values(**values, version=t.case.c.version + 1))
    changed(conn, "cases")


def close(conn: Connection, stored: StoredCase, now: datetime, why: str) -> None:
    reason = f"solved by correction {stored.correction_id}" if stored.state is CaseState.CORRECTING else why
    update(conn, stored.id, state=str(CaseState.CLOSED), closed_at=now, updated_at=now, close_reason=reason)


def set_state(conn: Connection, case_id: int, state: CaseState, now: datetime, **values: Any) -> None:
    """Move a live case; a closed one stays closed."""
    c = t.case.c
    live = conn.execute(sa.select(c.id).where(c.id == case_id, c.state.in_(LIVE))).first()
    if live:
        update(conn, case_id, state=str(state), updated_at=now, **values)


def studies_with_live(conn: Connection, kinds: Iterable[CaseKind], after: int, limit: int) -> list[int]:
    """Studies that a live case of these kinds is about, in pages by id."""
    c = t.case.c
    query = sa.select(c.study_id).where(c.state.in_(LIVE), c.kind.in_([str(kind) for kind in kinds]))
    query = query.where(c.study_id > after).distinct().order_by(c.study_id).limit(limit)
    return list(conn.execute(query).scalars())


def latest_of(conn: Connection, kind: CaseKind, subject: str) -> StoredCase | None:
    """The newest case of a kind and subject, whatever its state."""
    c = t.case.c
    query = t.case.select().where(c.kind == str(kind), c.subject == subject).order_by(c.id.desc()).limit(1)
    row = conn.execute(query).first()
    return _case(row) if row else None
