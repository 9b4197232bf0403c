from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.correction import EditReason, Verb
from radrecon.model.errors import Refused
from radrecon.recon.edit import StudyContext
from radrecon.recon.fix import plan_fix

from .people import PACS, WATCH, facts, person, study, who

RENAMED = person(patient=who(name="SCHULZ^ANNA"))


def test_the_owners_identity_goes_into_the_images_and_out_as_a08() -> None:
    plan, needs = plan_fix(5, [StudyContext(study(), facts())], RENAMED, {"PACS": PACS}, WATCH)
    (delivery,) = plan.deliveries
    assert plan.verb is Verb.FIX
    assert plan.summary == "Fix PatientName in 1 study"
    assert delivery.edit is not None
    assert delivery.edit.reason is EditReason.COERCE
    assert delivery.edit.request_attributes is None
    assert "AccessionNumber" not in delivery.edit.values
    assert [(need.event, need.patient) for need in needs] == [("A08", RENAMED.demographics)]


def test_every_study_that_differs_is_in_the_plan() -> None:
    second = replace(facts(), study_instance_uid="1.2.4")
    contexts = [StudyContext(study(), facts()), StudyContext(study(number=18), second)]
    plan, _ = plan_fix(5, contexts, RENAMED, {"PACS": PACS}, WATCH)
    assert [set(each.expect) for each in plan.deliveries] == [{"1.2.3"}, {"1.2.4"}]
    assert plan.touches == {"patients": 1, "studies": 2, "instances": 8}


def test_nothing_to_fix_is_said_so() -> None:
    with pytest.raises(Refused, match="nothing to fix"):
        plan_fix(5, [StudyContext(study(), facts())], person(), {"PACS": PACS}, WATCH)


def test_another_persons_images_are_not_renamed() -> None:
    with pytest.raises(Refused, match="move"):
        plan_fix(5, [StudyContext(study(), facts(), person(2))], RENAMED, {"PACS": PACS}, WATCH)


def test_a_suspected_overlay_is_not_spread() -> None:
    with pytest.raises(Refused, match="overlay"):
        plan_fix(5, [StudyContext(study(), facts())], replace(RENAMED, quarantined=True), {"PACS": PACS}, WATCH)
