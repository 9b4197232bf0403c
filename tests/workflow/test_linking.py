from __future__ import annotations

import pytest

from radrecon.config import HL7SenderConfig, SenderMatch
from radrecon.model.case import CaseKind
from radrecon.store import merges, person_links
from tests.builders import demographics, study
from tests.workflow.adt_messages import ordered, patient, said
from tests.workflow.hospital import CONFIG, Hospital, on_both


def a24(one: str, other: str, minute: int) -> bytes:
    return said("A24", patient(one), patient(other, "FISCHER-BAUER^ANNA"), minute=minute)


def a37(one: str, other: str, minute: int) -> bytes:
    return said("A37", patient(one), patient(other, "FISCHER-BAUER^ANNA"), minute=minute)


def linked(hospital: Hospital, number: str) -> set[int]:
    with hospital.store.reading() as conn:
        return set(person_links.linked(conn, [hospital.person(number).id]))


@on_both
def test_a_study_of_one_finds_the_orders_of_the_other_and_a_person_decides(hospital: Hospital) -> None:
    hospital.hears(ordered("A100", "2", name="FISCHER-BAUER^ANNA", minute=1), said("A01", patient("1"), minute=1))
    hospital.hears(a24("1", "2", 2))
    hospital.sees(study("1.2.3", "", demographics("1"), performed="2026-11-20T14:34:00"))
    case = hospital.case(CaseKind.UNASSIGNED_STUDY)
    assert [one.accession_number for one in case.finding.candidates] == ["A100"]
    assert "linked patient's" in case.finding.candidates[0].vetoes[0]
    assert hospital.linked() == ""


@on_both
def test_a_link_finds_what_was_there_before_it_and_what_comes_after(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.hears(said("A01", patient("1"), minute=1))
    hospital.sees(study("1.2.3", "", demographics("1"), performed="2026-11-22T14:34:00"))
    assert not hospital.case().finding.candidates
    hospital.hears(said("A01", patient("2", "SCHULZ^EVA", "19610101"), minute=1), a24("1", "2", 2))
    hospital.hears(ordered("A100", "2", name="SCHULZ^EVA", minute=3))
    (candidate,) = hospital.case().finding.candidates
    assert candidate.accession_number == "A100"
    assert "patient id equal, of a linked patient" in [reason.text for reason in candidate.reasons]
    assert "linked patient's" in candidate.vetoes[0]
    hospital.hears(a37("1", "2", 4))
    assert not hospital.case().finding.candidates


def test_even_an_accession_number_links_nothing_across_a_link(hospital: Hospital) -> None:
    hospital.hears(ordered("A100", "2", minute=1), said("A01", patient("1"), minute=1), a24("1", "2", 2))
    hospital.sees(study("1.2.3", "A100", demographics("1")))
    assert hospital.linked() == ""
    assert "unassigned_study" in hospital.kinds()


def test_links_reach_over_links(hospital: Hospital) -> None:
    hospital.hears(a24("1", "2", 1), a24("2", "3", 2))
    assert linked(hospital, "1") == {hospital.person("2").id, hospital.person("3").id}
    hospital.hears(a37("1", "2", 3))
    assert linked(hospital, "1") == set()
    assert linked(hospital, "2") == {hospital.person("3").id}


def test_linked_persons_stay_two(hospital: Hospital) -> None:
    hospital.hears(a24("1", "2", 1))
    assert hospital.person("1").id != hospital.person("2").id
    assert str(hospital.person("1").demographics.name) == "FISCHER^ANNA"


@pytest.mark.parametrize("first", [0, 1])
def test_the_later_word_on_a_link_stands(hospital: Hospital, first: int) -> None:
    words = [a24("1", "2", 1), a37("2", "1", 2)]
    hospital.hears(words[first], words[1 - first])
    assert linked(hospital, "1") == set()
    hospital.hears(a24("1", "2", 3))
    assert linked(hospital, "1") == {hospital.person("2").id}
    hospital.hears(a37("1", "2", 2))
    assert "later message has linked" in hospital.journal()[-1].reason
    assert linked(hospital, "1")


@on_both
def test_a_link_that_was_said_again_is_not_ended_by_what_was_written_between(hospital: Hospital) -> None:
    hospital.hears(a24("1", "2", 1), a24("2", "1", 5), a37("1", "2", 3))
    assert linked(hospital, "1") == {hospital.person("2").id}
    hospital.hears(a24("1", "2", 4), a37("1", "2", 6))
    assert linked(hospital, "1") == set()


@on_both
def test_a_link_follows_a_merge_and_comes_back_with_an_unmerge(hospital: Hospital) -> None:
    hospital.hears(a24("1", "2", 1), said("A40", patient("3"), "MRG|2^^^HOSP", minute=2))
    survivor = hospital.person("3").id
    assert linked(hospital, "1") == {survivor}
    with hospital.store.transaction() as conn:
        loser = next(one for one in range(1, 4) if merges.root(conn, one) != one)
        merges.unmerge(conn, survivor, loser, at=hospital.now)
    assert linked(hospital, "1") == {loser}


def test_a_merge_of_two_who_were_linked_ends_the_link(hospital: Hospital) -> None:
    hospital.hears(a24("1", "2", 1), said("A40", patient("1"), "MRG|2^^^HOSP", minute=2))
    assert linked(hospital, "1") == set()
    hospital.hears(a24("1", "2", 3))
    assert "already one person" in hospital.journal()[-1].reason


def test_one_patient_alone_cannot_be_linked(hospital: Hospital) -> None:
    assert hospital.takes(said("A24", patient("1"), minute=1))[0].ack_code == "AE"


def test_a_sender_who_does_not_own_identity_links_nobody(hospital: Hospital) -> None:
    owner = HL7SenderConfig(match=SenderMatch(sending_application="MPI"), owner_of=["identity"])
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": [owner]}))
    hospital.hears(a24("1", "2", 1))
    assert linked(hospital, "1") == set()
