"""One case with everything that its page shows. Which verbs apply is a decision, and is filled in by the caller."""

from __future__ import annotations

from collections.abc import Mapping

from radrecon.model.rows import CaseDetail, CaseRow, ListedRow, OrderRow, StudyRow
from radrecon.store.cases import load_one, orders_named
from radrecon.store.codec import load
from radrecon.store.database import Connection
from radrecon.store.list_cases import case
from radrecon.store.list_deliveries import corrections
from radrecon.store.list_orders import orders_by_id
from radrecon.store.list_patients import patients_by_id
from radrecon.store.list_studies import series_of, studies_by_id
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
    persons = patients_by_id(conn, [row.person_id, _owner(conn, row), *(one.person_id for one in orders.values())])
    return CaseDetail(
        case=row,
        differences=finding.differences,
        candidates=finding.candidates,
        orders=orders,
        study=study,
        series=series_of(conn, study.id) if study else (),
        person=persons.get(row.person_id or _owner(conn, row)),
        persons=persons,
        timeline=timeline(conn, _subjects(row, study, orders)),
        corrections=tuple(corrections(conn, case_id=case_id)),
        verbs=dict(verbs or {}),
        listed=load(ListedRow, finding.evidence["listed"]) if "listed" in finding.evidence else None,
        odds=finding.odds,
    )


def _owner(conn: Connection, row: CaseRow) -> int:
    """The person whom the study's present id leads to, 0 if nobody."""
    study = load_study(conn, row.study_id)
    if study is None or not study.facts.patient.patient_id:
        return 0
    known = find(conn, study.facts.patient.patient_id)
    return known.person_id if known else 0


def _subjects(row: CaseRow, study: StudyRow | None, orders: Mapping[int, OrderRow]) -> Subjects:
    """The case's own order, else the study's, else the best candidate: not every candidate's history."""
    near = [row.order_id, study.order_id if study else 0, *(one["order_id"] for one in row.candidates[:1])]
    order_id = next((one for one in near if one), 0)
    person = orders[order_id].person_id if order_id in orders else 0
    return Subjects(ids([row.study_id]), ids([order_id]), ids([row.person_id, person]), ids([row.id]))
