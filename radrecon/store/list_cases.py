"""Cases as rows: each with the identity that it is about, so that a list needs no second look-up.

A case of a study shows the study's own identity as it stands at the PACS; others show the person's, or the order's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from radrecon.model.case import CaseKind, CaseState, Weight
from radrecon.model.errors import NotFound
from radrecon.model.rows import CaseRow, OrderRow
from radrecon.store import tables as t
from radrecon.store.codec import iso, wall_iso
from radrecon.store.database import Connection
from radrecon.store.duplicates import pairs_of
from radrecon.store.filters import Searchable, conditions, is_one_of, of_person
from radrecon.store.list_orders import orders_by_id
from radrecon.store.list_studies import LIGHT as STUDY_COLUMNS
from radrecon.store.list_studies import Judge

LIVE = (str(CaseState.OPEN), str(CaseState.CORRECTING))
IMPORTANT = (str(Weight.DIFFERS), str(Weight.MISSING))
_c, _s, _p, _o = t.case.c, t.study.c, t.person.c, t.imaging_order.c
_FROM = (
    t.case.outerjoin(t.study, _s.id == _c.study_id)
    .outerjoin(t.person, _p.id == _c.person_id)
    .outerjoin(t.imaging_order, _o.id == _c.order_id)
)
_PERSON = (_p.patient_id, _p.issuer_of_patient_id, _p.patient_name)
_QUERY = sa.select(t.case, *STUDY_COLUMNS, *_PERSON).select_from(_FROM)
_SEARCH = Searchable(
    "cases",
    {
        "patient_id": (_s.patient_id, _p.patient_id),
        "issuer_of_patient_id": (_s.issuer_of_patient_id, _p.issuer_of_patient_id),
        "patient_name": (_s.patient_name, _p.patient_name),
        "patient_birth_date": (_s.patient_birth_date, _p.patient_birth_date),
        "accession_number": (_s.accession_number, _o.accession_number),
        "study_instance_uid": (_s.study_instance_uid,),
        "modality": (_s.modality,),
        "station": (_s.station_name,),
        "description": (_c.cause, _c.subject, _s.description),
        "kind": (_c.kind,),
        "owner": (_c.owner,),
        "status": (_c.state,),
        "pacs": (_s.pacs,),
        "priority": (_o.priority,),
    },
    {
        "patient_id": lambda value: sa.or_(of_person(_p.id)(value), is_one_of(_s.patient_id)(value)),
        "study_instance_uid": is_one_of(_s.study_instance_uid),
    },
    age=_c.opened_at,
)


def cases(
    conn: Connection, *, kinds: Sequence[str] = (), states: Sequence[str] = LIVE, query: str = "", limit: int = 1000
) -> list[CaseRow]:
    """The severest first, then the longest open. No states means all."""
    judge = Judge.of(conn)
    wanted = conditions(query, _SEARCH, judge.now)
    wanted += [_c.kind.in_(kinds)] if kinds else []
    wanted += [_c.state.in_(states)] if states else []
    return _rows(conn, judge, _QUERY.where(*wanted).order_by(_c.severity.desc(), _c.opened_at, _c.id).limit(limit))


def case(conn: Connection, case_id: int) -> CaseRow:
    found = _rows(conn, Judge.of(conn), _QUERY.where(_c.id == case_id))
    if not found:
        raise NotFound(f"no case {case_id}")
    return found[0]


def cases_about(
    conn: Connection, *, study_ids: Iterable[int] = (), order_ids: Iterable[int] = (), person_ids: Iterable[int] = ()
) -> list[CaseRow]:
    """Cases of any state that name one of these studies, orders or persons."""
    person_ids = sorted(person_ids)
    pairs = ((_c.study_id, study_ids), (_c.order_id, order_ids), (_c.person_id, person_ids))
    ways: list[sa.ColumnElement[bool]] = [
        column.in_(sorted(wanted)) for column, ids in pairs if (wanted := set(ids) - {0})
    ]
    if subjects := [f"persons:{one}/{other}" for one, other in pairs_of(conn, person_ids)]:
        ways.append((_c.kind == str(CaseKind.DUPLICATE_PATIENTS)) & _c.subject.in_(subjects))
    if not ways:
        return []
    return _rows(conn, Judge.of(conn), _QUERY.where(sa.or_(*ways)).order_by(_c.id.desc()).limit(200))


def _rows(conn: Connection, judge: Judge, query: sa.Select[Any]) -> list[CaseRow]:
    found = conn.execute(query).mappings().all()
    orders = orders_by_id(conn, [_order_of(row) for row in found])
    return [_row(row, judge, orders.get(_order_of(row))) for row in found]


def _order_of(row: Mapping[Any, Any]) -> int:
    """The case's order, else the best candidate."""
    candidates = row[_c.finding].get("candidates") or ()
    return int(row[_c.order_id] or (candidates[0]["order_id"] if candidates else 0))


def _row(row: Mapping[Any, Any], judge: Judge, order: OrderRow | None) -> CaseRow:
    finding = row[_c.finding]
    has_study = row[_s.id] is not None
    listed = _listed(finding)
    return CaseRow(
        id=row[_c.id],
        kind=row[_c.kind],
        state=row[_c.state],
        severity=row[_c.severity],
        cause=row[_c.cause],
        owner=row[_c.owner],
        opened_at=iso(row[_c.opened_at]),
        updated_at=iso(row[_c.updated_at]),
        **_identity(row, order if row[_c.order_id] else None),
        modality=(row[_s.modality] if has_study else order.modality if order else listed.get("modality")) or "",
        station_name=_station(row, order, listed),
        performed_at=wall_iso(row[_s.performed] or "", judge.zone),
        study_id=row[_c.study_id],
        order_id=row[_c.order_id],
        person_id=row[_c.person_id],
        study_instance_uid=row[_s.study_instance_uid] or "",
        study_status=judge.status(_Study(row)) if has_study else "",
        priority=order.priority if order else "",
        fields=tuple(one["field"] for one in finding.get("differences") or () if one["weight"] in IMPORTANT),
        candidates=tuple(_candidate(one) for one in finding.get("candidates") or ()),
        closed_at=iso(row[_c.closed_at]),
        close_reason=row[_c.close_reason],
        correction_id=row[_c.correction_id],
    )


def _station(row: Mapping[Any, Any], order: OrderRow | None, listed: Mapping[str, Any]) -> str:
    if row[_s.id] is not None:
        return row[_s.station_name] or ""
    return (order.scheduled_station_ae_title if order else listed.get("scheduled_station_ae_title")) or ""


def _listed(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    """The entry of another system's worklist that a case is about: without order and person it is all there is."""
    return (finding.get("evidence") or {}).get("listed") or {}


class _Study:
    """The study's columns of a joined row, by attribute."""

    def __init__(self, row: Mapping[Any, Any]) -> None:
        self.pacs, self.gone, self.steady = row[_s.pacs], row[_s.gone], row[_s.steady]
        self.last_changed = row[_s.last_changed]


def _identity(row: Mapping[Any, Any], order: OrderRow | None) -> dict[str, str]:
    listed = _listed(row[_c.finding])
    named = _subject_accession(row[_c.subject]) or listed.get("accession_number", "")
    accession = order.accession_number if order else named
    if row[_s.id] is not None:
        found = {column.name: row[column] for column in (_s.patient_id, _s.issuer_of_patient_id, _s.patient_name)}
        return found | {"accession_number": row[_s.accession_number]}
    if row[_p.patient_id] is not None:
        return {column.name: row[column] for column in _PERSON} | {"accession_number": accession}
    names = ("patient_id", "issuer_of_patient_id", "patient_name")
    found = {name: getattr(order, name) if order else listed.get(name, "") for name in names}
    return found | {"accession_number": accession}


def _subject_accession(subject: str) -> str:
    """`accession:ISSUER/NUMBER` → NUMBER."""
    kind, _, rest = subject.partition(":")
    return rest.partition("/")[2] if kind == "accession" else ""


def _candidate(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "order_id": one["order_id"],
        "accession_number": one["accession_number"],
        "probability": one["probability"],
        "reasons": [reason["text"] for reason in one.get("reasons") or ()],
        "vetoes": list(one.get("vetoes") or ()),
        "conflict": one.get("conflict") or "",
    }
