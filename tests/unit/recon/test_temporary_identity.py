"""Whose identity is temporary, and how much that weighs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from radrecon.config import CasesConfig
from radrecon.model.expectation import ROUTINE, URGENT
from radrecon.model.person import Person
from radrecon.recon.temporary_identity import expect, severity, what_is_temporary, why_gone
from tests.builders import NOW, demographics
from tests.unit.recon.waiting import WATCH

PLAIN = CasesConfig()


def person(mrn: str = "1000001", name: str = "FISCHER^ANNA", **more: Any) -> Person:
    return Person(5, demographics(mrn, name, **more))


@pytest.mark.parametrize(
    ("found", "types", "what"),
    [
        (person(), (), ""),
        (person(name="TRAUMA^ALPHA"), (), "alias"),
        (person(name="UNKNOWN^MALE 7"), (), "alias"),
        (person(name="DOE^JOHN", birth_date="1970-01-01"), (), "alias"),
        (person(name="DOE^JOHN", birth_date="1970-03-05"), (), ""),
        (person(), ("MRT",), "number"),
        (person(), ("tmp",), "number"),
        (person(), ("MR",), ""),
        (person("T1234"), (), "number"),
        (person("XT1234"), (), ""),
        (person("9", issuer="of 1"), (), "number"),
        (person(name="FISCHER^BABY GIRL", birth_date="2026-11-20"), (), "newborn"),
        (person(name="FISCHER^BABY GIRL", birth_date="2026-10-01"), (), ""),
        (person(name="FISCHER^BABY GIRL", birth_date="2026-12-24"), (), ""),
        (person(name="BOY^GEORGE", birth_date="1961-06-14"), (), ""),
        (person(name="BOY^GEORGE", birth_date="no date"), (), ""),
        (replace(person(name="TRAUMA^ALPHA"), merged_into=4), (), ""),
    ],
)
def test_what_is_temporary(found: Person, types: tuple[str, ...], what: str) -> None:
    cases = CasesConfig(temporary_ids=[r"T\d{4}"], temporary_issuers=["OF 1"])
    assert what_is_temporary(found, types, NOW, cases, WATCH) == what


def expected(found: Person, **more: Any) -> Any:
    more = {"orders": 2, "studies": 1, "since": NOW} | more
    return expect(found, (), more.pop("since"), PLAIN, WATCH, **more)


def test_an_alias_with_orders_or_images_waits_for_a_name() -> None:
    found = expected(person(name="TRAUMA^ALPHA"))
    assert (found.subject, found.since, found.place, found.pace) == ("person:5", NOW, "alias/HOSP", ROUTINE)
    words = "a name that stands for nobody with 2 orders and 1 study, and nobody has said who it is"
    assert found.finding.cause == words
    assert expected(person(name="TRAUMA^ALPHA"), studies=3).finding.evidence == found.finding.evidence


def test_who_has_none_or_only_some_from_before_does_not_wait() -> None:
    assert expected(person(name="TRAUMA^ALPHA"), since=None) is None
    assert expected(person(name="TRAUMA^ALPHA"), since=NOW - timedelta(days=5)) is None
    assert expected(person()) is None


def test_a_newborn_is_given_longer() -> None:
    assert expected(person(name="FISCHER^BABY GIRL", birth_date="2026-11-20")).pace == URGENT


@pytest.mark.parametrize(("hours", "weight"), [(4, 1), (23.9, 1), (24, 2), (72, 3), (7200, 3)])
def test_it_weighs_more_as_time_goes_by(hours: float, weight: int) -> None:
    assert severity(NOW, ROUTINE, NOW + timedelta(hours=hours), PLAIN) == weight
    assert severity(NOW, URGENT, NOW + timedelta(hours=hours), PLAIN) == 1


def test_why_it_is_over_is_said() -> None:
    assert why_gone(replace(person(), merged_into=9)) == "merged into the patient that it is"
    assert why_gone(person()) == "registration has said who it is"
