"""Orders that never get their accession number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.order import Order, StepStatus
from radrecon.model.person import Watch
from radrecon.recon.accessioned import classify_order
from tests.builders import NOW, order, step

WATCH = Watch(date(2026, 11, 20), NOW)
BARE = replace(order("", placer="P1", filler=""), id=7, person_id=3, sender="EHR")


def judged(found: Order = BARE, minutes_later: float = 30, **more: Any) -> tuple[Finding, ...]:
    given = {"minutes": 30, "told": True} | more
    return classify_order(found, NOW, WATCH, NOW + timedelta(minutes=minutes_later), **given)


def test_an_order_without_an_accession_number_is_a_case_after_its_time() -> None:
    assert judged(minutes_later=29.9) == ()
    (finding,) = judged()
    assert (finding.kind, finding.subject, finding.owner) == (CaseKind.NEVER_ACCESSIONED, "order:7", CaseOwner.RIS)
    assert (finding.order_id, finding.person_id) == (7, 3)
    assert finding.cause == "order P1 from EHR has no accession number after 30 minutes"
    assert judged(minutes_later=500)[0].evidence == finding.evidence


@pytest.mark.parametrize("status", [one for one in StepStatus if one not in (StepStatus.SCHEDULED, StepStatus.ARRIVED)])
def test_an_order_that_no_longer_waits_is_none(status: StepStatus) -> None:
    assert judged(replace(BARE, status=status)) == ()


def test_it_is_not_judged_without_cause() -> None:
    assert judged(replace(BARE, accession_number="A1")) == ()
    assert judged(minutes=0) == ()
    assert judged(told=False) == ()
    assert judged(elsewhere=True) == ()
    assert judged(replace(BARE, steps=(step(start="2026-11-19T10:00:00"),))) == ()
    assert judged(replace(BARE, steps=(step(start=""),))) != ()
