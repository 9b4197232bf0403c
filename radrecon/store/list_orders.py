"""Orders as rows: the newest first, each under its person's identity as it stands now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Any

import sqlalchemy as sa

from radrecon.model.errors import NotFound
from radrecon.model.patient import Demographics
from radrecon.model.rows import OrderRow
from radrecon.store import persons
from radrecon.store import tables as t
from radrecon.store.codec import iso, load, wall_iso
from radrecon.store.database import Connection
from radrecon.store.filters import Searchable, conditions, is_one_of, of_person
from radrecon.store.life import database_now
from radrecon.store.settings import load_config

_o, _s, _p = t.imaging_order.c, t.step.c, t.person.c
IDENTITY = (_p.patient_id, _p.issuer_of_patient_id, _p.patient_name, _p.patient_birth_date, _p.patient_sex)
PATIENT_TEXTS = {column.name: (column,) for column in IDENTITY}
_first = t.step.alias("first")
_FIRST_STEP = (
    sa.select(sa.func.min(_first.c.id)).where(_first.c.order_id == _o.id).correlate(t.imaging_order).scalar_subquery()
)
_LINKED = (
    sa.select(sa.func.min(t.link.c.study_id))
    .where(t.link.c.order_id == _o.id, t.link.c.revoked_at.is_(None))
    .correlate(t.imaging_order)
    .scalar_subquery()
)
_FROM = t.imaging_order.outerjoin(t.person, _p.id == _o.person_id).outerjoin(t.step, _s.id == _FIRST_STEP)
_QUERY = sa.select(
    t.imaging_order, _s.modality, _s.station_ae_title, _s.start, *IDENTITY, _p.quarantined, _LINKED.label("study_id")
).select_from(_FROM)
_SEARCH = Searchable(
    "orders",
    {
        **PATIENT_TEXTS,
        "accession_number": (_o.accession_number, _o.placer_order_number, _o.filler_order_number),
        "modality": (_s.modality,),
        "station": (_s.station_ae_title, _s.station_name),
        "description": (_o.requested_procedure_description,),
        "study_instance_uid": (_o.study_instance_uid,),
        "status": (_o.status,),
        "priority": (_o.priority,),
        "sender": (_o.sender,),
    },
    {
        "patient_id": of_person(_o.person_id),
        "accession_number": is_one_of(_o.accession_number),
        "study_instance_uid": is_one_of(_o.study_instance_uid),
    },
    age=_o.received_at,
)


def orders(conn: Connection, *, query: str = "", limit: int = 500) -> list[OrderRow]:
    wanted = conditions(query, _SEARCH, database_now(conn))
    return _rows(conn, _QUERY.where(*wanted).order_by(_o.id.desc()).limit(limit))


def order(conn: Connection, order_id: int) -> OrderRow:
    found = orders_by_id(conn, [order_id])
    if not found:
        raise NotFound(f"no order {order_id}")
    return found[order_id]


def orders_by_id(conn: Connection, ids: Iterable[int]) -> dict[int, OrderRow]:
    wanted = sorted(set(ids) - {0})
    return {row.id: row for row in _rows(conn, _QUERY.where(_o.id.in_(wanted)))} if wanted else {}


def orders_of_person(conn: Connection, person_id: int, limit: int = 500) -> list[OrderRow]:
    return _rows(conn, _QUERY.where(_o.person_id == person_id).order_by(_o.id.desc()).limit(limit))


def _rows(conn: Connection, query: sa.Select[Any]) -> list[OrderRow]:
    zone = load_config(conn).zone()
    return [_row(found, zone) for found in conn.execute(query).mappings()]


def _row(found: Mapping[Any, Any], zone: tzinfo) -> OrderRow:
    return OrderRow(
        id=found[_o.id],
        accession_number=found[_o.accession_number],
        **identity(found),
        modality=found[_s.modality] or "",
        scheduled_station_ae_title=found[_s.station_ae_title] or "",
        scheduled_start=wall_iso(found[_s.start] or "", zone),
        requested_procedure_description=found[_o.requested_procedure_description],
        placer_order_number=found[_o.placer_order_number],
        filler_order_number=found[_o.filler_order_number],
        study_instance_uid=found[_o.study_instance_uid],
        priority=found[_o.priority],
        patient_class=found[_o.patient_class],
        status=found[_o.status],
        received_at=iso(found[_o.received_at]),
        person_id=found[_o.person_id],
        linked_study_id=found["study_id"] or 0,
        flags=tuple(found[_o.data].get("flags", ())),
        sources=dict(found[_o.data].get("sources", {})),
        **{name: wall_iso(found[_o.data].get(name, ""), zone) for name in ("arrived", "begun", "ended")},
    )


def identity(found: Mapping[Any, Any]) -> dict[str, str]:
    """The person's block; what the order itself said where nobody is known, or while an overlay is not settled."""
    if found[_p.patient_id] is not None and not found[_p.quarantined]:
        return {column.name: found[column] for column in IDENTITY}
    return persons.columns(load(Demographics, found[_o.data].get("patient", {})))
