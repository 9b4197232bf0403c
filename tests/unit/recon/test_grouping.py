"""Many at one place are one case."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from radrecon.config import CasesConfig
from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.expectation import Expectation, Practice
from radrecon.recon.expectation import KINDS
from radrecon.recon.grouping import many, one_case
from radrecon.recon.overdue_order import expect
from tests.builders import NOW
from tests.unit.recon.waiting import START, WATCH, facts

HOUR = timedelta(hours=1)


def overdue(number: int) -> list[Expectation]:
    return [one for id_ in range(1, number + 1) if (one := expect(facts(id=id_), WATCH))]


def test_a_silent_station_is_one_case_that_says_since_when() -> None:
    found = many(CaseKind.OVERDUE_ORDER, "CT/CT1", 37, overdue(30), Practice(NOW - HOUR, NOW), WATCH)
    assert found.cause == "no images from CT1 since 2026-11-22 14:00: 37 orders overdue"
    assert (found.subject, found.owner, found.severity, found.total) == ("many:CT/CT1", CaseOwner.US, 3, 37)
    assert found.order_ids == tuple(range(1, 31))


def test_one_that_still_sends_is_not_called_silent() -> None:
    found = many(CaseKind.OVERDUE_ORDER, "CT/CT1", 37, overdue(3), Practice(NOW, START + HOUR), WATCH)
    assert found.cause == "images of CT1 last came 2026-11-22 15:30: 37 orders overdue"


def test_more_of_the_same_is_no_other_evidence() -> None:
    practice = Practice(NOW, NOW)
    few, more = (many(CaseKind.OVERDUE_ORDER, "CT/", n, overdue(n), practice, WATCH) for n in (21, 30))
    assert few.evidence == more.evidence
    assert few.cause != more.cause


@pytest.mark.parametrize(
    ("kind", "place", "words"),
    [
        (CaseKind.OVERDUE_ORDER, "CT/", "no images from CT stations since 2026-11-22 14:00: 9 orders overdue"),
        (
            CaseKind.IMAGES_WITHOUT_REPORT, "MR/RIS",
            "no report of MR exams of RIS since 2026-11-22 14:00: 9 studies without one",
        ),
        (CaseKind.REPORT_WITHOUT_IMAGES, "CT/", "no CT images since 2026-11-22 14:00: 9 final reports without any"),
        (CaseKind.ORDER_WITHOUT_REGISTRATION, "HOSP", "orders of 9 patients of HOSP whom no ADT has named"),
        (CaseKind.TEMPORARY_IDENTITY, "number/", "9 temporary numbers, and nobody has said who they are"),
        (CaseKind.MISSING_UPDATE, "main/HIS", "updates from HIS do not reach main: 9 of them are missing"),
    ],
)  # fmt: skip
def test_each_kind_says_what_failed(kind: CaseKind, place: str, words: str) -> None:
    assert many(kind, place, 9, overdue(3), Practice(NOW, NOW), WATCH).cause == words


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_words_where_nothing_is_known_of_the_place(kind: CaseKind) -> None:
    assert many(kind, "/", 9, overdue(3), None, WATCH).cause


def test_one_by_itself_is_the_finding_as_it_is() -> None:
    assert one_case(overdue(1), NOW, CasesConfig()) == overdue(1)[0].finding


def test_a_temporary_identity_weighs_by_its_age() -> None:
    finding = Finding(CaseKind.TEMPORARY_IDENTITY, "person:5", "", severity=1)
    waits = Expectation(finding, "person:5", NOW)
    assert one_case([waits], NOW + 80 * HOUR, CasesConfig()) == replace(finding, severity=3)
