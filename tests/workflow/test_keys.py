from __future__ import annotations

import pytest

from radrecon.model.study import StudyFacts
from radrecon.recon.normalise import blocking_keys_of_person
from radrecon.store import person_keys
from radrecon.store.codec import key_number
from radrecon.workflow.ruling import set_state
from tests.builders import demographics, study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, merge, order, pid


def alike(hospital: Hospital, *args: str, **more: str) -> list[int]:
    """Persons who share a key with someone of this description."""
    keys = blocking_keys_of_person(demographics(*args, **more))  # type: ignore[arg-type]
    with hospital.store.reading() as conn:
        return person_keys.alike(conn, [key_number(kind, value) for kind, value in keys]).ranked


@on_both
def test_persons_are_found_by_number_by_birth_date_and_sound_and_by_year_and_sounds(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), order("A7", pid("2000002", "BAUER^KARL", "19851224", "M")))
    anna, karl = hospital.person().id, hospital.person("2000002").id
    assert alike(hospital, "0001000001", "X^Y", birth_date="") == [anna]
    assert alike(hospital, "7", "FISHER^ANNA") == [anna]
    assert alike(hospital, "7", "OTHER^ANNA") == [anna]
    assert alike(hospital, "7", "ANNA^FISCHER", birth_date="1960-11-30") == [anna]
    assert alike(hospital, "7", "BAUER^KARL", birth_date="1985") == [karl]
    assert alike(hospital, "7", "OTHER^ONE", birth_date="1960-11-30") == []


@on_both
def test_a_person_is_found_as_they_are_called_now_and_once_merged_away_not_at_all(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), adt("A08", name="ZIMMERMANN^ANNA"), adt("A04", "2000002", "ZIMMERMANN^ANNA"))
    assert alike(hospital, "7", "FISCHER^BERTA") == []
    assert len(alike(hospital, "7", "ZIMMERMANN^ANNA")) == 2
    hospital.hears(merge("1000001", "2000002", "ZIMMERMANN^ANNA"))
    assert alike(hospital, "7", "ZIMMERMANN^ANNA") == [hospital.person().id]
    assert alike(hospital, "2000002", "X^Y", birth_date="") == [hospital.person().id]


def by_patient_id_alone(hospital: Hospital) -> None:
    set_state(hospital.store, "link_by_patient_id", "on", who="ann", reason="30 agreed", now=hospital.now)


ONE, TWO = study("1.2.3", ""), study("1.2.4", "")
UNDER_THE_OLD_NUMBER = study("1.2.4", "", demographics("2000002"))
A_WORD = study("1.2.4", "N/A")


@on_both
@pytest.mark.parametrize("other", [TWO, UNDER_THE_OLD_NUMBER, A_WORD], ids=["same number", "merged number", "a word"])
def test_two_studies_without_a_number_are_rivals_whichever_came_first(hospital: Hospital, other: StudyFacts) -> None:
    by_patient_id_alone(hospital)
    hospital.hears(adt("A04"), adt("A04", "2000002"), merge("1000001", "2000002"), order("A100"))
    hospital.sees(ONE)
    assert hospital.linked() == "A100"
    hospital.sees(other)
    assert hospital.linked() == hospital.linked("1.2.4") == ""
    first = hospital.state()
    hospital.loses("1.2.3")
    by_merge = other is UNDER_THE_OLD_NUMBER  # a number that only a merge made this patient's links nothing alone
    assert hospital.linked("1.2.4") == ("" if by_merge else "A100")
    hospital.sees(ONE)
    assert hospital.state() == first
    hospital.recheck()
    assert hospital.state() == first


@on_both
def test_a_study_that_turns_out_to_be_another_patients_is_no_longer_in_the_way(hospital: Hospital) -> None:
    by_patient_id_alone(hospital)
    hospital.hears(adt("A04"), order("A100"))
    hospital.sees(ONE, TWO)
    assert hospital.linked() == ""
    hospital.sees(study("1.2.4", "", demographics("7777777", "OTHER^ONE", birth_date="1930-01-01")))
    assert hospital.linked() == "A100"
    before = hospital.state()
    hospital.recheck()
    assert hospital.state() == before


@on_both
def test_an_order_that_images_of_another_patient_no_longer_claim_is_free_again(hospital: Hospital) -> None:
    by_patient_id_alone(hospital)
    hospital.hears(adt("A04"), order("A100"))
    hospital.sees(study("1.2.4", "A100"), ONE)
    assert (hospital.linked("1.2.4"), hospital.linked()) == ("A100", "")
    hospital.sees(study("1.2.4", "A100", demographics("7777777", "OTHER^ONE", birth_date="1930-01-01")))
    before = hospital.state()
    hospital.recheck()
    assert hospital.state() == before
