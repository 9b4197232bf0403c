from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from radrecon.recon import plan

from .people import PACS, WATCH, facts, order, person, study, who


def test_the_door_leads_to_every_plan() -> None:
    assert {"plan_link", "plan_fix", "plan_merge", "plan_undo"} <= set(plan.__all__)


@pytest.mark.parametrize("verb", ["link", "fix"])
def test_a_plan_is_a_value_that_can_be_kept(verb: str) -> None:
    ctx = plan.StudyContext(study("A1024", who(name="MEIER^ANA")), facts("A1024", who(name="MEIER^ANA")))
    made, _ = (
        plan.plan_link(1, ctx, order(), person(), False, PACS, WATCH)
        if verb == "link"
        else plan.plan_fix(1, [ctx], person(), {"PACS": PACS}, WATCH)
    )
    assert json.loads(json.dumps(asdict(made)))["verb"] == verb
