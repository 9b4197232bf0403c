from __future__ import annotations

import pytest

from radrecon.cli import show
from radrecon.model.case import CaseKind, Finding
from radrecon.model.patient import PatientId
from radrecon.store import cases, person_links, persons
from radrecon.store.database import Store
from tests.builders import NOW
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


def test_a_patient_shows_every_number_and_who_is_linked(radrecon: Radrecon, hospital: Hospital) -> None:
    with hospital.store.transaction() as conn:
        persons.add_identifiers(conn, hospital.anna, [PatientId("E9", "ENT")])
        person_links.link(conn, hospital.anna, hospital.bert, sent=NOW)
    out = radrecon("show", "patient", str(hospital.anna)).out
    assert "other_patient_ids     R1^^^RIS, E9^^^ENT\n" in out
    assert "linked_with           2^^^HOSP\n" in out
    assert radrecon("show", "patient", str(hospital.anna), "--json").json["linked_with"] == ["2^^^HOSP"]


def test_a_message_is_shown_segment_by_segment(radrecon: Radrecon, hospital: Hospital) -> None:
    out = radrecon("show", "message", "1").out
    assert "  MSH|1\n" in out
    assert "  PID|||1||Müller\n" in out


@pytest.mark.parametrize("noun", ["case", "order", "study", "patient", "message", "correction"])
def test_what_is_not_there_is_said_in_one_line(radrecon: Radrecon, hospital: Hospital, noun: str) -> None:
    said = radrecon("show", noun, "999", "--json")
    assert (said.code, said.out, said.err) == (1, "", f"radrecon: no {noun} 999\n")


def test_a_case_of_several_names_them_and_the_message(radrecon: Radrecon, hospital: Hospital, store: Store) -> None:
    evidence = {"message_id": 17, "control_id": "UPD1", "heard": "2026-11-22 14:02"}
    finding = Finding(
        CaseKind.MISSING_UPDATE, "update:main/1/17/1", "A08 never reached main", study_ids=(hospital.linked,), total=1,
        evidence=evidence,
    )  # fmt: skip
    with store.transaction() as conn:
        case_id = cases.open_case(conn, finding, NOW)
    found = radrecon("show", "case", str(case_id), "--json").json
    assert [(row["kind"], row["id"]) for row in found["affected"]] == [("study", hospital.linked)]
    assert found["evidence"] == evidence
    out = radrecon("show", "case", str(case_id)).out
    assert "  message 17, control id UPD1, heard 2026-11-22 14:02\n" in out
    assert f"  study {hospital.linked}: A100  CT" in out
    assert [row["kind"] for row in radrecon("cases", "--kind", "missing_update", "--json").json] == ["missing_update"]


def test_a_candidate_says_how_its_probability_comes_about_or_what_excludes_it() -> None:
    likely = {"probability": 0.97, "patient_probability": 0.9999, "order_probability": 0.97, "conflict": ""}
    assert show._likely(likely) == "97 % (patient 99.99 %, this order of theirs 97.0 %)"
    assert show._likely(likely | {"conflict": "the sex differs"}) == "conflict: the sex differs"
    odds = {"person_probability": 0.9999, "null_probability": 0.0301, "margin": 21.4}
    assert show._odds(odds) == "patient 99.99 %, 21 bits ahead; no order that was heard: 3.01 %"
