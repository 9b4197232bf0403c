"""What orders, persons and studies wait for: a row per kind of case and subject, kept as the facts are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.case import CaseKind, Finding
from radrecon.model.expectation import Expectation
from radrecon.store import tables as t
from radrecon.store.codec import digest, dump, load
from radrecon.store.database import Connection
from radrecon.store.statement import Among, Statement

_e = t.expectation.c
Name = tuple[str, str]  # kind and subject


@dataclass(frozen=True)
class Due:
    """Which of a kind are late: by pace, those that wait since then or longer. None from before `not_before`."""

    kind: CaseKind
    since: Mapping[int, datetime]
    not_before: datetime | None = None

    @property
    def where(self) -> sa.ColumnElement[bool]:
        paces = [sa.and_(_e.pace == pace, _e.since <= at) for pace, at in self.since.items()]
        late = sa.and_(_e.kind == str(self.kind), sa.or_(sa.false(), *paces))
        return sa.and_(late, _e.since >= self.not_before) if self.not_before else late


def known(conn: Connection, kinds: Collection[CaseKind], subjects: Collection[str]) -> dict[Name, str]:
    """What these subjects wait for, with the fingerprint of each."""
    query = sa.select(_e.kind, _e.subject, _e.digest).where(
        _e.kind.in_([str(kind) for kind in kinds]), _e.subject.in_(sorted(subjects))
    )
    return {(row.kind, row.subject): row.digest for row in conn.execute(query)} if subjects else {}


def fingerprint(one: Expectation) -> str:
    return digest([dump(one.finding), one.since.isoformat(), one.place, one.pace])


def fingerprint_of(conn: Connection, kind: CaseKind, subject: str) -> str:
    """ "" where it does not wait; on the path of every study that is looked at."""
    row = _OF_SUBJECT.first(conn, what=str(kind), whose=subject)
    return str(row[0]) if row else ""


_OF_SUBJECT = Statement(
    sa.select(_e.digest).where(_e.kind == sa.bindparam("what"), _e.subject == sa.bindparam("whose"))
)


def waiting(conn: Connection, kind: CaseKind, subjects: Collection[str]) -> frozenset[str]:
    """Those of these subjects that wait for something of this kind."""
    return frozenset(row[0] for row in _OF_SUBJECTS.all(conn, subjects, what=str(kind)))


_OF_SUBJECTS = Among(sa.select(_e.subject).where(_e.kind == sa.bindparam("what")), _e.subject)


def save(conn: Connection, wanted: Iterable[Expectation], ended: Iterable[Name]) -> None:
    """Write these in place of what their subjects waited for; what has ended goes."""
    rows = [_row(one) for one in wanted]
    for kind, subject in (*ended, *((row["kind"], row["subject"]) for row in rows)):
        _DROP.run(conn, what=kind, whose=subject)
    if rows:
        conn.execute(t.expectation.insert(), rows)


_DROP = Statement(t.expectation.delete().where(_e.kind == sa.bindparam("what"), _e.subject == sa.bindparam("whose")))


def _row(one: Expectation) -> dict[str, Any]:
    return {
        "kind": str(one.finding.kind),
        "subject": one.subject,
        "case_subject": one.finding.subject,
        "place": one.place,
        "pace": one.pace,
        "since": one.since,
        "finding": dump(one.finding),
        "digest": fingerprint(one),
    }


def counts(conn: Connection, due: Due, place: str | None = None, between: Sequence[datetime] = ()) -> dict[str, int]:
    """How many cases would come of what is late, by place."""
    query = sa.select(_e.place, sa.func.count(_e.case_subject.distinct())).where(due.where)
    if place is not None:
        query = query.where(_e.place == place, *_within(between))
    return {row[0]: row[1] for row in conn.execute(query.group_by(_e.place))}


def late(conn: Connection, due: Due, place: str, between: Sequence[datetime], limit: int) -> list[Expectation]:
    """What is late at one place, the longest first."""
    query = t.expectation.select().where(due.where, _e.place == place, *_within(between))
    return [_expectation(row) for row in conn.execute(query.order_by(_e.since, _e.id).limit(limit))]


def _within(between: Sequence[datetime]) -> list[sa.ColumnElement[bool]]:
    return [_e.since >= between[0], _e.since <= between[1]] if between else []


def _expectation(row: Any) -> Expectation:
    return Expectation(load(Finding, row.finding), row.subject, row.since, row.place, row.pace)


def next_since(conn: Connection, kind: CaseKind, pace: int, after: datetime) -> datetime | None:
    """The first that waits since later than that."""
    query = sa.select(_e.since).where(_e.kind == str(kind), _e.pace == pace, _e.since > after)
    found: datetime | None = conn.execute(query.order_by(_e.since).limit(1)).scalar()
    return found


def any_waits(conn: Connection) -> bool:
    return conn.execute(sa.select(_e.id).limit(1)).first() is not None


# -- of a case --------------------------------------------------------------------------------------------------------


def awaited(conn: Connection, kind: CaseKind, case_subject: str) -> Expectation | None:
    """What still waits of that which a case came of, the longest; None where nothing does."""
    query = t.expectation.select().where(_e.kind == str(kind), _e.case_subject == case_subject)
    row = conn.execute(query.order_by(_e.since).limit(1)).first()
    return None if row is None else _expectation(row)
