from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from radrecon.config import PacsConfig
from radrecon.sim.plan import HospitalPlan

PLAN = HospitalPlan(
    mllp=("127.0.0.1", 2575),
    dicom=("127.0.0.1", 11112, "RADRECON"),
    pacs=PacsConfig(name="p", ae_title="P", port=104),
    opened=datetime(2026, 11, 22, 14, 30, tzinfo=UTC),
    seed=4,
    pace=2,
)


def test_a_plan_reaches_another_process_unchanged() -> None:
    assert HospitalPlan.model_validate_json(PLAN.model_dump_json()) == PLAN


def test_a_faster_pace_shortens_the_waits_and_a_slower_one_does_not_stretch_them() -> None:
    assert PLAN.breath < 1
    assert PLAN.model_copy(update={"pace": 60.0}).breath == 1


def test_time_does_not_stand_still() -> None:
    with pytest.raises(ValidationError):
        HospitalPlan(**{**PLAN.model_dump(), "pace": 0})
