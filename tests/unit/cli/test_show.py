from __future__ import annotations

import pytest

from tests.store.hospital import Hospital, correct
from tests.unit.cli.conftest import Radrecon


def test_a_case_shows_its_row_evidence_history_and_verbs(radrecon: Radrecon, hospital: Hospital) -> None:
    said = radrecon("show", "case", "1", "--json")
    assert said.code == 0, said.err
    found = said.json
    assert (found["id"], found["kind"], found["case"]["id"]) == (1, "unassigned_study", 1)
    assert found["candidates"][0]["reasons"][0]["text"] == "accession digits transposed"
    assert found["orders"][str(hospital.order_bert)]["accession_number"] == "A200"
    assert found["verbs"]["link"] == ""
    assert found["differences"][0]["field"] == "patient_name"
    assert found["timeline"]


def test_a_case_for_people_says_why_and_why_not(radrecon: Radrecon, hospital: Hospital) -> None:
    out = radrecon("show", "case", "1").out
    for words in ("93 %", "+4.0 accession digits transposed", "not by itself: name differs", "link: applies"):
        assert words in out


@pytest.mark.parametrize(
    ("noun", "keys"),
    [
        ("order", {"accession_number", "cases", "timeline"}),
        ("study", {"study_instance_uid", "series_facts", "cases", "timeline"}),
        ("patient", {"patient_id", "order_rows", "study_rows", "cases", "timeline"}),
        ("message", {"raw", "message_type", "state"}),
        ("correction", {"plan", "deliveries", "reason"}),
    ],
)
def test_one_object_for_one_thing(radrecon: Radrecon, hospital: Hospital, noun: str, keys: set[str]) -> None:
    correct(hospital, 1)
    said = radrecon("show", noun, "1", "--json")
    assert said.code == 0, said.err
    assert keys <= set(said.json)
    assert said.json["id"] == 1
    assert radrecon("show", noun, "1").code == 0


def test_a_message_is_shown_segment_by_segment(radrecon: Radrecon, hospital: Hospital) -> None:
    out = radrecon("show", "message", "1").out
    assert "  MSH|1\n" in out
    assert "  PID|||1||Müller\n" in out


@pytest.mark.parametrize("noun", ["case", "order", "study", "patient", "message", "correction"])
def test_what_is_not_there_is_said_in_one_line(radrecon: Radrecon, hospital: Hospital, noun: str) -> None:
    said = radrecon("show", noun, "999", "--json")
    assert (said.code, said.out, said.err) == (1, "", f"radrecon: no {noun} 999\n")
