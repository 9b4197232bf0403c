"""Late images of what a person has decided follow that decision, visibly, for a time, until it is revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from radrecon.model.case import CaseKind
from radrecon.model.errors import Refused
from radrecon.model.rows import DecisionRow
from radrecon.model.study import StudyFacts
from radrecon.store import decisions
from radrecon.workflow import deciding, dismissal, ruling
from radrecon.workflow.ruling import set_state
from tests.builders import demographics, series, study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, order

WRONG = "X777"  # typed by hand at the modality
MISTYPED = demographics("1000091")


def with_order(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.hears(adt("A04"), order("A100"))


def decided(hospital: Hospital, facts: StudyFacts | None = None) -> int:
    """A study with a mistyped accession number that a person has linked to its order."""
    with_order(hospital)
    hospital.sees(facts or study(accession=WRONG))
    assert hospital.case().kind is CaseKind.UNASSIGNED_STUDY
    return hospital.corrects("link")


def second(**more: object) -> StudyFacts:
    return replace(study("1.2.4", accession=WRONG), performed="2026-11-22T14:50:00", **more)


def rows(hospital: Hospital, everything: bool = True) -> list[DecisionRow]:
    with hospital.store.reading() as conn:
        return decisions.rows(conn, hospital.now, everything=everything)


def switch(hospital: Hospital, rule: str, state: str = "on") -> None:
    set_state(hospital.store, rule, state, who="eve", reason="tried", now=hospital.now)
    hospital.reconcile()


@on_both
def test_a_resent_original_follows_the_decision_and_the_same_correction_is_proposed(hospital: Hospital) -> None:
    correction = decided(hospital)
    assert hospital.cases() == []
    hospital.sees(study(accession=WRONG))
    case = hospital.case()
    assert case.kind is CaseKind.LATE_IMAGES
    assert case.finding.cause.startswith("follows the decision of ann at 2026-11-22")
    assert f"(correction {correction}): images came that say the former accession number again" in case.finding.cause
    hospital.corrects("link")
    assert hospital.study().facts.accession_number == "A100"
    assert hospital.cases() == []


@on_both
def test_images_that_come_after_a_correction_are_a_case_though_the_pacs_does_not_show_what_they_say(
    hospital: Hospital,
) -> None:
    decided(hospital)
    more = replace(study(), series=(series("1.2.3"), series("1.2.3", 2, modality="SR", instances=1)), instances=3)
    hospital.sees(more)
    case = hospital.case()
    assert case.kind is CaseKind.LATE_IMAGES
    assert "1 image came after it" in case.finding.cause
    plan = hospital.plans("link")
    assert plan.deliveries[0].edit is not None
    assert plan.deliveries[0].edit.values["AccessionNumber"] == "A100"


def test_what_a_workstation_makes_from_the_images_is_no_late_image(hospital: Hospital) -> None:
    decided(hospital)
    more = replace(study(), series=(series("1.2.3"), series("1.2.3", 2, modality="PR", instances=1)), instances=3)
    hospital.sees(more)
    assert hospital.cases() == []


@on_both
def test_a_second_study_with_the_same_numbers_is_proposed_for_the_decided_order(hospital: Hospital) -> None:
    correction = decided(hospital)
    hospital.sees(second())
    case = hospital.case()
    assert case.kind is CaseKind.LATE_IMAGES
    assert case.finding.order_id == hospital.order().id
    assert f"(correction {correction}): another study with the same accession number" in case.finding.cause
    assert "rule follow_decision is in shadow" in case.finding.cause
    assert hospital.linked("1.2.4") == ""
    hospital.corrects("link")
    assert hospital.linked("1.2.4") == "A100"
    assert hospital.order().study_instance_uid == "1.2.3"  # the first study's
    assert hospital.cases() == []
    (follow,) = [one for one in ruling.rows(hospital.store) if one.rule == "follow_decision"]
    assert (follow.state, follow.acted, follow.agreed, follow.disagreed) == ("shadow", 1, 1, 0)


@on_both
def test_switched_on_the_rule_links_a_second_study_by_itself(hospital: Hospital) -> None:
    decided(hospital)
    hospital.sees(second())
    switch(hospital, "follow_decision")
    assert hospital.linked("1.2.4") == "A100"
    assert hospital.case().kind is CaseKind.LATE_IMAGES  # its header is still to be corrected
    switch(hospital, "follow_decision", "off")
    assert hospital.linked("1.2.4") == ""


@on_both
def test_a_study_that_came_before_the_decision_falls_under_it_as_one_that_comes_after(hospital: Hospital) -> None:
    with_order(hospital)
    hospital.sees(study(accession=WRONG))
    first = hospital.case()
    hospital.sees(second())
    hospital.corrects("link", first)
    case = hospital.case()
    assert case.kind is CaseKind.LATE_IMAGES
    assert case.finding.order_id == hospital.order().id


@pytest.mark.parametrize(
    "other",
    [
        demographics(name="FISCHER^BERTA"),
        demographics(birth_date="1961-05-17"),
        demographics(sex="M"),
        demographics("1000002"),
    ],
)
def test_images_of_another_patient_never_follow(hospital: Hospital, other: object) -> None:
    decided(hospital)
    switch(hospital, "follow_decision")
    hospital.sees(second(patient=other))
    case = hospital.case()
    assert case.kind is CaseKind.UNASSIGNED_STUDY
    assert "follows" not in case.finding.cause
    assert hospital.linked("1.2.4") == ""


def test_what_speaks_against_a_decision_is_said(hospital: Hospital) -> None:
    decided(hospital)
    hospital.sees(second(patient=demographics(sex="M")))
    assert "does not follow the decision of ann" in hospital.case().finding.cause
    assert "name another patient than those that ann decided on, a person decides" in hospital.case().finding.cause


def test_images_without_a_birth_date_follow_nobody(hospital: Hospital) -> None:
    decided(hospital, study(accession=WRONG, patient=demographics(birth_date="")))
    switch(hospital, "follow_decision")
    hospital.sees(second(patient=demographics(birth_date="")))
    assert hospital.linked("1.2.4") == ""
    assert "decision" not in hospital.case().finding.cause


def test_nor_do_images_whose_number_has_become_somebody_elses(hospital: Hospital) -> None:
    decided(hospital, study(accession=WRONG, patient=MISTYPED))
    switch(hospital, "follow_decision")
    hospital.hears(adt("A04", mrn="1000091", name="OTHER^ANNA", born="19600517"))
    hospital.sees(second(patient=MISTYPED))
    case = hospital.case()
    assert case.kind is CaseKind.UNASSIGNED_STUDY
    assert "the images' patient id is another known person's, a person decides" in case.finding.cause
    assert hospital.linked("1.2.4") == ""


def test_another_station_or_day_is_no_late_image(hospital: Hospital) -> None:
    decided(hospital)
    hospital.sees(second(series=(series("1.2.4", station_name="CT9"),)))
    assert hospital.case().kind is CaseKind.UNASSIGNED_STUDY
    assert "decision" not in hospital.case().finding.cause


@on_both
def test_a_number_mistyped_at_the_modality_is_explained_for_the_day(hospital: Hospital) -> None:
    decided(hospital, study(accession=WRONG, patient=MISTYPED))
    assert {one.scope for one in rows(hospital)} == {"study", "accession", "patient"}
    hospital.sees(replace(second(patient=MISTYPED), accession_number="Y888"))
    case = hospital.case()
    assert case.kind is CaseKind.UNASSIGNED_STUDY
    assert "patient id 1000091 there that day was 1000001" in case.finding.cause
    assert hospital.linked("1.2.4") == ""


@on_both
def test_a_revoked_decision_is_followed_no_longer(hospital: Hospital) -> None:
    decided(hospital)
    hospital.sees(second())
    assert hospital.case().kind is CaseKind.LATE_IMAGES
    one = next(one for one in rows(hospital) if one.scope == "accession")
    assert (one.state, one.who, one.used) == ("standing", "ann", 1)
    deciding.revoke(hospital.store, one.id, reason="was another exam", who="eve", now=hospital.now)
    hospital.reconcile()
    assert hospital.case().kind is CaseKind.UNASSIGNED_STUDY
    (gone,) = [one for one in rows(hospital) if one.scope == "accession"]
    assert (gone.state, gone.revoked_by, gone.revoke_reason) == ("revoked", "eve", "was another exam")
    with pytest.raises(Refused):
        deciding.revoke(hospital.store, one.id, reason="again", who="eve", now=hospital.now)
    with pytest.raises(Refused):
        deciding.revoke(hospital.store, one.id, reason=" ", who="eve", now=hospital.now)


def test_a_decision_expires_and_what_followed_it_is_looked_at_again(hospital: Hospital) -> None:
    decided(hospital)
    hospital.sees(second())
    hospital.later(timedelta(days=14).total_seconds())
    hospital.reconcile()
    assert hospital.case().kind is CaseKind.UNASSIGNED_STUDY
    assert rows(hospital, everything=False) == []
    assert {one.state for one in rows(hospital)} == {"expired"}


@on_both
def test_an_undone_correction_decides_nothing(hospital: Hospital) -> None:
    correction = decided(hospital)
    hospital.sees(second())
    hospital.undoes(correction)
    assert {one.state for one in rows(hospital)} == {"undone"}
    assert {one.kind for one in hospital.cases()} == {CaseKind.UNASSIGNED_STUDY}
    assert not any("decision" in one.finding.cause for one in hospital.cases())


@on_both
def test_a_second_study_of_one_put_aside_says_so_and_with_the_rule_on_goes_along(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.sees(study(accession=WRONG))
    dismissal.dismiss(hospital.store, hospital.case().id, reason="phantom", who="ann", now=hospital.now)
    hospital.sees(second())
    assert "images like these were put aside (phantom)" in hospital.case().finding.cause
    switch(hospital, "follow_decision")
    assert hospital.cases() == []
    assert next(one for one in rows(hospital) if one.scope == "accession").used == 1


def test_two_people_who_decided_differently_decide_for_nobody_else(hospital: Hospital) -> None:
    decided(hospital)
    hospital.hears(order("A200"))
    hospital.sees(second())
    hospital.corrects("link", order_id=hospital.order("A200").id)
    switch(hospital, "follow_decision")
    hospital.sees(replace(second(), study_instance_uid="1.2.5"))
    assert "people have decided differently" in hospital.case().finding.cause
    assert hospital.linked("1.2.5") == ""


def test_a_late_study_that_another_order_would_take_by_itself_is_left_to_a_person(hospital: Hospital) -> None:
    """The technologist picked A200 for A100's exam: the next images under A200 may be either's."""
    with_order(hospital)
    hospital.hears(order("A200"))
    hospital.sees(study(accession="A200"))
    assert hospital.linked() == "A200"
    from radrecon.workflow.investigation import investigate

    case_id = investigate(hospital.store, hospital.study().id, reason="wrong pick", who="ann", now=hospital.now)
    hospital.corrects("link", next(one for one in hospital.cases() if one.id == case_id), order_id=hospital.order().id)
    switch(hospital, "follow_decision")
    hospital.sees(replace(study("1.2.4", accession="A200"), performed="2026-11-22T14:50:00"))
    assert hospital.linked("1.2.4") == ""
    assert hospital.case().finding.study_id == hospital.study("1.2.4").id


@on_both
def test_looking_again_changes_nothing(hospital: Hospital) -> None:
    decided(hospital)
    hospital.sees(second())
    hospital.sees(study(accession=WRONG))
    before = hospital.dump()
    hospital.recheck()
    assert hospital.dump() == before


def test_with_no_days_of_memory_nothing_is_followed(hospital: Hospital) -> None:
    config = hospital.config
    hospital.configure(config.model_copy(update={"site": config.site.model_copy(update={"decision_days": 0})}))
    decided(hospital)
    hospital.sees(second())
    assert hospital.case().kind is CaseKind.UNASSIGNED_STUDY
