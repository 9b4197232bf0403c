"""Approve a plan: its deliveries, its changes of our own records and its audit line are one commit."""

from __future__ import annotations

from datetime import datetime

from radrecon.model.case import CaseState
from radrecon.model.correction import Plan, Verb
from radrecon.model.decision import Decision
from radrecon.model.errors import Refused, Stale
from radrecon.model.study import Inventory
from radrecon.store import cases, corrections, life, studies
from radrecon.store.database import Connection, Store
from radrecon.workflow import deciding, index_changes, outbox, planning


def approve(
    store: Store, plan: Plan, *, reason: str, ticket: str = "", who: str, now: datetime, by_rule: Decision | None = None
) -> int:
    """Commit the plan that the person has read; returns the correction's id. Raises Stale where it no longer fits.

    `by_rule`: nobody has read it; a rule that the site has switched on does once more what this decision did.
    """
    if not reason.strip():
        raise Refused("a correction needs a reason")
    with store.transaction() as conn:
        _check(conn, plan, now)
        correction_id = corrections.insert_correction(conn, plan, reason=reason, ticket=ticket, who=who, at=now)
        for position, planned in enumerate(plan.deliveries):
            corrections.insert_delivery(conn, correction_id, position, planned, now)
        undo = plan.verb is Verb.UNDO
        if undo:
            corrections.update_correction(conn, plan.undo_of, undone_by=correction_id)
            outbox.call_off(conn, plan.undo_of, now)
        index_changes.apply(conn, plan.index_changes, correction_id, now, undo=undo)
        if not undo:
            cases.set_state(conn, plan.case_id, CaseState.CORRECTING, now, correction_id=correction_id)
        deciding.remember_plan(conn, plan, correction_id, who=who, reason=reason, now=now, again=by_rule)
        life.audit(conn, at=now, who=who, what=str(plan.verb), subject=f"correction:{correction_id}", reason=reason)
        outbox.settle(conn, correction_id, now)
    return correction_id


def _check(conn: Connection, plan: Plan, now: datetime) -> None:
    """What the person has read must be what would be sent now; if the facts moved, they look again."""
    if plan.undo_of:
        former = corrections.load_correction(conn, plan.undo_of)
        if former.undone_by or former.state in ("undone", "under way"):
            raise Refused(f"correction {plan.undo_of} cannot be undone now")
    else:
        _check_case(conn, plan)
    for inventory in plan.inventory:
        study = studies.by_uid(conn, inventory.pacs, inventory.study_instance_uid)
        if study is None or study.gone or Inventory.of(study.facts) != inventory:
            raise Stale("the study changed since the plan was made: plan again")
        if any(one != plan.undo_of for one in corrections.corrections_of_study(conn, inventory.study_instance_uid)):
            raise Refused("another correction of this study is under way")
    if not planning.still_holds(conn, plan, now):
        raise Stale("what this correction rests on has changed since the plan was made: plan again")


def _check_case(conn: Connection, plan: Plan) -> None:
    state = cases.load_one(conn, plan.case_id).state
    if state is not CaseState.OPEN:
        raise Stale(f"case {plan.case_id} is {state} by now")
