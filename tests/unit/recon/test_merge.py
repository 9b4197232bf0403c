from __future__ import annotations

from typing import Any

import pytest

from radrecon.model.errors import Refused
from radrecon.model.patient import Demographics, PatientId
from radrecon.recon.edit import StudyContext
from radrecon.recon.merge import plan_merge

from .people import PACS, WATCH, facts, person, study, who

TEMPORARY = who("T9020", "UNKNOWN^FEMALE", "", "F", "OF1")
LOSER = person(7, TEMPORARY)


def context(**more: Any) -> StudyContext:
    return StudyContext(study(patient=TEMPORARY), facts(patient=TEMPORARY), LOSER, **more)


def test_orders_and_studies_follow_and_a40_goes_out() -> None:
    plan, needs = plan_merge(5, person(), LOSER, [context()], {"PACS": PACS}, WATCH, orders=2)
    assert plan.index_changes[0].values == {"survivor_id": 1, "non_survivor_id": 7}
    assert plan.deliveries[0].keys == ("patient:T9020^^^OF1", "patient:4711001^^^", "study:1.2.3")
    assert plan.deliveries[0].expect["1.2.3"]["PatientID"] == "4711001"
    assert plan.touches == {"patients": 2, "studies": 1, "instances": 4, "orders": 2}
    assert any("no unmerge" in text for text in plan.irrevocable)
    (need,) = needs
    assert (need.event, need.patient.patient_id, need.non_survivor) == ("A40", PatientId("4711001"), TEMPORARY)


def test_what_the_index_has_merged_already_is_only_sent_on() -> None:
    done = person(7, TEMPORARY, merged_into=1)
    plan, needs = plan_merge(5, person(), done, [context()], {"PACS": PACS}, WATCH)
    assert plan.index_changes == ()
    assert plan.deliveries
    assert needs


def test_patients_without_images_can_be_merged() -> None:
    plan, _ = plan_merge(5, person(), LOSER, [], {}, WATCH)
    assert (plan.deliveries, plan.touches["patients"]) == ((), 2)


def test_two_that_look_like_two_people_are_warned_of() -> None:
    other: Demographics = who("5822002", "SCHULZ^UDO", "1971-01-02", "M")
    plan, _ = plan_merge(5, person(), person(7, other), [], {}, WATCH)
    assert len([text for text in plan.warnings if "one person" in text]) == 3


@pytest.mark.parametrize(
    ("survivor", "loser", "words"),
    [
        (person(), person(), "itself"),
        (person(merged_into=3), LOSER, "survivor was itself merged"),
        (person(), person(7, merged_into=3), "merged into another"),
        (person(quarantined=True), LOSER, "overlay"),
        (person(), person(7, quarantined=True), "overlay"),
    ],
)
def test_refused(survivor: Any, loser: Any, words: str) -> None:
    with pytest.raises(Refused, match=words):
        plan_merge(5, survivor, loser, [], {}, WATCH)


def test_a_third_persons_study_is_not_taken_along() -> None:
    with pytest.raises(Refused, match="third person"):
        plan_merge(5, person(), LOSER, [StudyContext(study(), facts(), person(3))], {"PACS": PACS}, WATCH)
