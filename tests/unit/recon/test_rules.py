from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.decision import Scope
from radrecon.model.rule import ALL_ON, DEFAULTS, RULES, RuleName, RuleState
from radrecon.model.study import Study
from radrecon.recon.classify import Neighbourhood, Verdict, classify
from tests.unit.recon.people import WATCH, order, person, study, who
from tests.unit.recon.test_decisions import decision, second

ORDINARY = Neighbourhood(study(), (order(),), {1: person()}, 1, orders_total=1)


def states(rule: RuleName, state: RuleState) -> dict[RuleName, RuleState]:
    return {**ALL_ON, rule: state}


def late(found: Study | None = None, state: RuleState = RuleState.ON, **more: object) -> Verdict:
    near = Neighbourhood(
        found or second(), (order(),), {1: person()}, 1, orders_total=1, taken={10: 17},
        decisions=(decision(Scope.ACCESSION),), rules=states(RuleName.FOLLOW_DECISION, state),
    )  # fmt: skip
    return classify(replace(near, **more), WATCH)  # type: ignore[arg-type]


def test_every_rule_has_a_default_and_new_ones_do_nothing_by_themselves() -> None:
    assert set(DEFAULTS) == set(RuleName) == {rule.name for rule in RULES}
    assert [name for name, state in DEFAULTS.items() if state is RuleState.ON] == [RuleName.LINK_BY_ACCESSION]
    assert all(rule.default is not RuleState.ON for rule in RULES if rule.sends)


def test_where_no_states_are_given_every_rule_is_on() -> None:
    verdict = classify(ORDINARY, WATCH)
    assert (verdict.order_id, verdict.findings) == (10, ())


@pytest.mark.parametrize(("state", "acts"), [(RuleState.SHADOW, 1), (RuleState.OFF, 0)])
def test_a_rule_that_is_not_on_leaves_a_suggestion_with_its_reason(state: RuleState, acts: int) -> None:
    verdict = classify(replace(ORDINARY, rules=states(RuleName.LINK_BY_ACCESSION, state)), WATCH)
    (found,) = verdict.findings
    assert verdict.order_id == 0
    what, held = found.cause.removesuffix(": a person decides").split("; ")
    assert (what, found.candidates[0].vetoes) == ("the images name order A1042", (held,))
    assert held.startswith("rule link_by_accession is ")
    assert [act.order_id for act in verdict.acts] == [10] * acts


def test_a_decided_order_is_followed_past_what_the_person_looked_past() -> None:
    verdict = late()
    assert verdict.order_id == 10
    assert verdict.acts[0].decision_id == 17


def test_in_shadow_it_is_only_proposed() -> None:
    verdict = late(state=RuleState.SHADOW)
    assert verdict.order_id == 0
    assert (verdict.acts[0].order_id, verdict.acts[0].state) == (10, RuleState.SHADOW)
    assert verdict.findings[0].order_id == 10


@pytest.mark.parametrize(
    "against", [order(modality="MR"), order(start="2026-10-01T08:00:00"), order(flags=("identity_conflict",))]
)
def test_what_else_speaks_against_the_order_still_does(against: object) -> None:
    assert late(orders=(against,)).order_id == 0


def test_a_study_made_under_a_wrong_entry_follows_nobody() -> None:
    assert late(replace(second(), wrong_worklist_entry=True)).order_id == 0


def test_a_cut_off_list_that_holds_the_decided_order_is_no_obstacle() -> None:
    assert late(truncated=True).order_id == 10


def test_evidence_of_another_patient_is_never_overridden() -> None:
    namesake = person(2, who("4711002"), identifiers=(who().patient_id,))
    verdict = late(study_person_id=2, persons={1: person(), 2: namesake})
    assert verdict.order_id == 0
    assert "another known person's" in verdict.findings[0].cause
