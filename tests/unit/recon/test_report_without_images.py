"""Which final reports wait for images."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from radrecon.model.case import CaseOwner
from radrecon.recon.report_without_images import expect, why_gone
from tests.builders import NOW, step
from tests.unit.recon.waiting import WATCH, facts


def test_a_finally_reported_order_waits_for_images_of_its_modality() -> None:
    found = expect(facts(final_at=NOW), WATCH)
    assert found is not None
    assert (found.subject, found.since, found.place) == ("order:7", NOW, "CT/")
    assert found.finding.cause == "order A100 has a final report, and no images of it were ever seen"
    assert found.finding.owner is CaseOwner.TECHNOLOGIST


@pytest.mark.parametrize(
    "more",
    [
        {"final_at": None},
        {"ever": True},
        {"steps": ()},
        {"steps": (step(modality=""),)},
        {"steps": (step(start="2026-11-19T10:00:00"),)},
        {"final_at": NOW - timedelta(days=4)},
    ],
)
def test_what_does_not_wait(more: dict[str, Any]) -> None:
    assert expect(facts(**({"final_at": NOW} | more)), WATCH) is None


def test_why_it_is_over_is_said() -> None:
    assert why_gone(facts(ever=True)) == "its images came"
    assert why_gone(facts()) == "the final report is its own no more"
