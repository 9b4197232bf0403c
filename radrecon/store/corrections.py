"""Corrections, their deliveries, and the originals kept before anything changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from radrecon.model.correction import DeliveryState, OriginalHeader, Plan, PlannedDelivery
from radrecon.model.errors import NotFound
from radrecon.store import tables as t
from radrecon.store.codec import dump, load
from radrecon.store.database import Connection, changed, insert
from radrecon.store.kept import KEPT, once
from radrecon.store.statement import Statement

ENDED = tuple(str(state) for state in (DeliveryState.FILED, DeliveryState.STALE))
# states that the relay does not move by itself: a person does
STUCK = tuple(
    str(state)
    for state in (DeliveryState.REFUSED, DeliveryState.FAILED, DeliveryState.NOT_APPLIED, DeliveryState.UNCERTAIN)
)
OPEN = tuple(
    str(state)
    for state in (
        DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.WRITTEN, DeliveryState.ACCEPTED,
        DeliveryState.ACKNOWLEDGED,
    )
)  # fmt: skip
# as far as it goes where nobody can prove it
TAKEN = (str(DeliveryState.ACCEPTED), str(DeliveryState.ACKNOWLEDGED))


@dataclass(frozen=True)
class Delivery:
    """One step of an approved plan on its way. `acknowledged` without `proof` is as far as can be known."""

    id: int
    correction_id: int
    destination: str
    state: DeliveryState
    planned: PlannedDelivery
    proof: str
    words: str
    attempts: int
    parked: bool
    due: datetime
    written_at: datetime | None
    message_id: int
    sent_at: datetime
    version: int

    def written_since(self, now: datetime) -> float:
        """Seconds since the peer took it."""
        return (now - self.sent_at).total_seconds()


@dataclass(frozen=True)
class Correction:
    id: int
    case_id: int
    state: str
    plan: Plan
    approved_by: str
    approved_at: datetime
    undo_of: int
    undone_by: int


def insert_correction(
    conn: Connection, plan: Plan, *, reason: str, ticket: str, who: str, at: datetime, state: str = "under way"
) -> int:
    changed(conn, "deliveries")
    return insert(
        conn, t.correction, case_id=plan.case_id, verb=str(plan.verb), state=state, summary=plan.summary,
        plan=dump(plan), reason=reason, ticket=ticket, approved_by=who, approved_at=at, undo_of=plan.undo_of,
    )  # fmt: skip


def load_correction(conn: Connection, correction_id: int) -> Correction:
    row = conn.execute(t.correction.select().where(t.correction.c.id == correction_id)).first()
    if row is None:
        raise NotFound(f"no correction {correction_id}")
    return Correction(
        row.id, row.case_id, row.state, load(Plan, row.plan), row.approved_by, row.approved_at, row.undo_of,
        row.undone_by,
    )  # fmt: skip


def update_correction(conn: Connection, correction_id: int, **values: Any) -> None:
    conn.execute(t.correction.update().where(t.correction.c.id == correction_id).values(**values))
    changed(conn, "deliveries", "cases")


def corrections_of_study(conn: Connection, uid: str) -> list[int]:
    """Corrections under way that touch a study."""
    if not once(conn, "corrections.under_way", lambda: _any_under_way(conn)):
        return []
    return [row[0] for row in _OF_KEY.all(conn, key=f"study:{uid}", state="under way")]


def _any_under_way(conn: Connection) -> bool:
    return KEPT not in conn.__dict__ or _ANY.first(conn, state="under way") is not None


_ANY = Statement(sa.select(t.correction.c.id).where(t.correction.c.state == sa.bindparam("state")).limit(1))


_OF_KEY = Statement(
    sa.select(t.delivery.c.correction_id)
    .join_from(t.delivery_key, t.delivery, t.delivery_key.c.delivery_id == t.delivery.c.id)
    .join(t.correction, t.correction.c.id == t.delivery.c.correction_id)
    .where(t.delivery_key.c.key == sa.bindparam("key"), t.correction.c.state == sa.bindparam("state"))
    .distinct()
)


def insert_delivery(conn: Connection, correction_id: int, position: int, planned: PlannedDelivery, at: datetime) -> int:
    uid = planned.edit.study_instance_uid if planned.edit else ""
    keys = [key.removeprefix("patient:") for key in planned.keys if key.startswith("patient:")]
    patient = keys[0].split("^")[0] if keys else ""
    delivery_id = insert(
        conn, t.delivery, correction_id=correction_id, position=position, destination=planned.destination,
        kind="dicom" if planned.edit else "hl7", title=planned.title, state=str(DeliveryState.QUEUED),
        proof=planned.proof, plan=dump(planned), patient_id=patient, study_instance_uid=uid, due=at, created_at=at,
        updated_at=at,
    )  # fmt: skip
    rows = [{"key": key, "delivery_id": delivery_id} for key in dict.fromkeys(planned.keys)]
    if rows:
        conn.execute(t.delivery_key.insert(), rows)
    changed(conn, "deliveries")
    return delivery_id


def load_delivery(conn: Connection, delivery_id: int) -> Delivery:
    row = conn.execute(t.delivery.select().where(t.delivery.c.id == delivery_id)).first()
    if row is None:
        raise NotFound(f"no delivery {delivery_id}")
    return _delivery(row)


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        correction_id=row.correction_id,
        destination=row.destination,
        state=DeliveryState(row.state),
        planned=load(PlannedDelivery, row.plan),
        proof=row.proof,
        words=row.words,
        attempts=row.attempts,
        parked=row.parked,
        due=row.due,
        written_at=row.written_at,
        message_id=row.message_id,
        sent_at=row.acknowledged_at or row.written_at or row.updated_at,
        version=row.version,
    )


def deliveries_of(conn: Connection, correction_id: int) -> list[Delivery]:
    query = t.delivery.select().where(t.delivery.c.correction_id == correction_id).order_by(t.delivery.c.position)
    return [_delivery(row) for row in conn.execute(query)]


def found_sending(conn: Connection) -> list[Delivery]:
    """Every delivery that is being sent, oldest first, whatever time it was begun at: the clock may have been wrong."""
    query = t.delivery.select().where(t.delivery.c.state == str(DeliveryState.SENDING))
    return [_delivery(row) for row in conn.execute(query.order_by(t.delivery.c.id))]


def to_prove(conn: Connection, now: datetime, passed_over: Collection[str] = (), limit: int = 100) -> list[Delivery]:
    """What somebody can be asked about, oldest first: arrived ones with a proof, and uncertain ones.

    `passed_over`: PACS whose answers are not wanted now. What waits for them takes no place here, nor does what has
    arrived as far as can be known.
    """
    d = t.delivery.c
    arrived = d.state.in_([str(state) for state in PROVABLE_STATES]) & (d.proof != "")
    query = t.delivery.select().where(arrived | (d.state == str(DeliveryState.UNCERTAIN)), _due(now), ~d.parked)
    if passed_over:
        query = query.where(d.proof.not_in(sorted(passed_over)))
    return [_delivery(row) for row in conn.execute(query.order_by(d.id).limit(limit))]


PROVABLE_STATES = (DeliveryState.WRITTEN, DeliveryState.ACCEPTED, DeliveryState.ACKNOWLEDGED)
FARTHEST = timedelta(hours=1)


def _due(now: datetime) -> Any:
    """Nothing is put off for as long as an hour: what seems to be was put off by a clock that was wrong."""
    return (t.delivery.c.due <= now) | (t.delivery.c.due > now + FARTHEST)


def unfinished_ids(conn: Connection) -> frozenset[int]:
    d = t.delivery.c
    return frozenset(conn.execute(sa.select(d.id).where(d.state.not_in(ENDED))).scalars())


def queued_without(conn: Connection, destinations: Collection[str], words: str) -> list[int]:
    """Queued deliveries to these destinations that do not say these words yet."""
    d = t.delivery.c
    query = sa.select(d.id).where(d.state == str(DeliveryState.QUEUED), d.words != words)
    return list(conn.execute(query.where(d.destination.in_(sorted(destinations)))).scalars()) if destinations else []


def say(conn: Connection, ids: Sequence[int], words: str, now: datetime) -> None:
    conn.execute(t.delivery.update().where(t.delivery.c.id.in_(ids)).values(words=words, updated_at=now))
    changed(conn, "deliveries")


def ready(conn: Connection, now: datetime, passed_over: Collection[str] = (), limit: int = 50) -> list[Delivery]:
    """Queued deliveries whose keys no earlier unfinished delivery to the same destination holds."""
    d, k = t.delivery.c, t.delivery_key.c
    before = t.delivery.alias()
    their = t.delivery_key.alias()
    # a message that arrived as far as can be known holds nobody up
    unfinished = sa.or_(
        before.c.state.in_([state for state in (*OPEN, *STUCK) if state not in TAKEN]),
        sa.and_(before.c.state.in_(TAKEN), before.c.proof != ""),
    )
    held = (
        sa.select(sa.literal(1))
        .select_from(before.join(their, their.c.delivery_id == before.c.id).join(t.delivery_key, k.key == their.c.key))
        .where(k.delivery_id == d.id, before.c.id < d.id, before.c.destination == d.destination, unfinished)
        .where(~before.c.parked)
        .exists()
    )
    query = t.delivery.select().where(d.state == str(DeliveryState.QUEUED), _due(now), ~d.parked, ~held)
    if passed_over:
        query = query.where(d.destination.not_in(sorted(passed_over)))
    return [_delivery(row) for row in conn.execute(query.order_by(d.id).limit(limit))]


def move(
    conn: Connection, delivery: Delivery, state: DeliveryState, now: datetime, words: str = "", **values: Any
) -> bool:
    """Change a delivery if nobody else has since it was read; False if somebody has."""
    d = t.delivery.c
    result = conn.execute(
        t.delivery.update()
        .where(d.id == delivery.id, d.version == delivery.version)
        .values(state=str(state), words=words, updated_at=now, version=d.version + 1, **values)
    )
    changed(conn, "deliveries")
    return result.rowcount == 1


def hold(conn: Connection, delivery: Delivery, why: str, now: datetime, due: datetime) -> None:
    """Look at it again at `due`; views hear of it only where the reason is a new one."""
    d = t.delivery.c
    values: dict[str, Any] = {"due": due}
    if why != delivery.words:
        values |= {"words": why, "updated_at": now}
        changed(conn, "deliveries")
    conn.execute(t.delivery.update().where(d.id == delivery.id, d.version == delivery.version).values(**values))


def keep_originals(conn: Connection, delivery_id: int, originals: Iterable[OriginalHeader]) -> None:
    """Keep what was there before, once: a second try never replaces an original by something already edited.

    Some at a time, and only those are looked for: a study may have thousands, and others wait to write.
    """
    given = list(originals)
    o = t.original.c
    query = sa.select(o.sop_instance_uid).where(o.delivery_id == delivery_id)
    known = set(conn.execute(query.where(o.sop_instance_uid.in_([one.sop_instance_uid for one in given]))).scalars())
    rows = [
        {
            "delivery_id": delivery_id,
            "study_instance_uid": one.study_instance_uid,
            "series_instance_uid": one.series_instance_uid,
            "sop_instance_uid": one.sop_instance_uid,
            "header": one.header,
        }
        for one in given
        if one.sop_instance_uid not in known
    ]
    if rows:
        conn.execute(t.original.insert(), rows)


def has_originals(conn: Connection, delivery_id: int) -> bool:
    """Whether an edit came so far that something may have been changed: originals are kept right before that."""
    query = sa.select(t.original.c.id).where(t.original.c.delivery_id == delivery_id).limit(1)
    return conn.execute(query).first() is not None


def later_of_study(conn: Connection, delivery: Delivery) -> int:
    """The latest correction that has edited, or is to edit, the same study after this delivery; 0 if none."""
    d, k = t.delivery.c, t.delivery_key.c
    studies = [key for key in delivery.planned.keys if key.startswith("study:")]
    if not (studies and delivery.planned.edit):
        return 0
    query = (
        sa.select(d.correction_id)
        .join_from(t.delivery_key, t.delivery, k.delivery_id == d.id)
        .where(k.key.in_(studies), d.id > delivery.id, d.destination == delivery.destination, d.kind == "dicom")
        .where(d.correction_id != delivery.correction_id, d.state != str(DeliveryState.STALE))
    )
    return conn.execute(query.order_by(d.id.desc()).limit(1)).scalar() or 0


def undo_of(conn: Connection, correction_id: int) -> int:
    """The correction that has undone this one, be it half; 0 if none has, or it went stale."""
    c = t.correction.c
    query = sa.select(c.id).where(c.undo_of == correction_id, c.state != "stale").order_by(c.id.desc()).limit(1)
    return conn.execute(query).scalar() or 0


def load_originals(conn: Connection, delivery_id: int) -> list[OriginalHeader]:
    rows = conn.execute(t.original.select().where(t.original.c.delivery_id == delivery_id).order_by(t.original.c.id))
    return [
        OriginalHeader(row.study_instance_uid, row.series_instance_uid, row.sop_instance_uid, row.header)
        for row in rows
    ]
