"""Which images wait for a report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from radrecon.model.case import CaseOwner
from radrecon.model.expectation import ROUTINE, URGENT
from radrecon.model.order import StepStatus
from radrecon.recon.images_without_report import expect, why_gone
from tests.builders import NOW, step
from tests.unit.recon.waiting import WATCH, facts

IMAGED = {"study_id": 4, "images_at": NOW, "performed": True, "ever": True}


def test_linked_images_wait_for_a_report_of_their_orders_sender() -> None:
    found = expect(facts(**IMAGED), WATCH)
    assert found is not None
    assert (found.subject, found.since, found.place, found.pace) == ("order:7", NOW, "CT/RIS", ROUTINE)
    assert found.finding.cause == "the images of order A100 are complete, and no report of them has been heard"
    assert (found.finding.study_id, found.finding.order_id, found.finding.owner) == (4, 7, CaseOwner.RIS)


def test_urgent_ones_wait_less_and_are_grave() -> None:
    found = expect(facts(priority="STAT", **IMAGED), WATCH)
    assert found is not None
    assert (found.pace, found.finding.severity) == (URGENT, 3)
    assert "STAT order A100" in found.finding.cause


@pytest.mark.parametrize(
    "more",
    [
        {"reported": True},
        {"images_at": None},
        {"study_id": 0},
        {"status": StepStatus.CANCELLED},
        {"steps": (step(modality=""),)},
        {"images_at": NOW - timedelta(days=4)},
        {"steps": (step(status=StepStatus.COMPLETED), step())},  # the second is still to be done
    ],
)
def test_what_does_not_wait(more: dict[str, Any]) -> None:
    assert expect(facts(**(IMAGED | more)), WATCH) is None


def test_why_it_is_over_is_said() -> None:
    assert why_gone(facts(reported=True)) == "a report was heard"
    assert why_gone(facts(status=StepStatus.CANCELLED)) == "the order was cancelled"
    assert why_gone(facts()) == "the images are no longer this order's"
