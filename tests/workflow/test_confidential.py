"""A confidential patient is merged: so is the survivor from then on, and both are as before when it is undone."""

from __future__ import annotations

import pytest

from radrecon.store import duplicates as stored
from radrecon.store import person_records
from radrecon.workflow import key_sorting
from tests.workflow.adt_messages import mrg, patient, said
from tests.workflow.hospital import CONFIG, Hospital, destination, on_both
from tests.workflow.test_duplicates import pair_cases, subject, told

SECRET, OPEN = (f"PV1|1|O{'|' * 14}{word}" for word in "VN")


def secret(hospital: Hospital, *numbers: str) -> list[bool]:
    """Whether whoever has each of these numbers is compared as confidential, once everything was read."""
    key_sorting.sort_some(hospital.store, 100)
    ids = [hospital.person(number).id for number in numbers]
    with hospital.store.transaction() as conn:
        stored.note(conn, ids, hospital.now)
    hospital.compares()
    with hospital.store.reading() as conn:
        found = person_records.records(conn, ids)
    return [found[one].usage.confidential for one in ids]


def merged(survivor: str, loser: str, minute: int = 5, event: str = "A40") -> bytes:
    return said(event, patient(survivor, "FISCHER^ANNA"), mrg(loser), minute=minute)


@on_both
@pytest.mark.parametrize("event", ["A40", "A18", "A34", "A30", "A39"])
def test_the_survivor_of_a_confidential_patient_is_confidential(hospital: Hospital, event: str) -> None:
    hospital.hears(told("1"), told("200", visit=SECRET), told("3000"))
    hospital.compares()
    assert pair_cases(hospital) == [subject(hospital, "1", "3000")]
    hospital.hears(merged("1", "200", event=event))
    assert secret(hospital, "1", "3000") == [True, False]
    assert pair_cases(hospital) == []


@on_both
def test_an_undone_merge_gives_both_back_as_they_were(hospital: Hospital) -> None:
    hospital.configure(CONFIG.model_copy(update={"hl7_destination": [destination()]}))
    hospital.hears(told("1"), told("200"))
    hospital.compares()
    case = hospital.case()
    hospital.hears(told("200", event="A08", minute="3", visit=SECRET))  # not read when somebody merges
    correction = hospital.corrects("merge", case)
    assert secret(hospital, "1") == [True]
    hospital.undoes(correction)
    assert secret(hospital, "1", "200") == [False, True]


@on_both
def test_what_is_said_of_the_survivor_afterwards_counts(hospital: Hospital) -> None:
    hospital.hears(told("1", visit=OPEN), told("200", visit=SECRET), merged("1", "200"))
    assert secret(hospital, "1") == [True]
    hospital.hears(told("1", event="A08", minute="7", visit=OPEN))
    assert secret(hospital, "1") == [False]
    hospital.hears(told("1", event="A08", minute="8"))
    assert secret(hospital, "1") == [False]


def test_one_in_the_middle_of_a_chain_takes_the_mark_along(hospital: Hospital) -> None:
    hospital.hears(told("1", visit=SECRET), told("2", "BAUER^KARL"), told("3", "WEBER^EVA"), told("4", "HAHN^IDA"))
    assert secret(hospital, "1", "2", "3") == [True, False, False]
    hospital.hears(merged("2", "1"), merged("3", "2", 6))
    assert secret(hospital, "3", "4") == [True, False]
    hospital.hears(merged("4", "1", 7))
    assert secret(hospital, "3", "4") == [False, True]
