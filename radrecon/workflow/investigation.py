"""A person flags a study that no rule has found: a wrong worklist pick looks right to every rule.

The case stays until a correction of it is done or a person puts it aside; from it a study can be linked anew.
"""

from __future__ import annotations

from datetime import datetime

from radrecon.model.case import CaseKind, CaseState, Finding
from radrecon.model.errors import NotFound, Refused
from radrecon.recon.classify import classify
from radrecon.store import cases, life, persons, settings, studies
from radrecon.store.corrections import Correction
from radrecon.store.database import Connection, Store
from radrecon.workflow.deciding import load_memory
from radrecon.workflow.neighbourhood import load_neighbourhood
from radrecon.workflow.reconcile import STUDY_KINDS, load_watch

KIND = CaseKind.UNDER_INVESTIGATION


def investigate(store: Store, study_id: int, *, reason: str, who: str, now: datetime) -> int:
    """Open a case on a study, or return the one that is open; its candidates are ranked as for any other."""
    if not reason.strip():
        raise Refused("a case that a person opens needs a reason")
    with store.transaction() as conn:
        live = cases.live_of(conn, f"study:{study_id}", (*STUDY_KINDS, KIND))
        if live:
            return next(iter(live.values())).id
        case_id = cases.open_case(conn, _finding(conn, study_id, reason, now), now)
        life.audit(conn, at=now, who=who, what="investigate", subject=f"study:{study_id}", reason=reason)
    return case_id


def _finding(conn: Connection, study_id: int, reason: str, now: datetime) -> Finding:
    study = studies.load_one(conn, study_id)
    if study is None or study.gone:
        raise NotFound(f"no study {study_id} at a PACS")
    memory = load_memory(conn, now)
    watch = load_watch(conn, settings.load_config(conn))
    near = load_neighbourhood(conn, study, memory, watch)
    verdict = classify(near, watch, learned=memory.learned)
    known = persons.find(conn, study.facts.patient.patient_id) if study.facts.patient.patient_id else None
    return Finding(
        KIND,
        f"study:{study_id}",
        f"flagged by a person: {reason.strip()}",
        study_id=study_id,
        order_id=verdict.order_id,
        person_id=known.person_id if known else 0,
        candidates=verdict.ranking.candidates,
        evidence={"reason": reason.strip(), "since": now.isoformat()},
    )


def close_solved(conn: Connection, correction: Correction, now: datetime) -> None:
    """What a person opened is closed by the correction that they made of it; no rule would."""
    case = cases.load_one(conn, correction.case_id) if correction.case_id else None
    if case and case.kind is KIND and case.state in (CaseState.OPEN, CaseState.CORRECTING) and not correction.undo_of:
        cases.close(conn, case, now, f"solved by correction {correction.id}")
