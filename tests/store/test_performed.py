from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from radrecon.model.order import Code
from radrecon.model.performed import PerformedSeries, PerformedStatus, PerformedStep, Placed, Placement, StepReference
from radrecon.store import orders, performed
from radrecon.store.database import Connection, Store
from radrecon.store.performed import Heard
from tests.builders import NOW, demographics, order, series, study

NAMED = StepReference("1.2.3", "A100", "RP-A100", "S1")
STEP = PerformedStep(
    status=PerformedStatus.IN_PROGRESS, station_ae_title="CT1", patient=demographics(), references=(NAMED,)
)


def add(conn: Connection, uid: str = "9.1", step: PerformedStep = STEP, person_id: int = 0) -> int:
    return performed.add(conn, uid, step, at=NOW, person_id=person_id, peer="CT1", address="10.0.0.9")


def test_a_step_comes_back_as_it_was_said(store: Store) -> None:
    made = replace(
        STEP, series=(PerformedSeries("1.5", "Thorax", images=3),), discontinuation_reason=Code("1", "", "x")
    )
    with store.transaction() as conn:
        number = add(conn, step=made)
        found = performed.by_uid(conn, "9.1")
        assert performed.by_uid(conn, "9.2") is None
    assert found is not None
    assert (found.id, found.step, found.created_at, found.given_up) == (number, made, NOW, False)


def test_what_is_told_later_replaces_and_a_given_up_step_lives_again(store: Store) -> None:
    with store.transaction() as conn:
        number = add(conn, step=replace(STEP, series=(PerformedSeries("1.5"), PerformedSeries("1.6"))))
        performed.give_up(conn, [number])
        assert [one.given_up for one in performed.load_many(conn, [number])] == [True]
        done = replace(STEP, status=PerformedStatus.COMPLETED, series=(PerformedSeries("1.6"),))
        performed.update(conn, number, done, at=NOW + timedelta(minutes=1), person_id=7)
        (found,) = performed.load_many(conn, [number])
        assert (found.step, found.given_up, found.person_id) == (done, False, 7)
        assert found.updated_at == NOW + timedelta(minutes=1)
        assert performed.of_study(conn, study("7.7", series=(series("1.5"),))) == []


def test_a_studys_steps_are_found_by_its_uid_and_by_its_series(store: Store) -> None:
    with store.transaction() as conn:
        first = add(conn)
        performed.set_placed(conn, first, [Placed(NAMED)])
        second = add(conn, "9.2", replace(STEP, references=(), series=(PerformedSeries("1.2.3.1"),)))
        assert [one.id for one in performed.of_study(conn, study())] == [first, second]
        assert performed.of_study(conn, study("7.7")) == []


def test_an_orders_steps_are_those_that_were_applied(store: Store) -> None:
    with store.transaction() as conn:
        assert not performed.any_heard(conn)
        first, second = add(conn), add(conn, "9.2")
        performed.set_placed(conn, first, [Placed(NAMED, Placement.APPLIED, 5, 50)])
        performed.set_placed(conn, second, [Placed(NAMED, Placement.PATIENT_CONFLICT, 5, 50)])
        found = performed.of_orders(conn, [5])
        assert {step: [one.id for one in several] for step, several in found[5].items()} == {50: [first]}
        assert performed.placed(conn, second) == [Placed(NAMED, Placement.PATIENT_CONFLICT, 5, 50)]
        assert performed.any_heard(conn)


def test_what_is_not_applied_yet_is_found_when_an_order_comes(store: Store) -> None:
    with store.transaction() as conn:
        by_uid, by_accession, by_person = add(conn, "9.1"), add(conn, "9.2"), add(conn, "9.3", person_id=3)
        applied, other = add(conn, "9.4"), add(conn, "9.5", person_id=4)
        performed.set_placed(conn, by_uid, [Placed(StepReference("1.2.3"))])
        performed.set_placed(conn, by_accession, [Placed(StepReference("7.7", "A100"))])
        step_only = StepReference(scheduled_procedure_step_id="S1")
        performed.set_placed(conn, by_person, [Placed(step_only)])
        performed.set_placed(conn, other, [Placed(step_only)])
        performed.set_placed(conn, applied, [Placed(NAMED, Placement.APPLIED, 5, 50)])
        mine = order("A100", study_instance_uid="1.2.3", person_id=3, id=5)
        assert performed.not_applied(conn, [mine]) == [by_uid, by_accession, by_person]


def test_candidates_are_found_by_study_accession_and_a_steps_own_row(store: Store) -> None:
    with store.transaction() as conn:
        first = orders.save(conn, order("A100", study_instance_uid="1.2.3"), at=NOW, message_id=17)
        second = orders.save(conn, order("A200", study_instance_uid="1.2.4"), at=NOW)
        step = orders.load_many(conn, [second])[0].steps[0].id
        assert performed.candidates(conn, StepReference("1.2.3", "A200")) == [first, second]
        assert performed.candidates(conn, StepReference(), [step]) == [second]
        assert performed.candidates(conn, StepReference()) == []
        assert performed.message_of_order(conn, first) == 17


def test_what_a_person_took_back_is_settled(store: Store) -> None:
    with store.transaction() as conn:
        number = add(conn)
        performed.set_person(conn, number, 8)
        performed.set_placed(conn, number, [Placed(NAMED, Placement.APPLIED, 5, 50)])
        performed.take_back(conn, [number], 5)
        assert performed.placed(conn, number) == [Placed(NAMED, Placement.TAKEN_BACK, 5, 50)]
        assert performed.of_orders(conn, [5]) == {}
        assert performed.not_applied(conn, [order("A100", study_instance_uid="1.2.3", id=5)]) == []
        assert performed.load_many(conn, [number])[0].person_id == 8


def test_every_message_is_kept_with_its_bytes(store: Store) -> None:
    heard = Heard(NOW, "N-SET", "9.9", "CT1", "10.0.0.9", "1.2.840.10008.1.2.1", b"\x00\xff", "refused", "", "unknown")
    with store.transaction() as conn:
        number = performed.add_message(conn, heard, 0)
    assert number == 1
