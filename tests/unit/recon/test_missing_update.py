"""Which message a PACS has missed, by what its studies still show."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.patient import Demographics
from radrecon.model.person import Person
from radrecon.model.study import Study
from radrecon.recon.compare import differences, important
from radrecon.recon.missing_update import Update, expect, missed, together, under_old_number
from tests.builders import NOW, demographics, study
from tests.unit.recon.waiting import WATCH

GRACE = timedelta(minutes=15)
ANNA, WEBER = demographics(), demographics(name="WEBER^ANNA")


def seen(patient: Demographics = ANNA, **more: Any) -> Study:
    more = {"first_seen": NOW - timedelta(hours=1)} | more
    return Study(study(patient=patient), id=more.pop("id", 4), **more)


def update(number: int = 1, before: Demographics = ANNA, **more: Any) -> Update:
    return Update(number, NOW + timedelta(minutes=number), "A08", before, f"C{number}", more.get("sender", "HIS"))


def mismatch(found: Study, truth: Demographics = WEBER) -> Finding:
    block = differences(truth, found.facts.patient, "HOSP")
    return Finding(CaseKind.DEMOGRAPHIC_MISMATCH, f"study:{found.id}", "", person_id=3, differences=block)


def test_a_study_that_shows_what_a_message_ended_has_missed_it() -> None:
    assert missed(seen(), [update()], GRACE, WATCH) == update()


def test_the_latest_identity_that_fits_says_what_was_missed_first() -> None:
    updates = [update(1, WEBER), update(2, ANNA), update(3, WEBER), update(4, demographics(name="SMITH^ANNA"))]
    assert missed(seen(), updates, GRACE, WATCH) == updates[1]
    assert missed(seen(WEBER), updates, GRACE, WATCH) == updates[2]


@pytest.mark.parametrize(
    "found",
    [
        seen(demographics(name="FISCHR^ANNA")),
        seen(demographics("1000002")),
        seen(first_seen=NOW + timedelta(hours=1)),
        seen(first_seen=None),
    ],
)
def test_a_slip_another_number_or_a_later_study_is_no_missed_update(found: Study) -> None:
    assert missed(found, [update()], GRACE, WATCH) is None


def test_what_was_there_before_us_was_there() -> None:
    assert missed(seen(first_seen=NOW + timedelta(hours=1), baseline=True), [update()], GRACE, WATCH) == update()


def test_the_case_is_that_of_person_message_and_number() -> None:
    found = expect(seen(), mismatch(seen()), update(), WATCH)
    assert (found.subject, found.since, found.place) == ("study:4", update().at, "main/HIS")
    assert found.finding.subject == "update:main/3/1/1000001"
    assert (found.finding.severity, found.finding.owner) == (2, CaseOwner.US)
    evidence = found.finding.evidence
    assert (evidence["control_id"], evidence["message_id"], evidence["heard"]) == ("C1", 1, "2026-11-22 14:01")


def test_its_words_count_the_studies_and_name_what_is_old() -> None:
    findings = [expect(one, mismatch(one), update(), WATCH).finding for one in (seen(id=4), seen(id=5))]
    one, both = together(findings[:1]), together(findings)
    assert one.cause == "A08 of 2026-11-22 14:01 from HIS never reached main: 1 study carries the old name"
    assert both.cause.endswith("2 studies carry the old name")
    assert (both.study_ids, both.total, both.study_id) == ((4, 5), 2, 4)


def test_a_changed_number_or_two_fields_are_grave() -> None:
    truth = demographics("1000009", "WEBER^ANNA")
    found = together([expect(seen(), mismatch(seen(), truth), update(sender=""), WATCH).finding])
    assert found.severity == 3
    assert found.cause == "A08 of 2026-11-22 14:01 never reached main: 1 study carries the old number and name"


def test_the_issuer_of_an_old_number_is_no_news_besides() -> None:
    temporary = demographics("T9020", issuer="OF1")
    truth = demographics(other_ids=(temporary.patient_id,))  # it still leads to her
    found = expect(seen(temporary), mismatch(seen(temporary), truth), update(before=temporary), WATCH).finding
    assert together([found]).cause.endswith("1 study carries the old number")
    assert (found.severity, found.evidence["fields"][0]) == (3, ["patient_id", "1000001", "T9020"])


@pytest.mark.parametrize("issuer", ["OF1", ""])
def test_a_number_of_another_authority_that_a_message_ended_was_missed(issuer: str) -> None:
    temporary = demographics("T9020", issuer="OF1")
    person = Person(3, ANNA, (ANNA.patient_id, temporary.patient_id))
    found = seen(demographics("T9020", issuer=issuer))
    finding = under_old_number(found, person, "HOSP")
    assert finding is not None
    assert [one.field for one in important(finding.differences)][:1] == ["patient_id"]
    assert missed(found, [update(before=temporary)], GRACE, WATCH)
    assert under_old_number(found, replace(person, quarantined=True), "HOSP") is None
    assert under_old_number(replace(found, gone=True), person, "HOSP") is None
