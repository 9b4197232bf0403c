"""Rules in the database: states with their history, and what each says of a study."""

from __future__ import annotations

from datetime import timedelta

from radrecon.model.rule import DEFAULTS, Act, RuleName, RuleState
from radrecon.store import rules
from radrecon.store.database import Store
from tests.builders import NOW

LINK, FOLLOW = RuleName.LINK_BY_PATIENT_ID, RuleName.FOLLOW_DECISION
LATER = NOW + timedelta(hours=1)


def act(order_id: int = 8, state: RuleState = RuleState.SHADOW, rule: RuleName = LINK) -> Act:
    return Act(rule, state, order_id)


def test_the_last_state_counts_and_all_are_kept(store: Store) -> None:
    with store.transaction() as conn:
        assert rules.states(conn) == DEFAULTS
        for state in (RuleState.ON, RuleState.OFF):
            rules.set_state(conn, LINK, state, who="eve", reason="r", at=NOW)
        assert rules.states(conn) == {**DEFAULTS, LINK: RuleState.OFF}
        assert [one.state for one in rules.history(conn)] == ["on", "off"]


def test_the_same_again_is_kept_once(store: Store) -> None:
    with store.transaction() as conn:
        rules.note(conn, 5, [act()], NOW)
        rules.note(conn, 5, [act()], LATER)
        (one,) = rules.acts_of(conn, 5)
        assert (one.at, one.said) == (NOW, act())
        assert len(rules.all_acts(conn)) == 1


def test_what_a_rule_says_no_longer_has_ended_and_stays(store: Store) -> None:
    with store.transaction() as conn:
        rules.note(conn, 5, [act(), act(rule=FOLLOW)], NOW)
        rules.note(conn, 5, [act(9)], LATER)
        assert [one.order_id for one in rules.acts_of(conn, 5)] == [9]
        assert [(one.order_id, one.ended_at) for one in rules.all_acts(conn)] == [(8, LATER), (8, LATER), (9, None)]
        assert rules.studies_of(conn, LINK, 0) == [5]
        assert rules.studies_of(conn, LINK, 5) == []


def test_what_waits_to_be_done_is_tried_once(store: Store) -> None:
    with store.transaction() as conn:
        rules.note(conn, 5, [act(state=RuleState.ON)], NOW)
        rules.note(conn, 6, [act()], NOW)
        (one,) = rules.to_carry_out(conn, LINK)
        assert one.study_id == 5
        rules.note_outcome(conn, one.id, "refused")
        assert rules.to_carry_out(conn, LINK) == []
