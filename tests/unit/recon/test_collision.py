from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.case import CaseKind, Finding
from radrecon.model.order import Order, StepStatus
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study
from radrecon.recon.collision import classify_accession

from .people import ANNA, WATCH, order, person, study, who

BERTA = who("5822002", "SCHULZ^BERTA", "1971-01-02")
PERSONS: dict[int, Person] = {1: person(), 2: person(2, BERTA)}


def judge(
    orders: tuple[Order, ...] = (),
    studies: tuple[Study, ...] = (),
    issuer: str = "",
    persons: dict[int, Person] = PERSONS,
    watch: Watch | None = None,
) -> tuple[Finding, ...]:
    return classify_accession("A1042", issuer, orders, studies, persons, watch)


def test_two_patients_orders_collide_before_any_image() -> None:
    (finding,) = judge((order(), order(11, patient=BERTA, person_id=2)), issuer="RIS")
    assert finding.kind is CaseKind.ACCESSION_COLLISION
    assert finding.subject == "accession:RIS/A1042"
    assert finding.evidence["orders"] == [10, 11]
    assert finding.evidence["persons"] == [1, 2]


def test_two_hops_of_one_order_do_not_collide() -> None:
    assert judge((order(), order(11, placer_order_number="P1"))) == ()


def test_a_cancelled_order_collides_with_nothing() -> None:
    dead = order(11, patient=BERTA, person_id=2, status=StepStatus.CANCELLED)
    assert judge((order(), dead)) == ()


def test_orders_of_patients_who_were_merged_do_not_collide() -> None:
    merged = {1: person(), 2: person(2, BERTA, merged_into=1)}
    assert judge((order(), order(11, patient=BERTA, person_id=2)), persons=merged) == ()


def test_other_issuers_have_other_numbers() -> None:
    mine, theirs = order(issuer_of_accession="RIS"), order(11, issuer_of_accession="LAB", person_id=2)
    assert judge((mine, theirs), issuer="RIS") == ()


def test_images_of_another_patient_collide_with_the_order() -> None:
    (finding,) = judge((order(),), (study(patient=BERTA, person_id=2),))
    assert (finding.study_id, finding.order_id) == (17, 10)
    assert finding.cause == "accession A1042 is on images of another patient than its order's"


@pytest.mark.parametrize(
    "patient",
    [ANNA, who("4711010"), who(name="MEIER^ANNA"), who("9999999"), who(birth="1960-05-11"), who("", "MEYER^A")],
)
def test_a_slip_in_the_patients_identity_is_no_collision(patient: object) -> None:
    assert judge((order(),), (study(patient=patient),)) == ()  # type: ignore[arg-type]


def test_studies_of_two_patients_collide_at_the_pacs() -> None:
    (finding,) = judge((), (study(person_id=1), study(patient=BERTA, number=18, person_id=2)))
    assert finding.evidence["studies"] == [17, 18]


def test_two_studies_of_one_patient_do_not_collide() -> None:
    assert judge((), (study(), study(number=18))) == ()


def test_a_study_that_is_gone_collides_with_nothing() -> None:
    assert judge((order(),), (study(patient=BERTA, gone=True),)) == ()


def test_an_old_archive_is_not_judged() -> None:
    both = (study(baseline=True), study(patient=BERTA, number=18, baseline=True))
    assert judge((), both, watch=replace(WATCH, orders_since=None)) == ()
    old = tuple(replace(each, facts=replace(each.facts, performed="2019-01-01")) for each in both)
    assert judge((), old, watch=WATCH) == ()
    assert judge((), both, watch=WATCH)


def test_a_word_for_nothing_does_not_collide() -> None:
    assert classify_accession("NONE", "", (order(), order(11, person_id=2)), (), PERSONS) == ()


def test_the_order_of_arrival_does_not_matter() -> None:
    orders = (order(), order(11, patient=BERTA, person_id=2))
    studies = (study(), study(patient=BERTA, number=18, person_id=2))
    assert judge(orders, studies) == judge(orders[::-1], studies[::-1])
