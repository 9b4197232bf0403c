"""Worklist rows (waiting scheduled procedure steps, by start) and the record of what modalities asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import sqlalchemy as sa

from radrecon.model.errors import NotFound
from radrecon.model.rows import WorklistQueryRow, WorklistRow
from radrecon.store import tables as t
from radrecon.store.codec import iso, wall_iso
from radrecon.store.database import Connection
from radrecon.store.filters import Searchable, conditions, is_one_of, of_person
from radrecon.store.life import database_now
from radrecon.store.list_orders import IDENTITY, PATIENT_TEXTS, identity
from radrecon.store.settings import load_config
from radrecon.store.worklist import WAITING

RECENT_STEPS = 20_000  # how far back stations are looked for
_s, _o, _p, _q = t.step.c, t.imaging_order.c, t.person.c, t.worklist_query.c
_QUERY = sa.select(t.step, t.imaging_order, *IDENTITY, _p.quarantined).select_from(
    t.step.join(t.imaging_order, _s.order_id == _o.id).outerjoin(t.person, _p.id == _o.person_id)
)
_SEARCH = Searchable(
    "the worklist",
    {
        **PATIENT_TEXTS,
        "accession_number": (_o.accession_number,),
        "modality": (_s.modality,),
        "station": (_s.station_ae_title, _s.station_name),
        "description": (_o.requested_procedure_description,),
        "study_instance_uid": (_o.study_instance_uid,),
        "status": (_s.status,),
        "priority": (_o.priority,),
    },
    {
        "patient_id": of_person(_o.person_id),
        "accession_number": is_one_of(_o.accession_number),
        "study_instance_uid": is_one_of(_o.study_instance_uid),
    },
    age=_o.received_at,
)


def worklist(
    conn: Connection, *, station: str = "", ids: Sequence[int] | None = None, query: str = "", limit: int = 500
) -> list[WorklistRow]:
    """Waiting steps; of one station: its own and those that name none, which it may get too; `ids`: only these."""
    wanted = conditions(query, _SEARCH, database_now(conn))
    if ids is not None:
        wanted.append(_s.id.in_(ids))
    if station:
        wanted.append(_s.station_ae_title.in_((station, "")))
    zone = load_config(conn).zone()
    found = conn.execute(_QUERY.where(_s.status.in_(WAITING), *wanted).order_by(_s.start, _s.id).limit(limit))
    return [_row(row, zone) for row in found.mappings()]


def _row(row: Mapping[Any, Any], zone: tzinfo) -> WorklistRow:
    who: Mapping[str, Any] = identity(row)
    return WorklistRow(
        id=row[_s.id],
        order_id=row[_o.id],
        accession_number=row[_o.accession_number],
        **who,
        modality=row[_s.modality],
        scheduled_station_ae_title=row[_s.station_ae_title],
        scheduled_station_name=row[_s.station_name],
        scheduled_start=wall_iso(row[_s.start], zone),
        scheduled_procedure_step_id=row[_s.scheduled_procedure_step_id],
        scheduled_procedure_step_description=row[_s.data].get("description", ""),
        requested_procedure_description=row[_o.requested_procedure_description],
        requested_procedure_id=row[_o.requested_procedure_id],
        study_instance_uid=row[_o.study_instance_uid],
        priority=row[_o.priority],
        status=row[_s.status],
    )


def worklist_queries(conn: Connection, *, station: str = "", limit: int = 100) -> list[WorklistQueryRow]:
    """The latest C-FINDs first; those of one calling AE title where it is given."""
    query = t.worklist_query.select().order_by(_q.id.desc()).limit(limit)
    rows = conn.execute(query.where(_q.peer_ae_title == station) if station else query)
    return [_query_row(row) for row in rows]


def _query_row(row: Any) -> WorklistQueryRow:
    return WorklistQueryRow(
        row.id, iso(row.at), row.peer_ae_title, row.address, row.keys, row.matches, round(row.milliseconds, 1),
        row.status, tuple(row.narrowed), tuple(row.ignored),
    )  # fmt: skip


@dataclass(frozen=True)
class RecordedQuery:
    """A C-FIND as it was asked, for asking again; `criteria` as `dicom.worklist_query` keeps them."""

    row: WorklistQueryRow
    at: datetime
    criteria: Mapping[str, Any]


def recorded_query(conn: Connection, number: int) -> RecordedQuery:
    """Raises NotFound."""
    row = conn.execute(t.worklist_query.select().where(_q.id == number)).first()
    if row is None:
        raise NotFound(f"no worklist query {number}; `radrecon worklist --queries` lists them")
    return RecordedQuery(_query_row(row), row.at, row.criteria)


def received_at(conn: Connection, order_id: int) -> datetime:
    """When an order was heard first."""
    found: datetime = conn.execute(sa.select(_o.received_at).where(_o.id == order_id)).scalar_one()
    return found


def stations(conn: Connection) -> list[str]:
    """AE titles that recent steps are scheduled on, and those of the configured modalities."""
    newest = sa.select(sa.func.max(_s.id)).scalar_subquery()
    recent = sa.select(_s.station_ae_title).where(_s.id > newest - RECENT_STEPS).distinct()
    configured = {modality.ae_title for modality in load_config(conn).modality}
    return sorted({*conn.execute(recent).scalars(), *configured} - {""})
