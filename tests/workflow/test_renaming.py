from __future__ import annotations

import pytest

from radrecon.config import HL7SenderConfig, SenderMatch
from radrecon.model.case import CaseKind
from tests.workflow.adt_messages import mrg, ordered, patient, said
from tests.workflow.hospital import CONFIG, Hospital, on_both


def a47(new: str, old: str, minute: int, event: str = "A47") -> bytes:
    return said(event, patient(new), mrg(old), minute=minute)


@on_both
@pytest.mark.parametrize("event", ["A46", "A47"])
def test_a_new_number_of_the_same_patient_leads_and_the_old_one_follows(hospital: Hospital, event: str) -> None:
    hospital.hears(ordered("A100", "1", minute=1), a47("2", "1", 2, event))
    assert hospital.people() == 1
    assert hospital.person("1").id == hospital.person("2").id == hospital.order().person_id
    assert hospital.person("1").demographics.patient_id.value == "2"
    assert "changed from 1^^^HOSP to 2^^^HOSP" in hospital.journal()[-1].reason


@on_both
def test_a_number_that_is_somebody_elses_is_refused_at_pid_3(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), minute=1), said("A01", patient("2"), minute=1))
    (taken,) = hospital.takes(a47("2", "1", 2))
    assert taken.ack_code == "AE"
    assert b"PID" in taken.answers[0]
    assert hospital.person("1").id != hospital.person("2").id


@pytest.mark.parametrize("known", [(), ("2",)])
def test_an_old_number_never_heard_of_leads_to_the_new_one(hospital: Hospital, known: tuple[str, ...]) -> None:
    hospital.hears(*(said("A01", patient(one), minute=1) for one in known), a47("2", "1", 2))
    assert hospital.people() == 1
    assert hospital.person("1").demographics.patient_id.value == "2"
    hospital.hears(ordered("A100", "1", minute=1))
    assert hospital.cases() == [], "it was written before the number changed"


def test_later_traffic_on_the_old_number_is_a_case(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), minute=1), a47("2", "1", 2), ordered("A100", "1", minute=3))
    assert hospital.case(CaseKind.RETIRED_IDENTIFIER).finding.person_id == hospital.person("2").id


@pytest.mark.parametrize("first", [0, 1])
def test_a_change_there_and_back_ends_where_it_began(hospital: Hospital, first: int) -> None:
    changes = [a47("2", "1", 2), a47("1", "2", 3)]
    hospital.hears(said("A01", patient("1"), minute=1), changes[first], changes[1 - first])
    assert hospital.person("2").demographics.patient_id.value == "1"
    assert hospital.people() == 1


def test_a_change_twice_over_leads_to_the_last(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), minute=1), a47("2", "1", 2), a47("3", "2", 3))
    for number in "123":
        assert hospital.person(number).demographics.patient_id.value == "3"


def test_the_same_change_again_changes_nothing(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), minute=1), a47("2", "1", 2), a47("2", "1", 3))
    assert hospital.person("1").demographics.patient_id.value == "2"
    assert "already" in hospital.journal()[-1].reason


def test_a_number_changed_into_itself_is_refused(hospital: Hospital) -> None:
    assert hospital.takes(a47("1", "1", 2))[0].ack_code == "AE"


def test_a_merge_after_a_change_finds_the_patient_under_the_old_number(hospital: Hospital) -> None:
    hospital.hears(ordered("A100", "1", minute=1), a47("2", "1", 2))
    hospital.hears(said("A40", patient("3"), mrg("2"), minute=3))
    assert hospital.person("1").id == hospital.person("3").id == hospital.order().person_id


def test_a_sender_who_does_not_own_identity_changes_no_number(hospital: Hospital) -> None:
    owner = HL7SenderConfig(match=SenderMatch(sending_application="MPI"), owner_of=["identity"])
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": [owner]}))
    hospital.hears(said("A01", patient("1"), minute=1), a47("2", "1", 2))
    assert hospital.person("1").demographics.patient_id.value == "1"
    assert "not applied" in hospital.journal()[-1].reason
