"""What is usual where: images at a station, reports to a sender's orders, registrations by an authority.

Looked through again now and then, over the last days; what was usual once is remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from radrecon.model.expectation import Practice
from radrecon.model.order import StepStatus
from radrecon.model.performed import Placement
from radrecon.store import tables as t
from radrecon.store.database import Connection

MOST = 50_000  # steps of the last days that are looked through, the latest
LATEST = 1000  # orders that are looked at for registrations
_o, _s, _p = t.imaging_order.c, t.step.c, t.person.c
_q = t.practice.c
LOOKED = "looked"  # a row that says when it was looked through last


@dataclass(frozen=True)
class Outcome:
    """One scheduled step of the last days. `start` is the site's wall clock; instants are UTC, None: it never came."""

    modality: str
    station: str
    sender: str
    start: str
    images_at: datetime | None
    report_at: datetime | None
    begun_at: datetime | None


def outcomes(conn: Connection, start_from: str, start_to: str) -> list[Outcome]:
    """Every step in this time that was not called off."""
    link, study, report, f = t.link.c, t.study.c, t.report.c, t.performed_reference.c
    images = (
        sa.select(sa.func.min(study.first_seen))
        .join_from(t.link, t.study, study.id == link.study_id)
        .where(link.order_id == _o.id, link.revoked_at.is_(None))
    )
    reports = sa.select(sa.func.min(report.received_at)).where(report.order_id == _o.id)
    begun = (
        sa.select(sa.func.min(t.performed_step.c.created_at))
        .join_from(t.performed_reference, t.performed_step, t.performed_step.c.id == f.performed_id)
        .where(f.order_id == _o.id, f.placement == str(Placement.APPLIED))
    )
    columns = (_s.modality, _s.station_ae_title, _o.sender, _s.start)
    found = [part.correlate(t.imaging_order).scalar_subquery() for part in (images, reports, begun)]
    states = [str(one) for one in StepStatus if one is not StepStatus.CANCELLED]
    query = (
        sa.select(*columns, *found)
        .join_from(t.step, t.imaging_order, _o.id == _s.order_id)
        .where(_s.status.in_(states), _s.start >= start_from, _s.start <= start_to, _o.accession_number > "")
        .order_by(_s.start.desc())
        .limit(MOST)
    )
    return [Outcome(*row) for row in conn.execute(query)]


def registrations(conn: Connection) -> list[tuple[str, datetime, bool]]:
    """The latest orders: their patient's authority, when they came, whether an ADT has named the patient."""
    latest = sa.select(_o.id, _o.person_id, _o.received_at).order_by(_o.id.desc()).limit(LATEST).subquery()
    query = (
        sa.select(_p.issuer_of_patient_id, latest.c.received_at, _p.registered)
        .join_from(latest, t.person, _p.id == latest.c.person_id)
        .where(_p.registered.in_((0, 1)))
        .order_by(latest.c.id.desc())
    )
    return [(row[0], row[1], bool(row[2])) for row in conn.execute(query)]


def looked_at(conn: Connection) -> datetime | None:
    found: datetime | None = conn.execute(sa.select(_q.last_at).where(_q.what == LOOKED)).scalar()
    return found


def load(conn: Connection, what: str) -> dict[str, Practice]:
    """By place."""
    rows = conn.execute(t.practice.select().where(_q.what == what))
    return {row.place: Practice(row.first_at, row.last_at, row.usual) for row in rows}


def save(conn: Connection, what: str, found: Iterable[tuple[str, Practice]]) -> None:
    """Replace what is known of these places."""
    for place, one in found:
        values = {"first_at": one.first_at, "last_at": one.last_at, "usual": one.usual}
        changed = conn.execute(t.practice.update().where(_q.what == what, _q.place == place).values(**values))
        if not changed.rowcount:
            conn.execute(t.practice.insert().values(what=what, place=place, **values))


def note_look(conn: Connection, at: datetime) -> None:
    save(conn, LOOKED, [("", Practice(at, at))])


def answered_at(conn: Connection, names: Sequence[str]) -> datetime | None:
    """Up to when every one of these PACS that has ever answered has been looked at; None where none has."""
    p = t.pacs_state.c
    found: datetime | None = conn.execute(sa.select(sa.func.min(p.last_success)).where(p.name.in_(names))).scalar()
    return found
