"""What should have come and has not: many at one place, and the same cases whatever came first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.expectation import Expectation, Practice
from radrecon.store import expectations, practice, queue
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import pid, report
from tests.workflow.missed_ward import (
    a_day,
    configure,
    ended,
    images,
    ordered,
    orders,
    patient,
    registers,
    stranger,
    waits,
)

# -- many at one place ------------------------------------------------------------------------------------------------


@on_both
def test_many_at_one_station_are_one_case_that_says_since_when_nothing_came(hospital: Hospital) -> None:
    configure(hospital, group_from=4)
    a_day(hospital)
    for number in range(10, 14):
        orders(hospital, number, "20261122150000")
    waits(hospital, 14)
    assert hospital.kinds() == ["overdue_order"] * 4
    orders(hospital, 14, "20261122150500")
    waits(hospital, 1)
    case = hospital.case(CaseKind.OVERDUE_ORDER)
    assert case.subject == "many:CT/CT1"
    assert case.finding.cause == "no images from CT1 since 2026-11-22 14:00: 5 orders overdue"
    assert (case.finding.owner, case.finding.severity, case.finding.total) == (CaseOwner.US, 3, 5)
    assert len(case.finding.order_ids) == 5
    assert set(ended(hospital, CaseKind.OVERDUE_ORDER)) == {f"one of many: {case.finding.cause}"}
    hospital.sees(images(10))
    assert hospital.kinds() == ["overdue_order"] * 4
    hospital.sees(*(images(number) for number in range(11, 15)))
    assert hospital.cases() == []


def test_one_case_of_many_follows_their_number_and_stays_the_same_case(hospital: Hospital) -> None:
    configure(hospital, group_from=2)
    a_day(hospital)
    for number in range(10, 14):
        orders(hospital, number, "20261122150000")
    waits(hospital, 14)
    before = hospital.case()
    hospital.sees(images(12))
    after = hospital.case()
    assert (after.id, after.finding.total, before.finding.total) == (before.id, 3, 4)
    assert after.finding.cause.endswith("3 orders overdue")


def test_thousands_are_counted_and_only_the_first_are_named(hospital: Hospital) -> None:
    a_day(hospital)
    with hospital.store.transaction() as conn:
        some = [
            Expectation(
                Finding(CaseKind.OVERDUE_ORDER, f"order:{number}", "", order_id=number), f"order:{number}",
                hospital.now - timedelta(hours=13), "CT/CT1",
            )
            for number in range(100, 3100)
        ]  # fmt: skip
        expectations.save(conn, some, ())
        usual = Practice(hospital.now - timedelta(days=1), hospital.now - timedelta(days=1))
        practice.save(conn, "images", [("CT/CT1", usual)])
        queue.touch(conn, "missed", [""], hospital.now)
    hospital.reconcile()
    found = hospital.case().finding
    assert (found.total, len(found.order_ids)) == (3000, 200)
    assert found.cause.endswith("3000 orders overdue")


# -- the whole --------------------------------------------------------------------------------------------------------


def events(hospital: Hospital) -> list[Any]:
    """After a day: an overdue order and one that was moved; a report without images; a stranger of next week."""
    mrn, name = patient(18)
    return [
        lambda: stranger(hospital, 15, "20261122143000"),
        lambda: stranger(hospital, 16, "20261122143000"),
        lambda: hospital.hears(ordered(16, "20261124090000")),
        lambda: hospital.hears(report("B18", patient=pid(mrn, name, "19700101"))),
        lambda: stranger(hospital, 18, "20261122143000"),
        lambda: registers(hospital, 15),
        lambda: registers(hospital, 16),
        lambda: registers(hospital, 18),
        lambda: stranger(hospital, 19, "20261126090000"),
    ]


@on_both
@pytest.mark.parametrize(
    "turns", [(0, 1, 2, 3, 4, 5, 6, 7, 8), (8, 7, 6, 5, 4, 3, 1, 2, 0), (3, 5, 8, 1, 0, 4, 2, 7, 6)]
)
def test_the_same_facts_give_the_same_cases_whatever_came_first(hospital: Hospital, turns: tuple[int, ...]) -> None:
    a_day(hospital)
    told = events(hospital)
    for turn in turns:
        told[turn]()
    waits(hospital, 14)
    waits(hospital, 1)
    assert sorted((str(one.kind), one.finding.cause) for one in hospital.cases()) == [
        ("order_without_registration", "order B19 from RIS is of a patient whom no ADT has named"),
        ("overdue_order", "order B15 was due 2026-11-22 14:30 at CT1: no images, and nobody has called it off"),
        ("report_without_images", "order B18 has a final report, and no images of it were ever seen"),
    ]


def test_looking_again_changes_nothing(hospital: Hospital) -> None:
    a_day(hospital)
    for one in events(hospital):
        one()
    waits(hospital, 15)
    before = hospital.dump()
    hospital.recheck()
    with hospital.store.transaction() as conn:
        queue.touch(conn, "awaited", range(1, 12), hospital.now)
        queue.touch(conn, "missed", [""], hospital.now)
    hospital.reconcile()
    assert hospital.dump() == before
