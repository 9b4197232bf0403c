"""Put a case aside with a reason; it returns only when its evidence changes. An overlay set aside is accepted."""

from __future__ import annotations

from datetime import datetime

from radrecon.model.case import CaseKind, CaseState
from radrecon.model.errors import Refused
from radrecon.store import cases, life, notices, persons
from radrecon.store.database import Store
from radrecon.workflow.announcing import KINDS
from radrecon.workflow.deciding import remember_dismissal
from radrecon.workflow.people import retouch


def dismiss(store: Store, case_id: int, *, reason: str, who: str, now: datetime) -> None:
    """Close a case by a person's decision."""
    if not reason.strip():
        raise Refused("putting a case aside needs a reason")
    with store.transaction() as conn:
        case = cases.load_one(conn, case_id)
        if case.state is not CaseState.OPEN:
            raise Refused(f"case {case_id} is {case.state}")
        cases.update(
            conn, case_id, state=str(CaseState.DISMISSED), closed_at=now, updated_at=now, close_reason=reason,
            closed_by=who,
        )  # fmt: skip
        remember_dismissal(conn, case, who=who, reason=reason, now=now)
        if case.kind is CaseKind.SUSPECTED_OVERLAY:
            persons.update(conn, case.finding.person_id, quarantined=False, before_overlay=None, updated_at=now)
            retouch(conn, case.finding.person_id, now)
        if case.kind in KINDS:
            said = notices.unsettled(conn, person_id=case.finding.person_id, kind=KINDS[case.kind])
            notices.settle(conn, [one.id for one in said], now)
        life.audit(conn, at=now, who=who, what="dismiss", subject=f"case:{case_id}", reason=reason)
