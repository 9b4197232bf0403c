"""What one list answered, kept and compared with what stood there before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from radrecon.model.ris_worklist import Listed, WorklistEntry
from radrecon.store import ris_lists as kept
from radrecon.workflow import ris_lists
from radrecon.workflow.ris_lists import Asked, entry_key
from tests.builders import NOW, demographics
from tests.workflow.hospital import Hospital, on_both

ENTRY = WorklistEntry("A100", scheduled_procedure_step_id="S1", start="2026-11-22T14:30", patient=demographics())


def answers(
    hospital: Hospital, *entries: WorklistEntry, minutes: int = 0, station: str = "CT1", error: str = ""
) -> None:
    at = NOW + timedelta(minutes=minutes)
    ris_lists.record(hospital.store, Asked("RIS", station, at, "2026-11-22", "2026-11-24", entries, error, 3.25))


def listed(hospital: Hospital) -> list[Listed]:
    with hospital.store.reading() as conn:
        return kept.listed(conn, "RIS")


def gone(hospital: Hospital) -> list[Listed]:
    with hospital.store.reading() as conn:
        return kept.gone(conn, "RIS", ["A100"])


@on_both
def test_a_list_that_stays_as_it_is_writes_no_entry(hospital: Hospital) -> None:
    answers(hospital, ENTRY)
    first = listed(hospital)
    answers(hospital, replace(ENTRY, study_instance_uid="2.25.1"), minutes=2)
    assert (listed(hospital), gone(hospital)) == (first, [])


@on_both
def test_a_change_on_the_list_keeps_what_it_was(hospital: Hospital) -> None:
    answers(hospital, ENTRY)
    answers(hospital, renamed := replace(ENTRY, patient=demographics(name="WAGNER^ANNA")), minutes=2)
    ((now,), (before,)) = listed(hospital), gone(hospital)
    assert (now.entry, now.first_seen, before.entry) == (renamed, NOW, ENTRY)
    assert (before.last_seen, before.gone_at) == (NOW, NOW + timedelta(minutes=2))


def test_an_answer_that_is_not_whole_takes_nothing_off(hospital: Hospital) -> None:
    answers(hospital, ENTRY)
    answers(hospital, minutes=2, error="cut off")
    with hospital.store.reading() as conn:
        state = kept.state(conn, "RIS", "CT1")
    assert len(listed(hospital)) == 1
    assert (state.complete_at, state.error, state.answers, state.milliseconds) == (NOW, "cut off", 1, 3.2)
    answers(hospital, ENTRY, minutes=4)
    with hospital.store.reading() as conn:
        state = kept.state(conn, "RIS", "CT1")
    assert (state.is_current, state.first_complete_at) == (True, NOW)


def test_what_appears_within_the_days_of_an_earlier_answer_is_fresh(hospital: Hospital) -> None:
    other = replace(ENTRY, accession_number="A101")
    answers(hospital, ENTRY)
    answers(hospital, ENTRY, other, minutes=2)
    assert [(one.entry.accession_number, one.fresh) for one in listed(hospital)] == [("A100", False), ("A101", True)]
    answers(hospital, ENTRY, minutes=3, station="CT2")
    assert [one.fresh for one in listed(hospital) if one.entry == ENTRY] == [False, False]


def test_one_entry_twice_on_a_list_is_one(hospital: Hospital) -> None:
    answers(hospital, ENTRY, ENTRY)
    assert len(listed(hospital)) == 1


def test_an_entry_is_named_by_its_numbers_else_by_patient_and_time() -> None:
    assert entry_key(ENTRY) == entry_key(replace(ENTRY, patient=demographics("9"), start=""))
    assert entry_key(ENTRY) != entry_key(replace(ENTRY, scheduled_procedure_step_id="S2"))
    nameless = WorklistEntry(patient=demographics(), start="2026-11-22T14:30")
    assert entry_key(nameless) != entry_key(replace(nameless, start="2026-11-22T15:30"))


def test_where_nothing_is_configured_nothing_is_said(hospital: Hospital) -> None:
    with hospital.store.reading() as conn:
        assert ris_lists.about(conn, "CT1", "A100", NOW) == ()
        assert ris_lists.source_rows(conn) == []
