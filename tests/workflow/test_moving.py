from __future__ import annotations

import pytest

from radrecon.config import HL7SenderConfig, SenderMatch
from radrecon.store import tables as t
from tests.builders import demographics, study
from tests.workflow.adt_messages import mrg, ordered, patient, pv1, said
from tests.workflow.hospital import CONFIG, Hospital, on_both


@on_both
def test_an_identifier_moves_with_what_was_made_under_it(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1 11"), minute=1), said("A01", patient("2"), minute=1))
    hospital.hears(ordered("A1", "1", minute=2), ordered("A11", "11", minute=2))
    hospital.sees(study("1.2.11", "A11", demographics("11")))
    hospital.hears(said("A43", patient("2"), mrg("11"), minute=3))
    assert hospital.person("11").id == hospital.person("2").id != hospital.person("1").id
    assert hospital.order("A11").person_id == hospital.person("2").id
    assert hospital.study("1.2.11").person_id == hospital.person("2").id
    assert hospital.order("A1").person_id == hospital.person("1").id
    assert "1 orders of the former patient" in hospital.journal()[-1].reason


def test_as_the_standard_writes_it_pid_2_says_to_whom(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1 11"), minute=1), said("A01", patient("2"), minute=1))
    hospital.hears(said("A43", patient("11", pid2="2^^^HOSP"), mrg("11"), minute=3))
    assert hospital.person("11").id == hospital.person("2").id


def test_a_moved_number_stays_in_use(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1 11"), minute=1), said("A43", patient("2"), mrg("11"), minute=3))
    hospital.hears(ordered("A1", "11", minute=4))
    assert hospital.order("A1").person_id == hospital.person("2").id
    assert hospital.cases() == []


def test_who_loses_the_first_number_goes_by_the_next(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1 11"), minute=1), said("A43", patient("2"), mrg("1"), minute=3))
    assert hospital.person("11").demographics.patient_id.value == "11"
    assert hospital.person("1").id == hospital.person("2").id


@on_both
def test_the_only_number_takes_the_whole_record_along(hospital: Hospital) -> None:
    hospital.hears(ordered("A1", "1", minute=1), said("A43", patient("2"), mrg("1"), minute=3))
    assert hospital.order("A1").person_id == hospital.person("2").id == hospital.person("1").id
    hospital.hears(ordered("A2", "1", minute=4))
    assert hospital.cases() == []


def test_a_retired_number_moves_with_its_own_records_only(hospital: Hospital) -> None:
    hospital.hears(ordered("A1", "1", minute=1), ordered("A2", "2", minute=1))
    hospital.hears(said("A40", patient("2"), mrg("1"), minute=2), said("A43", patient("3"), mrg("1"), minute=3))
    assert hospital.order("A1").person_id == hospital.person("3").id
    assert hospital.order("A2").person_id == hospital.person("2").id


def test_a_move_to_nobody_else_is_refused(hospital: Hospital) -> None:
    assert hospital.takes(said("A43", patient("1"), mrg("1"), minute=3))[0].ack_code == "AE"


# -- accounts and visits ----------------------------------------------------------------------------------------------


@on_both
def test_a_visit_moves_with_its_orders(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), pv1("V1"), minute=1), said("A01", patient("2"), pv1("V2"), minute=1))
    hospital.hears(ordered("A1", "1", visit="V1", minute=2), ordered("A9", "1", visit="V9", minute=2))
    hospital.hears(said("A45", patient("2", account="ACC2"), mrg("1", visit="V1"), pv1("V1"), minute=3))
    assert hospital.order("A1").person_id == hospital.person("2").id
    assert hospital.order("A9").person_id == hospital.person("1").id
    assert "moves with 1 orders; 1 of the former stay" in hospital.journal()[-1].reason
    with hospital.store.reading() as conn:
        moved = conn.execute(t.visit.select().where(t.visit.c.number == "V1")).one()
    assert (moved.person_id, moved.account) == (hospital.person("2").id, "ACC2")


def test_a_visit_without_a_named_former_patient_is_taken_from_whoever_has_it(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), pv1("V1"), minute=1), ordered("A1", "1", visit="V1", minute=2))
    hospital.hears(said("A45", patient("2"), mrg(visit="V1"), pv1("V1"), minute=3))
    assert hospital.order("A1").person_id == hospital.person("2").id


@on_both
def test_an_account_moves_with_its_visits_and_their_orders(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1", account="ACC1"), pv1("V1"), minute=1))
    hospital.hears(ordered("A1", "1", visit="V1", minute=2))
    hospital.hears(said("A44", patient("2", account="ACC1"), mrg("1", account="ACC1"), minute=3))
    assert hospital.order("A1").person_id == hospital.person("2").id
    with hospital.store.reading() as conn:
        assert {row.person_id for row in conn.execute(t.visit.select())} == {hospital.person("2").id}


def test_a_visit_moved_under_a_new_number_gives_it_to_its_orders(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), pv1("V1"), minute=1), ordered("A1", "1", visit="V1", minute=2))
    hospital.hears(said("A45", patient("2"), mrg("1", visit="V1"), pv1("V7"), minute=3))
    assert hospital.order("A1").visit.number == "V7"


def test_several_visits_move_in_one_message(hospital: Hospital) -> None:
    hospital.hears(ordered("A1", "1", visit="V1", minute=1), ordered("A2", "1", visit="V2", minute=1))
    moves = (mrg("1", visit="V1"), pv1("V1"), mrg("1", visit="V2"), pv1("V2"))
    hospital.hears(said("A45", patient("2"), *moves, minute=3))
    assert {hospital.order(one).person_id for one in ("A1", "A2")} == {hospital.person("2").id}


@pytest.mark.parametrize("event", ["A44", "A45"])
def test_a_move_that_does_not_say_what_moves_is_refused(hospital: Hospital, event: str) -> None:
    assert hospital.takes(said(event, patient("2"), mrg("1"), minute=3))[0].ack_code == "AE"


def test_a_sender_who_does_not_own_identity_moves_nothing(hospital: Hospital) -> None:
    owner = HL7SenderConfig(match=SenderMatch(sending_application="MPI"), owner_of=["identity"])
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": [owner]}))
    hospital.hears(ordered("A1", "1", visit="V1", minute=1))
    hospital.hears(said("A45", patient("2"), mrg("1", visit="V1"), pv1("V1"), minute=3))
    assert hospital.order("A1").person_id == hospital.person("1").id
