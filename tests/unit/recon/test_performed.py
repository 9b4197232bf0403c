from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.order import Code, Order, StepStatus
from radrecon.model.patient import Demographics
from radrecon.model.performed import (
    Performance,
    PerformedSeries,
    PerformedStatus,
    PerformedStep,
    Placed,
    Placement,
    Refusal,
    StepReference,
    Told,
)
from radrecon.model.study import SeriesFacts
from radrecon.recon.performed import changed, created, done_by_images, moved, place, reopened, wrong_entry
from tests.unit.recon.people import ANNA, facts, order, who

S, P = StepStatus, PerformedStatus
NAMED = StepReference("1.2.3", "A1042", "RP1", "SPS1")
WRONG = Code("110514", "DCM", "Incorrect worklist entry selected")
KARL = who("4711002", "BAUER^KARL", "1985-12-24", "M")


def performed(status: PerformedStatus | None = P.IN_PROGRESS, *series: str, **more: object) -> PerformedStep:
    made = tuple(PerformedSeries(uid) for uid in series)
    return replace(PerformedStep(status=status, patient=ANNA, references=(NAMED,), series=made), **more)


def told(order_id: int = 10, step_id: int = 1, status: StepStatus = S.SCHEDULED, **more: object) -> Told:
    one = Told(order_id, step_id, status, NAMED, "CT", 1, ANNA, (ANNA.patient_id,))
    return replace(one, **more)


def two_steps(first: StepStatus = S.SCHEDULED, second: StepStatus = S.SCHEDULED, **more: object) -> Order:
    whole = order()
    steps = tuple(replace(whole.steps[0], id=at, status=status) for at, status in ((1, first), (2, second)))
    return replace(whole, steps=steps, **more)


def counted(*steps: PerformedStep) -> list[Performance]:
    return [Performance(step, at) for at, step in enumerate(steps, 1)]


# -- requests ---------------------------------------------------------------------------------------------------------


def test_a_new_step_is_in_progress_whether_it_says_so_or_not() -> None:
    for status in (None, P.IN_PROGRESS):
        assert created(None, performed(status)).step.status is P.IN_PROGRESS


@pytest.mark.parametrize(
    ("known", "said", "refusal"),
    [
        (performed(), performed(), Refusal.DUPLICATE),
        (None, performed(P.COMPLETED), Refusal.NOT_IN_PROGRESS),
        (None, performed(P.DISCONTINUED), Refusal.NOT_IN_PROGRESS),
        (None, PerformedStep(modality="CT"), Refusal.EMPTY),
    ],
)
def test_what_is_not_created(known: PerformedStep | None, said: PerformedStep, refusal: Refusal) -> None:
    assert created(known, said).refusal is refusal


@pytest.mark.parametrize(
    "said",
    [
        PerformedStep(performed_procedure_step_id="1"),
        PerformedStep(references=(NAMED,)),
        PerformedStep(patient=who("", "DOE^JANE", "", "")),
    ],
)
def test_one_thing_that_names_it_is_enough(said: PerformedStep) -> None:
    assert created(None, said).refusal is None


def test_what_is_not_said_stands() -> None:
    known = performed(P.IN_PROGRESS, "1.1", description="Thorax", discontinuation_reason=Code("1", "", "x"))
    found = changed(known, PerformedStep(status=P.COMPLETED, end="2026-11-22T15:00"))
    assert found.step == replace(known, status=P.COMPLETED, end="2026-11-22T15:00")
    assert not found.repeated


def test_a_code_without_its_scheme_is_said_all_the_same() -> None:
    said = PerformedStep(status=P.DISCONTINUED, discontinuation_reason=Code("110514"))
    assert changed(performed(), said).step.wrong_worklist_entry


def test_a_list_of_series_is_taken_whole() -> None:
    found = changed(performed(P.IN_PROGRESS, "1.1"), performed(None, "1.2", "1.3"))
    assert [one.series_instance_uid for one in found.step.series] == ["1.2", "1.3"]


@pytest.mark.parametrize("status", [P.COMPLETED, P.DISCONTINUED])
def test_after_the_end_a_repetition_is_taken_and_anything_else_refused(status: PerformedStatus) -> None:
    known = performed(status, "1.1")
    for same in (known, PerformedStep(status=status), PerformedStep()):
        assert changed(known, same) == replace(changed(known, known), refusal=None)
        assert changed(known, same).repeated
    other = P.COMPLETED if status is P.DISCONTINUED else P.DISCONTINUED
    for word in (PerformedStep(status=other), performed(P.IN_PROGRESS), performed(status, "1.1", "1.2")):
        assert changed(known, word).refusal is Refusal.ENDED


def test_an_unknown_step_is_not_changed() -> None:
    assert changed(None, performed()).refusal is Refusal.UNKNOWN


# -- placing ----------------------------------------------------------------------------------------------------------


def placed(reference: StepReference, *steps: Told, patient: Demographics = ANNA, person: int = 1) -> Placed:
    return place(performed(patient=patient, modality="CT"), reference, person, steps)


@pytest.mark.parametrize(
    "named",
    [
        StepReference("1.2.3"),
        StepReference("", "A1042"),
        StepReference("9.9", "a1042 "),
        StepReference("1.2.3", "TYPED"),
        StepReference(scheduled_procedure_step_id="SPS1"),
        StepReference("9.9", requested_procedure_id="RP1", scheduled_procedure_step_id="SPS1"),
    ],
)
def test_what_agrees_finds_the_step(named: StepReference) -> None:
    assert placed(named, told()) == Placed(named, Placement.APPLIED, 10, 1)


@pytest.mark.parametrize(
    "named", [StepReference("9.9"), StepReference("9.9", "TYPED", "RP1", "SPS1"), StepReference("9.9", "TYPED")]
)
def test_another_study_and_accession_number_is_another_step(named: StepReference) -> None:
    assert placed(named, told()).placement is Placement.NOT_FOUND


def test_the_step_id_tells_the_steps_of_an_order_apart() -> None:
    second = told(step_id=2, reference=replace(NAMED, scheduled_procedure_step_id="SPS2"))
    assert placed(replace(NAMED, scheduled_procedure_step_id="SPS2"), told(), second).step_id == 2


def test_in_a_group_accession_and_step_outdo_the_shared_study() -> None:
    other = told(11, 5, reference=StepReference("4.5.6", "A2000", "RP2", "SPS5"))
    assert placed(StepReference("1.2.3", "A2000", "RP2", "SPS5"), told(), other).order_id == 11


def test_steps_that_fit_alike_are_told_apart_by_modality_and_by_what_is_still_to_be_done() -> None:
    plain = StepReference("1.2.3")
    assert placed(plain, told(), told(step_id=2, modality="MR")).step_id == 1
    assert placed(plain, told(status=S.COMPLETED), told(step_id=2)).step_id == 2
    found = placed(plain, told(), told(step_id=2))
    assert (found.placement, found.order_id, found.step_id) == (Placement.AMBIGUOUS, 10, 0)


def test_a_cancelled_step_is_meant_only_where_there_is_no_other() -> None:
    assert placed(NAMED, told(status=S.CANCELLED), told(step_id=2)).step_id == 2
    assert placed(NAMED, told(status=S.CANCELLED)).placement is Placement.STEP_CANCELLED


@pytest.mark.parametrize(("patient", "person"), [(KARL, 2), (KARL, 0), (who("", "BAUER^KARL"), 0)])
def test_another_patients_step_is_a_conflict(patient: Demographics, person: int) -> None:
    assert placed(NAMED, told(), patient=patient, person=person) == Placed(NAMED, Placement.PATIENT_CONFLICT, 10, 1)


def test_the_same_step_id_of_another_patient_is_no_conflict() -> None:
    found = placed(StepReference(scheduled_procedure_step_id="SPS1"), told(), patient=KARL, person=2)
    assert found.placement is Placement.NOT_FOUND


@pytest.mark.parametrize(
    ("patient", "person"),
    [(who("04711001"), 0), (who("", "Meyer^Anna"), 0), (who("", ""), 0), (who("OLD", "X^Y"), 1)],
)
def test_the_patient_may_be_written_in_another_way(patient: Demographics, person: int) -> None:
    assert placed(NAMED, told(), patient=patient, person=person).placement is Placement.APPLIED


def test_of_two_patients_under_one_accession_number_the_right_ones_step_is_meant() -> None:
    karls = told(11, 7, person_id=2, patient=KARL, identifiers=(KARL.patient_id,))
    assert placed(StepReference("", "A1042"), told(), karls, patient=KARL, person=2).order_id == 11


# -- status -----------------------------------------------------------------------------------------------------------


def ended(reason: Code | None = None) -> PerformedStep:
    return performed(P.DISCONTINUED, discontinuation_reason=reason or Code())


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([performed()], S.STARTED),
        ([performed(P.COMPLETED)], S.COMPLETED),
        ([ended()], S.DISCONTINUED),
        ([ended(WRONG)], S.SCHEDULED),
        ([ended(WRONG), performed()], S.STARTED),
        ([ended(WRONG), performed(P.COMPLETED)], S.COMPLETED),
        ([performed(P.COMPLETED), performed()], S.STARTED),
        ([performed(P.COMPLETED), ended()], S.COMPLETED),
        ([ended(), ended(WRONG)], S.DISCONTINUED),
    ],
)
@pytest.mark.parametrize("before", [S.SCHEDULED, S.STARTED, S.COMPLETED])
def test_a_step_stands_where_all_that_was_performed_of_it_says(
    steps: list[PerformedStep], status: StepStatus, before: StepStatus
) -> None:
    whole = two_steps(before, S.CANCELLED, sources={"status": "mpps"})
    found = moved(whole, {1: counted(*steps)})
    assert (found.steps[0].status, found.steps[1].status) == (status, S.CANCELLED)


@pytest.mark.parametrize("before", [S.ARRIVED, S.HELD])
def test_a_wrong_pick_leaves_a_waiting_step_as_it_waits(before: StepStatus) -> None:
    whole = two_steps(before)
    assert moved(whole, {1: counted(ended(WRONG))}) == whole


def test_what_images_ended_does_not_wait_again_by_a_wrong_pick() -> None:
    """A person may have looked past it; an order that loses its images is scheduled again by that."""
    whole = two_steps(S.COMPLETED, S.COMPLETED, status=S.COMPLETED, sources={"status": "images"})
    assert moved(whole, {1: counted(ended(WRONG))}) == whole
    assert moved(whole, {1: counted(performed())}).steps[0].status is S.STARTED


@pytest.mark.parametrize("before", [S.COMPLETED, S.DISCONTINUED, S.CANCELLED])
def test_what_the_ris_has_ended_stays_ended(before: StepStatus) -> None:
    whole = two_steps(before, before, status=before)
    for one in (performed(), ended(WRONG)):
        assert moved(whole, {1: counted(one)}) == whole


def test_what_was_given_up_counts_as_done() -> None:
    found = moved(two_steps(), {1: [Performance(performed(), 1, given_up=True)]})
    assert found.steps[0].status is S.COMPLETED


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ((performed(),), (), S.STARTED),
        ((performed(P.COMPLETED),), (), S.SCHEDULED),
        ((performed(P.COMPLETED),), (performed(),), S.STARTED),
        ((performed(P.COMPLETED),), (ended(),), S.COMPLETED),
        ((ended(),), (ended(),), S.DISCONTINUED),
    ],
)
def test_the_order_follows_its_steps(
    first: tuple[PerformedStep, ...], second: tuple[PerformedStep, ...], whole: StepStatus
) -> None:
    found = moved(two_steps(), {1: counted(*first), 2: counted(*second)})
    assert found.status is whole
    assert found.sources["status"] == "mpps"


def test_an_order_that_is_scheduled_again_is_as_before() -> None:
    begun = moved(two_steps(), {1: counted(performed())})
    assert moved(begun, {1: counted(ended(WRONG))}) == two_steps()


def test_images_end_the_steps_that_modalities_told_of_or_all() -> None:
    started = two_steps(S.STARTED, S.SCHEDULED, status=S.STARTED)
    assert [one.status for one in done_by_images(started, {1}).steps] == [S.COMPLETED, S.SCHEDULED]
    assert done_by_images(started, {1}).status is S.SCHEDULED
    done = done_by_images(started, ())
    assert ([one.status for one in done.steps], done.status) == ([S.COMPLETED, S.COMPLETED], S.COMPLETED)
    assert reopened(done) == two_steps()


# -- wrong images -----------------------------------------------------------------------------------------------------

PICKED = performed(P.DISCONTINUED, "1.2.3.1", discontinuation_reason=WRONG)
PICKED_WITHOUT = ended(WRONG)
RIGHT = performed(P.COMPLETED, "1.2.3.2")


@pytest.mark.parametrize(
    ("steps", "series", "wrong"),
    [
        ([PICKED], ["1.2.3.1"], True),
        ([PICKED], ["1.2.3.1", "1.2.3.2"], True),
        ([PICKED], ["1.2.3.2"], False),
        ([PICKED], [], True),
        ([PICKED_WITHOUT], ["1.2.3.1"], True),
        ([PICKED_WITHOUT, RIGHT], ["1.2.3.2"], False),
        ([PICKED, RIGHT], ["1.2.3.2"], False),
        ([PICKED, RIGHT], ["1.2.3.1", "1.2.3.2"], True),
        ([PICKED, performed(P.COMPLETED, "1.2.3.1")], ["1.2.3.1"], False),
        ([RIGHT, PICKED_WITHOUT], ["1.2.3.2"], True),
        ([RIGHT], ["1.2.3.2"], False),
        ([ended()], ["1.2.3.1"], False),
    ],
)
def test_a_study_is_marked_by_the_series_of_the_wrong_pick(
    steps: list[PerformedStep], series: list[str], wrong: bool
) -> None:
    study = facts(series=tuple(SeriesFacts(uid) for uid in series))
    assert wrong_entry(study, counted(*steps)) is wrong
