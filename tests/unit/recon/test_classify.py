from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from radrecon.model.case import CaseKind, CaseOwner
from radrecon.model.order import Order
from radrecon.model.patient import PatientId
from radrecon.model.person import Link, LinkState, Person, Watch
from radrecon.model.study import Study
from radrecon.recon.classify import Neighbourhood, Verdict, classify

from .people import ANNA, WATCH, order, person, study, who

BERTA = who("5822002", "SCHULZ^BERTA", "1971-01-02")
UNHEARD = replace(WATCH, orders_since=None)


def judge(
    images: Study, *orders: Order, persons: tuple[Person, ...] = (person(),), watch: Watch = WATCH, **more: Any
) -> Verdict:
    known = {each.id: each for each in persons}
    return classify(Neighbourhood(images, orders, known, orders_total=len(orders), **more), watch)


def kinds(verdict: Verdict) -> list[CaseKind]:
    return [finding.kind for finding in verdict.findings]


def test_clean_work_is_associated_and_opens_nothing() -> None:
    verdict = judge(study(), order(), study_person_id=1)
    assert (verdict.order_id, verdict.link_state, verdict.judged, verdict.findings) == (10, LinkState.AUTO, True, ())


def test_a_mistyped_accession_and_name_is_an_unassigned_study_with_the_right_order_first() -> None:
    verdict = judge(study("A1024", who(name="MEIER^ANA")), order(), study_person_id=1)
    (finding,) = verdict.findings
    assert finding.kind is CaseKind.UNASSIGNED_STUDY
    assert finding.subject == "study:17"
    assert finding.candidates[0].order_id == 10
    assert finding.cause == "accession A1024 is not known; order A1042 of the same patient fits"
    assert finding.owner is CaseOwner.US
    assert "patient_name" in {each.field for each in finding.differences}


def test_a_study_without_a_patient_id_is_unassigned() -> None:
    (finding,) = judge(study("A1042", who("")), order()).findings
    assert finding.kind is CaseKind.UNASSIGNED_STUDY
    assert finding.cause.startswith("the images carry no patient id")


def test_a_study_that_nothing_fits_is_the_ris_to_explain() -> None:
    (finding,) = judge(study("B77", BERTA)).findings
    assert finding.cause == "accession B77 is not known; no order that was heard fits"
    assert finding.owner is CaseOwner.RIS


def test_the_accession_of_another_patient_is_explained() -> None:
    (finding,) = judge(study("A1042", BERTA), order(), persons=(person(), person(2, BERTA)), study_person_id=2).findings
    assert "the images' patient id is another known person's" in finding.cause


@pytest.mark.parametrize(
    ("update", "fields"),
    [
        (who(name="SCHULZ^ANNA"), ["patient_name"]),
        (who(name="SCHULZ^BERTA"), ["patient_name"]),
        (who(birth="1960-05-11"), ["patient_birth_date"]),
        (who(sex="M"), ["patient_sex"]),
        (who(name="SCHULZ^ANNA", birth="1960-07-15"), ["patient_name", "patient_birth_date"]),
    ],
)
@pytest.mark.parametrize("snapshot", [False, True], ids=["order updated too", "order as it was heard"])
def test_an_update_that_the_pacs_never_got_is_a_mismatch_of_its_fields(
    update: Any, fields: list[str], snapshot: bool
) -> None:
    ordered = order(patient=ANNA if snapshot else update)
    verdict = judge(study(), ordered, persons=(person(patient=update),), study_person_id=1)
    (finding,) = verdict.findings
    assert finding.kind is CaseKind.DEMOGRAPHIC_MISMATCH
    assert [field for field, _, _ in finding.evidence["fields"]] == fields
    assert (finding.order_id, finding.person_id) == (10, 1)


def test_case_and_padding_are_no_mismatch() -> None:
    assert judge(study("A1042", who("04711001", "Meyer^Anna^^DR")), order(), study_person_id=1).findings == ()


def test_the_id_of_a_merged_patient_is_a_mismatch() -> None:
    old = person(7, who("OLD7777"), merged_into=1)
    survivor = person(identifiers=(ANNA.patient_id, PatientId("OLD7777")))
    verdict = judge(study("A1042", who("OLD7777")), order(), persons=(survivor, old), study_person_id=7)
    (finding,) = verdict.findings
    assert finding.kind is CaseKind.DEMOGRAPHIC_MISMATCH
    assert finding.cause == "the images carry the id of a patient who was merged"
    assert verdict.order_id == 10


def test_a_quarantined_patients_studies_are_left_alone() -> None:
    suspect = person(patient=who(name="SCHULZ^BERTA", birth="1971-01-02"), quarantined=True, before_overlay=ANNA)
    verdict = judge(study(), order(), persons=(suspect,), study_person_id=1)
    assert (verdict.order_id, verdict.findings) == (0, ())


@pytest.mark.parametrize("state", [LinkState.PENDING, LinkState.CONFIRMED])
def test_a_persons_decision_wins_over_any_rule(state: LinkState) -> None:
    links = (Link(17, 11, state, 5), Link(17, 10, state, 4), Link(99, 10, state, 9))
    verdict = judge(study(), order(), order(11, "A2000"), links=links)
    assert (verdict.order_id, verdict.link_state) == (11, state)


def test_an_earlier_automatic_link_is_no_evidence() -> None:
    assert judge(study("B77"), order(), links=(Link(17, 10, LinkState.AUTO),)).order_id == 0


def test_nothing_new_is_found_while_a_correction_is_under_way() -> None:
    verdict = judge(study("A1024"), order(), links=(Link(17, 10, LinkState.PENDING, 1),), correcting=True)
    assert (verdict.order_id, verdict.findings) == (10, ())


def test_a_study_that_is_gone_opens_nothing() -> None:
    verdict = judge(study(gone=True), order())
    assert (verdict.judged, verdict.order_id, verdict.findings) == (False, 0, ())


def test_an_archive_full_of_studies_and_no_order_heard_is_calm() -> None:
    for number in range(200):
        images = study(f"B{number}", who(f"88{number:05}"), number=number, baseline=True)
        verdict = judge(images, watch=UNHEARD)
        assert verdict.findings == ()
        assert verdict.not_judged_reason == "no order has been heard yet"


def test_what_came_before_the_first_order_is_not_judged_unless_something_speaks_for_an_order() -> None:
    early = replace(WATCH, orders_since=datetime(2026, 11, 22, 20, tzinfo=UTC))
    assert judge(study("B77", BERTA), order(), watch=early).not_judged_reason
    assert kinds(judge(study("A1024"), order(), watch=early)) == [CaseKind.UNASSIGNED_STUDY]


def test_a_near_number_of_somebody_else_does_not_make_an_orphan_of_the_morning() -> None:
    early = replace(WATCH, orders_since=datetime(2026, 11, 22, 20, tzinfo=UTC))
    assert judge(study("A1041", BERTA), order(), watch=early).findings == ()


@pytest.mark.parametrize(
    ("changes", "judged"),
    [
        ({"baseline": True, "performed": "2026-10-31T23:59:00"}, False),
        ({"baseline": True, "performed": "2026-11-01T00:30:00"}, True),
        ({"baseline": True, "performed": ""}, False),
        ({"baseline": True, "performed": "19990101"}, False),
        ({"first_seen": datetime(2026, 10, 31, 22, 30, tzinfo=UTC)}, False),
        ({"first_seen": datetime(2026, 10, 31, 23, 30, tzinfo=UTC)}, True),
        ({"performed": "2011-01-01"}, True),
    ],
)
def test_the_watch_begins_at_the_sites_midnight(changes: dict[str, Any], judged: bool) -> None:
    heard = replace(WATCH, orders_since=datetime(2026, 10, 1, tzinfo=UTC))
    assert judge(study("B77", BERTA, **changes), watch=heard).judged is judged


def test_an_old_study_is_a_mismatch_only_after_an_update_since_the_watch_began() -> None:
    old = study("B1", baseline=True, performed="2019-01-01")
    renamed = person(patient=who(name="SCHULZ^ANNA"))
    assert judge(old, persons=(renamed,), study_person_id=1).findings == ()
    before = replace(renamed, updated_at=datetime(2026, 10, 1, tzinfo=UTC))
    assert judge(old, persons=(before,), study_person_id=1).findings == ()
    after = replace(renamed, updated_at=datetime(2026, 11, 5, tzinfo=UTC))
    assert kinds(judge(old, persons=(after,), study_person_id=1)) == [CaseKind.DEMOGRAPHIC_MISMATCH]


def test_evidence_does_not_drift_with_the_number_of_orders_or_weak_company() -> None:
    images, company = study("B77"), order(11, "C1", BERTA, person_id=2)
    one = judge(images, order()).findings[0]
    many = classify(Neighbourhood(images, (company, order()), {1: person()}, orders_total=10**6), WATCH).findings[0]
    assert one.evidence == many.evidence
    assert one.subject == many.subject


def test_running_again_changes_nothing() -> None:
    first, second = (judge(study("A1024"), order(), study_person_id=1) for _ in range(2))
    assert first == second


def test_several_unknown_things_at_once_raise_nothing() -> None:
    empty = Study(replace(study().facts, patient=type(ANNA)(), accession_number="", performed="?", series=()), 3)
    assert judge(empty, Order(), persons=(), watch=Watch(date(2026, 1, 1), None)).findings == ()
