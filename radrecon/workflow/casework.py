"""A case as the desk and the command line show it: all its facts, and which verbs apply."""

from __future__ import annotations

from dataclasses import replace

from radrecon.model.rows import CaseDetail
from radrecon.recon.verbs import CaseContext, why_not
from radrecon.store import cases, corrections, listings, orders, persons, studies
from radrecon.store.database import Connection, Store


def case_detail(store: Store, case_id: int) -> CaseDetail:
    """Raises NotFound."""
    with store.reading() as conn:
        detail = listings.case_detail(conn, case_id)
        verbs = why_not(_context(conn, case_id))
    return replace(detail, verbs={str(verb): reason for verb, reason in verbs.items()})


def _context(conn: Connection, case_id: int) -> CaseContext:
    case = cases.load_one(conn, case_id)
    study = studies.load_one(conn, case.finding.study_id)
    known = persons.find(conn, study.facts.patient.patient_id) if study and study.facts.patient.patient_id else None
    first = case.finding.candidates[0].order_id if case.finding.candidates else case.finding.order_id
    order = orders.load_one(conn, first)
    person_id = case.finding.person_id or (order.person_id if order else 0)
    return CaseContext(
        kind=case.kind,
        state=case.state,
        study=study,
        person=persons.load_one(conn, person_id),
        present=persons.load_one(conn, known.person_id) if known else None,
        candidates=len(case.finding.candidates),
        undoable=_undoable(conn, case.correction_id),
    )


def _undoable(conn: Connection, correction_id: int) -> bool:
    if not correction_id:
        return False
    correction = corrections.load_correction(conn, correction_id)
    return correction.state in ("done", "in trouble") and not correction.undone_by
