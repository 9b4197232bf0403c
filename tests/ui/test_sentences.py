"""What the desk says in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.case import CaseKind, CaseOwner
from radrecon.model.rows import EngineState, OrderRow, Recheck, Summary
from radrecon.ui import sentences
from tests.ui.fake_backend import FakeBackend
from tests.ui.fake_hospital import NOW, at, order, study


def summary(**more: object) -> Summary:
    base = replace(
        FakeBackend().summary(), cases={}, deliveries_unfinished=0, deliveries_in_trouble=0, studies_not_judged=0
    )
    return replace(base, **more)  # type: ignore[arg-type]


def said(given: Summary, **more: object) -> list[str]:
    backend = FakeBackend()
    return [each.text for each in sentences.triage_sentences(given, backend.cases(), backend.pacs, NOW)]


def test_all_well_is_all_good() -> None:
    found = sentences.triage_sentences(summary(), [], FakeBackend().pacs, NOW)
    assert sentences.all_is_well(found)


def test_unassigned_studies_say_how_many_how_long_and_where() -> None:
    assert said(summary(cases={"unassigned_study": 4}))[0] == "4 studies nobody can read, the oldest 1 h 04, DX2"


def test_one_is_one() -> None:
    assert said(summary(cases={"demographic_mismatch": 1}))[1] == "1 identity differs"
    assert said(summary(deliveries_unfinished=1))[3] == "1 correction step on the way"


def test_silence_and_a_pacs_that_is_down_are_said() -> None:
    assert said(summary(last_order_at=at(75)))[2] == "No order heard for 1 h 15"
    down = [replace(FakeBackend().pacs[0], up=False, last_error="connection refused")]
    found = sentences.triage_sentences(summary(), [], down, NOW)
    assert found[2].text == "ORTHANC does not answer: connection refused"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"accession_number": ""}, "Ordered, never accessioned"),
        ({"status": "COMPLETED"}, "completed already, so it has left"),
        ({"status": "COMPLETED", "ended": "2020-03-02T10:12:00"}, "(ended in the RIS: 02 Mar 10:12), so it has left"),
        ({"status": "CANCELLED"}, "was cancelled"),
        ({}, "outside today's list"),
    ],
)
def test_why_an_ordered_patient_is_not_on_the_list(changes: dict[str, str], says: str) -> None:
    row: OrderRow = replace(order(1), **changes)  # type: ignore[arg-type]
    assert says in sentences.patient_sentence([row], [], [], "CT2", NOW).text


def test_on_another_stations_list() -> None:
    steps = FakeBackend().worklist(station="CT1")[:1]
    assert "On the list of CT1, not CT2" in sentences.patient_sentence([], steps, [], "CT2", NOW).text


def test_a_step_for_any_station_is_on_the_list_of_each_that_is_shown_it() -> None:
    step = replace(FakeBackend().worklist()[0], scheduled_station_ae_title="")
    shown = sentences.patient_sentence([], [step], [], "CT1", NOW, [step]).text
    assert "On the list of CT1" in shown
    kept = sentences.patient_sentence([], [step], [], "CT1", NOW).text
    assert "no particular station. CT1 is not shown it" in kept
    assert "scan there" not in kept


def test_the_answer_names_the_patient_whom_it_is_about() -> None:
    text = sentences.patient_sentence([order(1)], [], [], "", NOW).text
    assert text.startswith(sentences.pn_text(order(1).patient_name))
    assert order(1).patient_birth_date in text


def test_several_patients_get_no_answer_that_may_be_meant_for_another() -> None:
    found = sentences.patient_sentence([order(1), order(2)], [], [], "", NOW)
    assert found.text.startswith("2 patients fit: ")
    assert "Type the MRN" in found.text
    assert found.tone == "warn"


def test_images_of_another_name_do_not_make_an_ordered_patient_two() -> None:
    wrong = replace(study(1), patient_id="99", patient_name="Mistyped^Name")
    assert "patients fit" not in sentences.patient_sentence([order(1)], [], [wrong], "", NOW).text


def test_images_without_an_order_point_to_triage() -> None:
    assert "images arrived" in sentences.patient_sentence([], [], [study(1)], "CT2", NOW).text


@pytest.mark.parametrize(
    ("keys", "warning"),
    [
        ({}, "any date"),
        ({"modality": "CT"}, "any date"),
        ({"scheduled_start_date": "20261122"}, "any modality"),
        ({"scheduled_start_date": "20261122", "modality": "CT"}, ""),
        ({"ScheduledProcedureStepStartDate": "20261122", "ScheduledStationAETitle": "CT2"}, ""),
        ({"patient_birth_date": "19600517"}, "any date"),
        ({"AccessionNumber": "A1"}, ""),
    ],
)
def test_wide_worklist_queries_are_warned_of(keys: dict[str, str], warning: str) -> None:
    assert sentences.query_warning(keys) == warning


def test_chips_name_the_fields_that_agree() -> None:
    case = FakeBackend().case_rows[0]
    assert sentences.chips(case, order(1)) == ("MRN =", "CT", "CT1", "+4 min")


@pytest.mark.parametrize(
    ("state", "says"),
    [("lost", "heartbeat has stopped"), ("none", "No engine runs"), ("stopping", "is stopping")],
)
def test_a_missing_engine_says_what_that_means(state: str, says: str) -> None:
    trouble = sentences.engine_trouble(EngineState(state, "ws-1"))
    assert says in trouble
    assert "Nobody answers" in trouble
    assert sentences.engine_words(EngineState(state))[1] != "engine running"


@pytest.mark.parametrize("state", ["running", "starting"])
def test_an_engine_that_lives_is_no_trouble(state: str) -> None:
    assert sentences.engine_trouble(EngineState(state)) == ""


def test_a_likely_order_with_a_veto_shows_the_conflict() -> None:
    row = FakeBackend().case_rows[0]
    plain, against = row, replace(row, candidates=({**row.candidates[0], "vetoes": ["another person's id"]},))
    assert "▲ conflict" not in sentences.candidate_chip(plain, order(1))
    assert sentences.candidate_chip(against, order(1))[:2] == ("97 %", "▲ conflict")


def test_no_evidence_is_a_certainty() -> None:
    assert [sentences.percent(share) for share in (1.0, 0.9996, 0.5, 0.0)] == ["99.9 %", "99.9 %", "50 %", "0 %"]


def test_an_empty_installation_claims_nothing() -> None:
    found = sentences.triage_sentences(summary(studies=0, last_order_at=""), [], [], NOW)
    assert [each.text for each in found][:3] == ["No study seen yet", "No identity compared yet", "No order heard yet"]


def test_every_kind_of_case_has_words() -> None:
    assert set(map(str, CaseKind)) <= set(sentences.KIND_WORDS)
    assert set(map(str, CaseOwner)) <= set(sentences.OWNER_WORDS)


def test_how_far_a_look_at_everything_is() -> None:
    assert sentences.recheck_words(Recheck("rules", 0, 1200)) == "looking again: 0 of 1,200"
    assert sentences.recheck_words(Recheck("rules", 600, 1200, 90)).endswith("600 of 1,200, about 2 min left")


def test_a_rule_that_is_not_on_is_no_conflict() -> None:
    row = FakeBackend().case_rows[0]
    for state in ("in shadow", "off"):
        held = f"rule link_by_accession is {state}"
        case = replace(row, candidates=({**row.candidates[0], "vetoes": [held]},))
        assert "▲ conflict" not in sentences.candidate_chip(case, order(1))
        assert sentences.without_rule(f"order A1 fits; {held}: a person decides") == "order A1 fits"
    assert sentences.without_rule("only this") == "only this"
    assert sentences.rule_words("another person's id") == "another person's id"


def test_what_an_order_left_open_is_not_said() -> None:
    step = replace(FakeBackend().worklist()[0], modality="", scheduled_start="", accession_number="F7")
    text = sentences.patient_sentence([], [step], [], "", NOW).text
    assert text.endswith(": On the list of CT1: F7.")
    other = replace(step, scheduled_station_ae_title="")
    assert ": F7, for no particular station." in sentences.patient_sentence([], [other], [], "CT9", NOW).text


def test_an_accession_number_of_two_patients_is_not_asked_for_again() -> None:
    shared = [replace(order(n), accession_number="A1") for n in (1, 2)]
    assert "They share the accession number: type the MRN" in sentences.patient_sentence(shared, [], [], "", NOW).text
