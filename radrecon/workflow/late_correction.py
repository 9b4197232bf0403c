"""Late images of a corrected study get the same correction again, where the site has switched that rule on.

It is planned and approved as any other, and checked once more: the same order and the same identity as the person
decided, or a person decides. Each is tried once.
"""

from __future__ import annotations

from datetime import datetime

from radrecon.config import Config
from radrecon.model.case import CaseKind, CaseState
from radrecon.model.correction import Plan
from radrecon.model.decision import Decision
from radrecon.model.errors import Trouble
from radrecon.model.rule import RuleName, RuleState
from radrecon.recon.decisions import same_identity
from radrecon.store import cases, corrections, decisions, rules, settings, studies
from radrecon.store.cases import StoredCase
from radrecon.store.database import Connection, DatabaseDown, Store
from radrecon.store.rules import StoredAct
from radrecon.workflow.approval import approve
from radrecon.workflow.feed import is_complete
from radrecon.workflow.planning import plan

RULE = RuleName.CORRECT_LATE_IMAGES


def carry_out(store: Store, now: datetime) -> int:
    """Do what waits; returns how many corrections were sent on their way."""
    with store.reading() as conn:
        if rules.states(conn)[RULE] is not RuleState.ON:
            return 0
        config = settings.load_config(conn)
        waiting = [(act, case) for act in rules.to_carry_out(conn, RULE) if (case := _case(conn, act, config, now))]
    return sum(_correct(store, act, case, now) for act, case in waiting)


def _case(conn: Connection, act: StoredAct, config: Config, now: datetime) -> StoredCase | None:
    """The open case of a study that is no longer arriving."""
    case = cases.live_of(conn, f"study:{act.study_id}", [CaseKind.LATE_IMAGES]).get(CaseKind.LATE_IMAGES)
    study = studies.load_one(conn, act.study_id)
    pacs = config.pacs_named(study.facts.pacs) if study else None
    ready = study is not None and pacs is not None and is_complete(study, now, pacs.stable_seconds)
    return case if case and case.state is CaseState.OPEN and ready else None


def _correct(store: Store, act: StoredAct, case: StoredCase, now: datetime) -> bool:
    with store.reading() as conn:
        decision = decisions.load_one(conn, act.decision_id)
        issuer = settings.load_config(conn).site.patient_id_issuer
        decided = _studies_of(conn, decision, act.study_id)
    try:
        made = plan(store, case.id, decision.verb, order_id=decision.order_id, now=now)
        outcome = _differs(made, decision, decided, issuer)
        if not outcome:
            reason = f"late images follow decision {decision.id} of {decision.who}"
            number = approve(store, made, reason=reason, who=f"rule {RULE}", now=now, by_rule=decision)
            outcome = f"correction {number}"
    except DatabaseDown:  # nothing was decided: it is tried when the database is there again
        raise
    except Trouble as trouble:
        outcome = str(trouble)
    with store.transaction() as conn:
        rules.note_outcome(conn, act.id, outcome)
    return outcome.startswith("correction ")


def _studies_of(conn: Connection, decision: Decision, study_id: int) -> frozenset[str]:
    """The study with the late images, and those that the person's own correction was made for."""
    late = studies.load_one(conn, study_id)
    own = corrections.load_correction(conn, decision.correction_id).plan.inventory if decision.correction_id else ()
    named = {one.study_instance_uid for one in own}
    return frozenset(named | ({late.facts.study_instance_uid} if late else set()))


def _differs(made: Plan, decision: Decision, decided: frozenset[str], issuer: str) -> str:
    """Why this is not what the person decided; "" if it is."""
    if not {one.study_instance_uid for one in made.inventory} <= decided:
        return "it would change studies on which nobody has decided: a person decides"
    if not same_identity(made.target, decision.target, issuer):
        return "the patient's identity has changed since that decision: a person decides"
    linked = {one.values["order_id"] for one in made.index_changes if one.action == "link"}
    return "" if linked <= {decision.order_id} else "another order than that person decided"
