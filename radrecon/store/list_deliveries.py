"""Corrections and their deliveries as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from radrecon.model.correction import DeliveryState, Plan
from radrecon.model.errors import NotFound
from radrecon.model.rows import CorrectionRow, DeliveryRow
from radrecon.store import tables as t
from radrecon.store.codec import iso
from radrecon.store.corrections import load_correction
from radrecon.store.database import Connection
from radrecon.store.filters import Condition, Searchable, conditions
from radrecon.store.life import database_now

_d, _c = t.delivery.c, t.correction.c
_mine = t.delivery.alias("mine")
_OF_CORRECTION = sa.select(_mine.c.id).where(_mine.c.correction_id == _c.id).correlate(t.correction)
_HAS_STEPS = _OF_CORRECTION.exists()
_HAS_UNPROVED = _OF_CORRECTION.where(_mine.c.state != str(DeliveryState.FILED)).exists()
# a correction that is done says how far that is known
_STATE = sa.case(
    (_c.state != "done", _c.state), (_HAS_UNPROVED, "acknowledged"), (_HAS_STEPS, "filed"), else_="done"
).label("known_state")
_DELIVERIES = sa.select(
    *(column for column in t.delivery.columns if column.name != "plan"), _c.case_id, _c.verb, _STATE
).select_from(t.delivery.join(t.correction, _c.id == _d.correction_id))
_CORRECTIONS = sa.select(*(column for column in t.correction.columns if column.name != "plan"), _STATE)
_SEARCH = Searchable(
    "deliveries",
    {
        "patient_id": (_d.patient_id,),
        "study_instance_uid": (_d.study_instance_uid,),
        "destination": (_d.destination,),
        "status": (_d.state,),
        "kind": (_d.kind,),
        "verb": (_c.verb,),
        "description": (_d.title, _d.words, _c.summary),
    },
    age=_d.created_at,
)
_CORRECTION_SEARCH = Searchable(
    "corrections",
    {"verb": (_c.verb,), "status": (_c.state,), "description": (_c.summary, _c.reason, _c.ticket, _c.approved_by)},
    age=_c.approved_at,
)


def deliveries(
    conn: Connection, *, states: Sequence[str] = (), query: str = "", limit: int = 500, correction_id: int = 0
) -> list[DeliveryRow]:
    """The latest correction first, its deliveries in the order in which they go out."""
    wanted = conditions(query, _SEARCH, database_now(conn))
    wanted += [_d.state.in_(states)] if states else []
    wanted += [_d.correction_id == correction_id] if correction_id else []
    found = _DELIVERIES.where(*wanted).order_by(_d.correction_id.desc(), _d.position).limit(limit)
    return [_delivery(row) for row in conn.execute(found)]


def deliveries_where(conn: Connection, wanted: Condition, limit: int) -> list[DeliveryRow]:
    """The oldest first."""
    return [_delivery(row) for row in conn.execute(_DELIVERIES.where(wanted).order_by(_d.id).limit(limit))]


def corrections(
    conn: Connection, *, case_id: int = 0, case_ids: Sequence[int] = (), query: str = "", limit: int = 500
) -> list[CorrectionRow]:
    """The latest first."""
    wanted = conditions(query, _CORRECTION_SEARCH, database_now(conn))
    ids = [*case_ids, *([case_id] if case_id else [])]
    wanted += [_c.case_id.in_(ids)] if ids else []
    return [_correction(row) for row in conn.execute(_CORRECTIONS.where(*wanted).order_by(_c.id.desc()).limit(limit))]


def correction(conn: Connection, correction_id: int) -> CorrectionRow:
    row = conn.execute(_CORRECTIONS.where(_c.id == correction_id)).first()
    if row is None:
        raise NotFound(f"no correction {correction_id}")
    return _correction(row)


def delivery_plan(conn: Connection, correction_id: int) -> Plan:
    """The plan as it was approved."""
    return load_correction(conn, correction_id).plan


def _delivery(row: Any) -> DeliveryRow:
    return DeliveryRow(
        id=row.id,
        correction_id=row.correction_id,
        case_id=row.case_id,
        verb=row.verb,
        destination=row.destination,
        title=row.title,
        state=row.state,
        words=row.words,
        attempts=row.attempts,
        created_at=iso(row.created_at),
        updated_at=iso(row.updated_at),
        provable=bool(row.proof),
        patient_id=row.patient_id,
        study_instance_uid=row.study_instance_uid,
        message_id=row.message_id,
        correction_state=row.known_state,
    )


def _correction(row: Any) -> CorrectionRow:
    return CorrectionRow(
        id=row.id,
        case_id=row.case_id,
        verb=row.verb,
        state=row.known_state,
        summary=row.summary,
        reason=row.reason,
        ticket=row.ticket,
        approved_by=row.approved_by,
        approved_at=iso(row.approved_at),
        undo_of=row.undo_of,
        undone_by=row.undone_by,
    )
