"""Which orders wait for images, and why they no longer do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from radrecon.model.case import CaseKind, CaseOwner
from radrecon.model.order import StepStatus
from radrecon.recon.overdue_order import expect, why_gone
from tests.builders import step
from tests.unit.recon.waiting import START, WATCH, facts


def test_an_order_waits_for_its_images_from_its_time_on() -> None:
    found = expect(facts(), WATCH)
    assert found is not None
    assert (found.subject, found.since, found.place) == ("order:7", START, "CT/CT1")
    finding = found.finding
    assert (finding.kind, finding.subject, finding.owner) == (CaseKind.OVERDUE_ORDER, "order:7", CaseOwner.TECHNOLOGIST)
    assert finding.cause == "order A100 was due 2026-11-22 14:30 at CT1: no images, and nobody has called it off"
    assert finding.severity == 2


def test_an_urgent_one_is_grave() -> None:
    found = expect(facts(priority="STAT"), WATCH)
    assert found is not None
    assert found.finding.severity == 3


def test_of_several_steps_the_first_that_is_still_to_be_done_counts() -> None:
    steps = (step(start="2026-11-22T09:00:00", status=StepStatus.COMPLETED), step(start="2026-11-22T16:00:00"), step())
    found = expect(facts(steps=steps), WATCH)
    assert found is not None
    assert found.since == START


def test_a_day_without_a_time_is_over_at_its_end() -> None:
    found = expect(facts(steps=(step(start="2026-11-22", station_ae_title=""),)), WATCH)
    assert found is not None
    assert (found.since, found.place) == (datetime(2026, 11, 23, tzinfo=UTC), "CT/")


@pytest.mark.parametrize(
    "more",
    [
        {"performed": True},
        {"under_way": True},
        {"accession": ""},
        {"flags": ("no_show",)},
        {"flags": ("appointment_cancelled",)},
        {"steps": ()},
        {"steps": (step(start=""),)},
        {"steps": (step(start="tomorrow"),)},
        {"steps": (step(start="2026-11-19T10:00:00"),)},
        *({"status": status} for status in StepStatus if status not in (StepStatus.SCHEDULED, StepStatus.ARRIVED)),
    ],
)
def test_what_does_not_wait_for_images(more: dict[str, Any]) -> None:
    assert expect(facts(**more), WATCH) is None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"performed": True, "status": StepStatus.CANCELLED}, "its images came"),
        ({"under_way": True}, "its modality has begun it"),
        ({"status": StepStatus.CANCELLED}, "the order was cancelled"),
        ({"status": StepStatus.HELD}, "the order is on hold"),
        ({"flags": ("no_show",)}, "the patient did not come"),
        ({"flags": ("appointment_cancelled",)}, "its appointment was cancelled"),
        ({}, "it has another time, or no longer waits"),
    ],
)
def test_why_it_is_no_longer_overdue_is_said(more: dict[str, Any], words: str) -> None:
    assert why_gone(facts(**more)) == words
