from __future__ import annotations

from datetime import timedelta

from radrecon.model.rule import RuleName
from radrecon.recon.agreement import agrees, answer
from tests.unit.recon.test_decisions import AT, decision

LINK, FOLLOW, AGAIN = RuleName.LINK_BY_ACCESSION, RuleName.FOLLOW_DECISION, RuleName.CORRECT_LATE_IMAGES
HOUR = timedelta(hours=1)


def test_the_first_decision_after_a_rule_has_spoken_answers_it() -> None:
    first, later = decision(id=1), decision(id=2, at=AT + HOUR)
    assert answer(LINK, AT - HOUR, None, [later, first]) == first
    assert answer(LINK, AT + timedelta(minutes=1), None, [later, first]) == later
    assert answer(LINK, AT + 2 * HOUR, None, [later, first]) is None


def test_a_rule_that_had_taken_it_back_is_not_answered() -> None:
    assert answer(LINK, AT - 2 * HOUR, AT - HOUR, [decision()]) is None
    assert answer(LINK, AT - 2 * HOUR, AT, [decision()]) == decision()


def test_a_fix_says_nothing_of_the_order() -> None:
    fix = decision(verb="fix")
    assert answer(LINK, AT, None, [fix]) is None
    assert answer(AGAIN, AT, None, [fix]) == fix
    assert agrees(AGAIN, 10, fix)


def test_agreement_is_the_same_order_or_putting_the_same_aside() -> None:
    assert agrees(LINK, 10, decision())
    assert not agrees(LINK, 11, decision())
    assert not agrees(LINK, 10, decision(verb="dismiss"))
    assert agrees(FOLLOW, 0, decision(verb="dismiss"))
    assert not agrees(AGAIN, 10, decision(verb="dismiss"))
