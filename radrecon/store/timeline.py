"""What happened to a study, an order and a patient, in one line of time: ADT, orders, images, reports, corrections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.patient import Demographics
from radrecon.model.rows import TimelineRow
from radrecon.store import message_keys
from radrecon.store import tables as t
from radrecon.store.codec import iso, load
from radrecon.store.database import Connection
from radrecon.store.list_patients import numbers_of

LIMIT = 100  # of each kind of event


@dataclass(frozen=True)
class Subjects:
    """Whose events are asked for; ids of rows."""

    studies: tuple[int, ...] = ()
    orders: tuple[int, ...] = ()
    persons: tuple[int, ...] = ()
    cases: tuple[int, ...] = ()


def timeline(conn: Connection, subjects: Subjects) -> tuple[TimelineRow, ...]:
    """The oldest first."""
    sources = (
        _orders, _adt, _merges, _links, _notices, _studies, _performed, _reports, _cases, _corrections, _deliveries,
    )  # fmt: skip
    found = {row for source in sources for row in source(conn, subjects)}
    return tuple(sorted(found, key=lambda row: (row.at, row.message_id, row.text)))


def _row(at: datetime | None, what: str, text: str, message_id: int = 0) -> TimelineRow:
    return TimelineRow(iso(at), what, text, message_id)


def _orders(conn: Connection, subjects: Subjects) -> Iterator[TimelineRow]:
    """Each order as first heard, and every later message on its accession."""
    o, m = t.imaging_order.c, t.message.c
    accessions = []
    heard = sa.select(o.id, o.accession_number, o.placer_order_number, o.sender, o.received_at, o.message_id)
    for row in conn.execute(heard.where(o.id.in_(subjects.orders))) if subjects.orders else ():
        accessions.append(row.accession_number)
        text = f"order {row.accession_number or row.placer_order_number or row.id} heard from {row.sender or 'RIS'}"
        yield _row(row.received_at, "order", text, row.message_id)
    named = message_keys.named("accession_number", filter(None, accessions))
    query = sa.select(m.id, m.at, m.message_type, m.state).join_from(named, t.message, named.c.message_id == m.id)
    for said in conn.execute(query.order_by(m.id.desc()).limit(LIMIT)):
        yield _row(said.at, "order", f"{said.message_type} {said.state}", said.id)


def _adt(conn: Connection, subjects: Subjects) -> Iterator[TimelineRow]:
    h = t.person_history.c
    if subjects.persons:
        query = sa.select(h.at, h.event, h.message_id, h.prior).where(h.person_id.in_(subjects.persons))
        for row in conn.execute(query.order_by(h.id.desc()).limit(LIMIT)):
            text = f"identity changed ({row.event}), was {_identity(load(Demographics, row.prior))}"
            yield _row(row.at, "adt", text, row.message_id)


def _identity(known: Demographics) -> str:
    return " ".join(filter(None, (str(known.patient_id), str(known.name), known.birth_date, known.sex)))


def _merges(conn: Connection, subjects: Subjects) -> Iterator[TimelineRow]:
    m = t.merge.c
    if subjects.persons:
        either = sa.or_(m.survivor_id.in_(subjects.persons), m.non_survivor_id.in_(subjects.persons))
        rows = conn.execute(t.merge.select().where(either).limit(LIMIT)).all()
        numbers = numbers_of(conn, {one for row in rows for one in (row.survivor_id, row.non_survivor_id)})
        for row in rows:
            survivor, gone = numbers[row.survivor_id], numbers[row.non_survivor_id]
            yield _row(row.at, "adt", f"{gone} merged into {survivor}", row.message_id)
            if row.undone_at:
                yield _row(row.undone_at, "adt", f"merge of {gone} into {survivor} undone")


def _links(conn: Connection, subjects: Subjects) -> Iterator[TimelineRow]:
    """A24 and A37, by the sender's clock."""
    k = t.person_link.c
    either = sa.or_(k.person_id.in_(subjects.persons), k.other_id.in_(subjects.persons))
    rows = conn.execute(t.person_link.select().where(either).limit(LIMIT)).all() if subjects.persons else []
    numbers = numbers_of(conn, {one for row in rows for one in (row.person_id, row.other_id)})
    for row in rows:
        one, other = numbers[row.person_id], numbers[row.other_id]
        yield _row(row.at, "adt", f"{one} and {other} linked, as two records of one patient", row.message_id)
        if row.ended_at:
            yield _row(row.ended_at, "adt", f"link of {one} and {other} ended", row.end_message_id)


def _notices(conn: Connection, subjects: Subjects) -> Iterator[TimelineRow]:
    n = t.notice.c
    if subjects.persons:
        query = sa.select(n.at, n.kind, n.message_id).where(n.person_id.in_(subjects.persons))
        for row in conn.execute(query.order_by(n.id.desc()).limit(LIMIT)):
            yield _row(row.at, "adt", row.kind.replace("_", " "), row.message_id)


def _studies(conn: Connection, subjects: Subjects) -> Iterator[TimelineRow]:
    s = t.study.c
    columns = (s.pacs, s.first_seen, s.last_changed, s.last_seen, s.gone, s.series, s.instances)
    for row in conn.execute(sa.select(*columns).where(s.id.in_(subjects.studies))) if subjects.studies else ():
        size = f"{row.series} series, {row.instances} instances"
        yield _row(row.first_seen, "study", f"first seen at {row.pacs}")
        if row.last_changed != row.first_seen:
            yield _row(row.last_changed, "study", f"changed at {row.pacs}: {size}")
        if row.gone:
            yield _row(row.last_seen, "study", f"gone from {row.pacs}")


def _performed(conn: Connection, subjects: Subjects) -> Iterator[TimelineRow]:
    """Each N-CREATE and N-SET about these orders, studies and patients, those that were refused too."""
    p, f, m = t.performed_step.c, t.performed_reference.c, t.performed_message.c
    uids = sa.select(t.study.c.study_instance_uid).where(t.study.c.id.in_(subjects.studies))
    named = sa.select(f.performed_id).where(
        sa.or_(f.order_id.in_(subjects.orders), sa.and_(f.study_instance_uid != "", f.study_instance_uid.in_(uids)))
    )
    mine = sa.or_(p.id.in_(named), sa.and_(p.person_id != 0, p.person_id.in_(subjects.persons)))
    columns = (m.at, m.operation, m.state, m.performed_status, m.reason, p.station_ae_title, p.peer_ae_title)
    query = sa.select(*columns, p.wrong_worklist_entry).join_from(
        t.performed_message, t.performed_step, m.performed_id == p.id
    )
    for row in conn.execute(query.where(mine).order_by(m.id.desc()).limit(LIMIT)):
        where = row.station_ae_title or row.peer_ae_title
        yield _row(row.at, "performed", f"{where} {_became(row)}")


def _became(row: Any) -> str:
    if row.state == "refused":
        return f"{row.operation} refused: {row.reason}"
    wrong = row.wrong_worklist_entry and row.performed_status == "DISCONTINUED"
    return f"{row.performed_status.lower()}{': wrong worklist entry' if wrong else ''}"


def _reports(conn: Connection, subjects: Subjects) -> Iterator[TimelineRow]:
    r = t.report.c
    columns = (r.received_at, r.status, r.number, r.message_id)
    for row in conn.execute(sa.select(*columns).where(r.order_id.in_(subjects.orders))) if subjects.orders else ():
        yield _row(row.received_at, "report", f"report version {row.number}, status {row.status}", row.message_id)


def _cases(conn: Connection, subjects: Subjects) -> Iterator[TimelineRow]:
    c = t.case.c
    columns = (c.id, c.kind, c.state, c.opened_at, c.closed_at, c.close_reason)
    for row in conn.execute(sa.select(*columns).where(c.id.in_(subjects.cases))) if subjects.cases else ():
        yield _row(row.opened_at, "case", f"case {row.id} opened: {row.kind.replace('_', ' ')}")
        if row.closed_at:
            yield _row(row.closed_at, "case", f"case {row.id} {row.state}: {row.close_reason}")


def _corrections(conn: Connection, subjects: Subjects) -> Iterator[TimelineRow]:
    c = t.correction.c
    columns = (c.id, c.verb, c.state, c.approved_at, c.approved_by, c.ended_at)
    for row in conn.execute(sa.select(*columns).where(c.case_id.in_(subjects.cases))) if subjects.cases else ():
        yield _row(row.approved_at, "correction", f"correction {row.id} ({row.verb}) approved by {row.approved_by}")
        if row.ended_at:
            yield _row(row.ended_at, "correction", f"correction {row.id} {row.state}")


def _deliveries(conn: Connection, subjects: Subjects) -> Iterator[TimelineRow]:
    d, c = t.delivery.c, t.correction.c
    query = sa.select(d.destination, d.state, d.updated_at, d.message_id, d.words)
    query = query.join_from(t.delivery, t.correction, d.correction_id == c.id).where(c.case_id.in_(subjects.cases))
    for row in conn.execute(query.limit(LIMIT)) if subjects.cases else ():
        words = f": {row.words}" if row.words else ""
        yield _row(
            row.updated_at, "delivery", f"{row.destination} {row.state.replace('_', ' ')}{words}", row.message_id
        )


def ids(values: Iterable[int]) -> tuple[int, ...]:
    """Row ids without the 0 that means none."""
    return tuple(sorted(set(values) - {0}))
