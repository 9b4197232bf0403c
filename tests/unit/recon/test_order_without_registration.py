"""Which orders wait for their patient's registration."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from radrecon.model.case import CaseOwner
from radrecon.model.order import StepStatus
from radrecon.recon.order_without_registration import expect, together, why_gone
from tests.builders import NOW
from tests.unit.recon.waiting import WATCH, facts

STRANGER = {"registered": False, "issuer": "HOSP"}


def test_an_order_of_a_stranger_waits_for_an_adt_of_their_authority() -> None:
    found = expect(facts(**STRANGER), WATCH)
    assert found is not None
    assert (found.subject, found.since, found.place) == ("order:7", NOW, "HOSP")
    assert found.finding.subject == "person:3"
    assert found.finding.cause == "order A100 from RIS is of a patient whom no ADT has named"
    assert found.finding.owner is CaseOwner.REGISTRATION


@pytest.mark.parametrize(
    "more",
    [
        {"registered": True},
        {"temporary": "alias"},
        {"status": StepStatus.CANCELLED},
        {"person_id": 0},
        {"heard_at": NOW - timedelta(days=4)},
    ],
)
def test_what_does_not_wait(more: dict[str, Any]) -> None:
    assert expect(facts(**(STRANGER | more)), WATCH) is None


def test_several_orders_of_one_stranger_are_one_case() -> None:
    findings = [found.finding for id_ in (7, 8) if (found := expect(facts(id=id_, **STRANGER), WATCH))]
    assert together(findings[:1]) == findings[0]
    both = together(findings)
    assert both.cause == "2 orders are of a patient whom no ADT has named"
    assert (both.order_ids, both.total) == ((7, 8), 2)


def test_why_it_is_over_is_said() -> None:
    assert why_gone(facts()) == "an ADT has named the patient"
    assert why_gone(facts(registered=False, status=StepStatus.CANCELLED)) == "the order was cancelled"
    assert why_gone(facts(registered=False)) == "it is another patient's now"
