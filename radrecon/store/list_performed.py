"""Performed procedure steps as rows: the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Any

import sqlalchemy as sa

from radrecon.config import Config
from radrecon.model.performed import PerformedStep, Placement, StepReference
from radrecon.model.rows import PerformedRow
from radrecon.store import tables as t
from radrecon.store.codec import dump, iso, load, wall_iso
from radrecon.store.database import Connection
from radrecon.store.filters import Condition, Searchable, conditions, is_one_of
from radrecon.store.life import database_now
from radrecon.store.persons import normal
from radrecon.store.settings import load_config

_p, _f = t.performed_step.c, t.performed_reference.c


def _named(column: sa.Column[str]) -> Any:
    """A performed step one of whose references has this value."""

    def condition(value: str) -> Condition:
        return _p.id.in_(sa.select(_f.performed_id).where(is_one_of(column)(value)))

    return condition


def _flagged(value: str) -> Condition:
    """By one of the flags that rows show; an unknown one finds nothing."""
    flag = value.casefold()
    scheduled = sa.or_(
        _f.accession_number != "", _f.scheduled_procedure_step_id != "", _f.placement == Placement.APPLIED
    )
    ways = {
        "wrong_worklist_entry": _p.wrong_worklist_entry,
        "never_ended": _p.given_up,
        "unscheduled": _p.id.not_in(sa.select(_f.performed_id).where(scheduled)),
    }
    return ways[flag] if flag in ways else _p.id.in_(sa.select(_f.performed_id).where(_f.placement == flag))


_SEARCH = Searchable(
    "performed steps",
    {
        "patient_id": (_p.patient_id,),
        "patient_name": (_p.patient_name,),
        "patient_birth_date": (_p.patient_birth_date,),
        "modality": (_p.modality,),
        "station": (_p.station_ae_title, _p.station_name, _p.peer_ae_title),
        "status": (_p.status,),
    },
    {
        "patient_id": lambda value: _p.patient_normal == normal(value),
        "accession_number": _named(_f.accession_number),
        "study_instance_uid": _named(_f.study_instance_uid),
        "kind": _flagged,
    },
    age=_p.created_at,
)


def performed(conn: Connection, *, query: str = "", limit: int = 500) -> list[PerformedRow]:
    wanted = conditions(query, _SEARCH, database_now(conn))
    return _rows(conn, t.performed_step.select().where(*wanted).order_by(_p.id.desc()).limit(limit))


def performed_of_order(conn: Connection, order_id: int) -> list[PerformedRow]:
    """All that name a step of this order, also those that were not applied to it; the oldest first."""
    mine = sa.select(_f.performed_id).where(_f.order_id == order_id)
    return _rows(conn, t.performed_step.select().where(_p.id.in_(mine)).order_by(_p.id))


def performed_of_study(conn: Connection, uid: str) -> list[PerformedRow]:
    mine = sa.select(_f.performed_id).where(_f.study_instance_uid == uid)
    return _rows(conn, t.performed_step.select().where(_p.id.in_(mine)).order_by(_p.id)) if uid else []


def _rows(conn: Connection, query: sa.Select[Any]) -> list[PerformedRow]:
    found, config = conn.execute(query).all(), load_config(conn)
    named = _references(conn, [row.id for row in found])
    return [_row(row, named.get(row.id, []), _zone(config, row.station_ae_title)) for row in found]


def _references(conn: Connection, ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        query = t.performed_reference.select().where(_f.performed_id.in_(some)).order_by(_f.id)
        for row in conn.execute(query):
            found.setdefault(row.performed_id, []).append(row)
    return found


def _zone(config: Config, ae_title: str) -> tzinfo:
    own = next((one.time_zone for one in config.modality if one.ae_title == ae_title and one.time_zone), "")
    return Config(site=config.site.model_copy(update={"time_zone": own})).zone() if own else config.zone()


def _row(row: Any, named: Sequence[Any], zone: tzinfo) -> PerformedRow:
    step = load(PerformedStep, row.data)
    reason = step.discontinuation_reason
    return PerformedRow(
        id=row.id,
        sop_instance_uid=row.sop_instance_uid,
        performed_procedure_step_id=row.performed_procedure_step_id,
        status=row.status,
        modality=row.modality,
        performed_station_ae_title=row.station_ae_title,
        performed_station_name=row.station_name,
        started_at=wall_iso(row.started, zone),
        ended_at=wall_iso(row.ended, zone),
        description=step.description,
        discontinuation_reason=" ".join(filter(None, (reason.value, reason.scheme, reason.meaning))),
        patient_id=row.patient_id,
        issuer_of_patient_id=row.issuer_of_patient_id,
        patient_name=row.patient_name,
        patient_birth_date=row.patient_birth_date,
        patient_sex=row.patient_sex,
        accession_number=_joined(one.accession_number for one in named),
        study_instance_uid=_joined(one.study_instance_uid for one in named),
        series=row.series,
        instances=row.instances,
        received_at=iso(row.created_at),
        updated_at=iso(row.updated_at),
        peer_ae_title=row.peer_ae_title,
        person_id=row.person_id,
        order_ids=tuple(dict.fromkeys(one.order_id for one in named if one.order_id)),
        flags=_flags(row, step, named),
        references=tuple(_reference(one) for one in named),
        series_facts=tuple(dump(one) for one in step.series),
    )


def _joined(values: Iterable[str]) -> str:
    return "\\".join(dict.fromkeys(value for value in values if value))


def _flags(row: Any, step: PerformedStep, named: Sequence[Any]) -> tuple[str, ...]:
    """Why it counts for less than a plain one; what an unscheduled one names is of course not found."""
    ways = (
        ("unscheduled", step.unscheduled and not any(one.placement == Placement.APPLIED for one in named)),
        ("wrong_worklist_entry", row.wrong_worklist_entry),
        ("never_ended", row.given_up),
    )
    flags = [name for name, true in ways if true]
    placements = [one.placement for one in named if one.placement != Placement.APPLIED]
    return tuple(dict.fromkeys([*flags, *([] if "unscheduled" in flags else placements)]))


def _reference(row: Any) -> dict[str, Any]:
    named = dump(load(StepReference, row.data))
    return {**named, "placement": row.placement, "order_id": row.order_id, "step_id": row.step_id}
