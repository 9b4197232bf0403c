"""What people have decided, as rules would have seen it before."""

from __future__ import annotations

from radrecon.model.rule import ALL_ON, RuleName, RuleState
from radrecon.workflow import dismissal
from radrecon.workflow.history import only, past
from tests.builders import demographics, study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.test_deciding import MISTYPED, WRONG, decided


@on_both
def test_images_are_as_they_were_and_the_order_has_its_own_uid(hospital: Hospital) -> None:
    decided(hospital, study(accession=WRONG, patient=MISTYPED))
    (one,) = past(hospital.store, ALL_ON)
    assert one.decided.order_id == hospital.order().id
    reasons = {each.field: each.level for each in one.verdict.ranking.candidates[0].reasons}
    assert "study_instance_uid" not in reasons
    assert reasons["accession_number"] == "different"
    assert one.verdict.order_id == 0


@on_both
def test_those_put_aside_come_after_those_linked(hospital: Hospital) -> None:
    decided(hospital)
    hospital.sees(study("1.2.9", accession="Q", patient=demographics("5", "OTHER^ONE", birth_date="1999-09-09")))
    dismissal.dismiss(hospital.store, hospital.case().id, reason="phantom", who="ann", now=hospital.now)
    found = [one.decided for one in past(hospital.store, ALL_ON)]
    assert [one.order_id for one in found] == [hospital.order().id, 0]


def test_one_rule_is_on_and_all_others_are_off() -> None:
    states = only(RuleName.FOLLOW_DECISION)
    assert [name for name, state in states.items() if state is RuleState.ON] == [RuleName.FOLLOW_DECISION]
