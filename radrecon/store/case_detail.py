"""One case with everything that its page shows. Which verbs apply is a decision, and is filled in by the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from radrecon.model.case import Finding
from radrecon.model.rows import AffectedRow, CaseDetail, CaseRow, DecisionRow, ListedRow, OrderRow, StudyRow
from radrecon.store import decisions
from radrecon.store.cases import load_one, orders_named
from radrecon.store.codec import load
from radrecon.store.database import Connection
from radrecon.store.life import database_now
from radrecon.store.list_cases import case
from radrecon.store.list_deliveries import corrections
from radrecon.store.list_orders import orders_by_id
from radrecon.store.list_patients import patients_by_id
from radrecon.store.list_studies import series_of, studies_by_id
from radrecon.store.person_records import told_of
from radrecon.store.persons import find
from radrecon.store.studies import load_one as load_study
from radrecon.store.timeline import Subjects, ids, timeline


def case_detail(conn: Connection, case_id: int, verbs: Mapping[str, str] | None = None) -> CaseDetail:
    """Raises NotFound. `verbs`: verb → "" where it applies, else why it does not."""
    row, finding = case(conn, case_id), load_one(conn, case_id).finding
    study = studies_by_id(conn, [row.study_id]).get(row.study_id)
    candidates = [one.order_id for one in finding.candidates]
    own = [row.order_id, *(study.order_ids if study else ())]
    orders = orders_by_id(conn, [*own, *candidates, *orders_named(finding.evidence)])
    two = (finding.pair.survivor_id, finding.pair.non_survivor_id) if finding.pair else ()
    named = [row.person_id, _owner(conn, row), *(one.person_id for one in orders.values()), *two]
    persons = patients_by_id(conn, named)
    return CaseDetail(
        case=row,
        differences=finding.differences,
        candidates=finding.candidates,
        orders=orders,
        study=study,
        series=series_of(conn, study.id) if study else (),
        person=persons.get(row.person_id or _owner(conn, row)),
        persons=persons,
        timeline=timeline(conn, _subjects(row, study, orders, two)),
        corrections=tuple(corrections(conn, case_id=case_id)),
        verbs=dict(verbs or {}),
        affected=_affected(conn, finding),
        evidence=finding.evidence,
        decision=_decision(conn, finding),
        listed=load(ListedRow, finding.evidence["listed"]) if "listed" in finding.evidence else None,
        odds=finding.odds,
        pair=finding.pair,
        particulars={one: told.particulars for one, told in told_of(conn, two).items()},
    )


def _affected(conn: Connection, finding: Finding) -> tuple[AffectedRow, ...]:
    """The orders, else the studies, that one case is about together."""
    if finding.order_ids:
        orders = orders_by_id(conn, finding.order_ids)
        return tuple(_order(orders[one]) for one in finding.order_ids if one in orders)
    studies = studies_by_id(conn, finding.study_ids)
    return tuple(_study(studies[one]) for one in finding.study_ids if one in studies)


def _order(row: OrderRow) -> AffectedRow:
    return AffectedRow(
        row.id, "order", row.accession_number, row.patient_id, row.patient_name, row.modality,
        row.scheduled_station_ae_title, row.scheduled_start, row.requested_procedure_description, row.status,
    )  # fmt: skip


def _study(row: StudyRow) -> AffectedRow:
    return AffectedRow(
        row.id, "study", row.accession_number, row.patient_id, row.patient_name, row.modality, row.station_name,
        row.performed_at, row.study_description, row.status,
    )  # fmt: skip


def _decision(conn: Connection, finding: Finding) -> DecisionRow | None:
    """The remembered decision that the case speaks of."""
    named = finding.evidence.get("decision")
    return decisions.row_of(conn, named["id"], database_now(conn)) if named else None


def _owner(conn: Connection, row: CaseRow) -> int:
    """The person whom the study's present id leads to, 0 if nobody."""
    study = load_study(conn, row.study_id)
    if study is None or not study.facts.patient.patient_id:
        return 0
    known = find(conn, study.facts.patient.patient_id)
    return known.person_id if known else 0


def _subjects(
    row: CaseRow, study: StudyRow | None, orders: Mapping[int, OrderRow], two: Sequence[int] = ()
) -> Subjects:
    """The case's own order, else the study's, else the best candidate: not every candidate's history."""
    near = [row.order_id, study.order_id if study else 0, *(one["order_id"] for one in row.candidates[:1])]
    order_id = next((one for one in near if one), 0)
    person = orders[order_id].person_id if order_id in orders else 0
    return Subjects(ids([row.study_id]), ids([order_id]), ids([row.person_id, person, *two]), ids([row.id]))
