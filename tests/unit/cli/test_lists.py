from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from radrecon.store import orders, worklist
from radrecon.store.life import database_now
from tests.builders import demographics, order, step
from tests.store.hospital import BERLIN, Hospital, correct
from tests.unit.cli.conftest import Radrecon

NOUNS = ("cases", "orders", "studies", "patients", "worklist", "messages", "deliveries")
KEYS = {
    "cases": {"id", "kind", "state", "candidates", "patient_id", "accession_number", "study_instance_uid"},
    "orders": {"id", "accession_number", "patient_id", "issuer_of_patient_id", "patient_name", "patient_birth_date",
               "patient_sex", "study_instance_uid", "modality", "scheduled_station_ae_title", "scheduled_start",
               "requested_procedure_description", "placer_order_number", "filler_order_number", "status"},
    "studies": {"id", "pacs", "study_instance_uid", "accession_number", "status", "judged"},
    "patients": {"id", "patient_id", "patient_name", "merged_into"},
    "worklist": {"id", "accession_number", "scheduled_station_ae_title", "scheduled_start"},
    "messages": {"id", "direction", "message_type", "control_id", "state", "raw"},
    "deliveries": {"id", "destination", "state", "correction_id"},
}  # fmt: skip


@pytest.mark.parametrize("noun", NOUNS)
def test_a_list_is_an_array_of_objects_with_the_contracts_keys(
    radrecon: Radrecon, hospital: Hospital, noun: str
) -> None:
    correct(hospital, 1)
    said = radrecon(noun, "--json")
    assert (said.code, said.err) == (0, "")
    assert said.json
    assert all(KEYS[noun] <= set(row) for row in said.json)


@pytest.mark.parametrize("noun", NOUNS)
def test_a_list_without_rows_is_an_empty_array_or_a_sentence(radrecon: Radrecon, store: object, noun: str) -> None:
    assert radrecon(noun, "--json").json == []
    said = radrecon(noun)
    assert said.code == 0
    assert said.out.strip().endswith(".")


def test_cases_by_kind_and_state(radrecon: Radrecon, hospital: Hospital) -> None:
    kinds = [row["kind"] for row in radrecon("cases", "--json").json]
    assert kinds == ["accession_collision", "unassigned_study"]
    (orphan,) = radrecon("cases", "--kind", "unassigned_study", "--json").json
    assert orphan["candidates"][0]["order_id"] == hospital.order_bert
    assert orphan["candidates"][0]["reasons"] == ["accession digits transposed"]
    assert radrecon("cases", "--state", "closed", "--json").json == []
    assert len(radrecon("cases", "--state", "all", "--json").json) == 2


def test_a_table_is_for_people(radrecon: Radrecon, hospital: Hospital) -> None:
    said = radrecon("orders", "--query", "mrn:2", "--limit", "1")
    heading, row = said.out.splitlines()
    assert heading.split()[:3] == ["ID", "ACCESSION", "PATIENT"]
    assert "MÜLLER^BERT" in row


def test_the_worklist_of_a_station_and_what_was_asked(radrecon: Radrecon, hospital: Hospital) -> None:
    assert radrecon("worklist", "--for", "CT1").out == "The worklist of CT1 is empty.\n"  # all are long past
    with hospital.store.transaction() as conn:
        now = database_now(conn)
        soon = (now.astimezone(BERLIN.zone()) + timedelta(hours=1)).replace(tzinfo=None).isoformat()[:19]
        for accession, name, station in (("A500", "FISCHER^ANNA", "CT1"), ("A600", "FISHER^ANNE", "CT1")):
            one = order(accession, demographics(accession, name), steps=(step(start=soon, station_ae_title=station),))
            orders.save(conn, one, at=now)
    first, second = radrecon("worklist", "--for", "CT1", "--json").json
    assert (first["accession_number"], second["accession_number"]) == ("A500", "A600")
    assert (first["similar_to"], second["similar_to"]) == ([second["id"]], [first["id"]])
    assert first["warnings"] == []
    assert radrecon("worklist", "--queries", "--json").json == []
    assert radrecon("worklist", "--queries").out == "No modality has asked yet.\n"


def test_the_worklist_explains_itself_in_a_sentence(radrecon: Radrecon, hospital: Hospital) -> None:
    said = radrecon("worklist", "--for", "CT1", "--explain", "A200", "--json")
    assert said.code == 0, said.err
    assert said.json["on_list"] is False
    assert said.json["rule"] == "station of the list"
    assert radrecon("worklist", "--for", "CT1", "--explain", "A200").out.startswith(said.json["sentence"])


def test_a_recorded_query_is_explained(radrecon: Radrecon, hospital: Hospital) -> None:
    with hospital.store.transaction() as conn:
        worklist.record(
            conn, at=database_now(conn) + timedelta(minutes=1), peer_ae_title="MR1", address="10.0.0.9",
            keys={"Modality": "CT"}, matches=0, milliseconds=1.0, status="0000", narrowed=["date"],
            criteria={"modality": ["CT"]},
        )  # fmt: skip
    (asked,) = radrecon("worklist", "--queries", "--json").json
    assert (asked["narrowed"], asked["status"]) == (["date"], "0000")
    assert radrecon("worklist", "--queries", "--for", "MR1", "--json").json == [asked]
    assert radrecon("worklist", "--queries", "--for", "CT1").out == "CT1 has not asked yet.\n"
    said = radrecon("worklist", "--explain", "A200", "--query-id", str(asked["id"]), "--json").json
    assert (said["on_list"], said["rule"], said["query_id"]) == (False, "Modality", asked["id"])
    assert said["sentence"] == "A200 is not in the answer to query 1: Modality is MR, not CT."
    nobody = radrecon("worklist", "--explain", "A200", "--query-id", "99")
    assert (nobody.code, "no worklist query 99" in nobody.err) == (1, True)
    assert radrecon("worklist", "--query-id", "1").code == 1


def test_reports_say_what_each_version_is(radrecon: Radrecon, hospital: Hospital) -> None:
    (row,) = radrecon("reports", "--json").json
    assert (row["accession_number"], row["kind"], row["number"], row["text"]) == ("A100", "final", 1, "x")
    assert "final" in radrecon("reports").out
    assert radrecon("reports", "--query", "acc:nothing").out == "No report.\n"


def test_messages_by_direction_and_state(radrecon: Radrecon, hospital: Hospital) -> None:
    assert [row["id"] for row in radrecon("messages", "--direction", "in", "--state", "refused", "--json").json] == [2]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["cases", "--query", "mrm:1"], "no such key"),
        (["patients", "--query", "modality:CT"], "cannot be searched by modality"),
        (["cases", "--query", "age>soon"], "ages are written"),
        (["cases", "--config", "/no/such/file.toml"], "/no/such/file.toml"),
        (["cases", "--database", "mysql://x/y"], "only sqlite and postgresql"),
    ],
)
def test_a_users_mistake_is_one_line(radrecon: Radrecon, store: object, line: list[str], words: str) -> None:
    said = radrecon(*line)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("radrecon: ")
    assert said.err.count("\n") == 1
    assert words in said.err


def test_a_database_without_a_schema_names_the_command(radrecon: Radrecon, tmp_path: Path) -> None:
    said = radrecon("cases")
    assert said.code == 1
    assert "radrecon db upgrade" in said.err
    assert list(tmp_path.iterdir()) == []


def test_looking_for_a_database_makes_no_folder(radrecon: Radrecon, tmp_path: Path) -> None:
    said = radrecon("cases", "--database", str(tmp_path / "typo" / "x.sqlite3"))
    assert (said.code, said.err.startswith("radrecon: no database at")) == (1, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("noun", [*NOUNS, "reports", "performed"])
def test_a_query_needs_no_option_before_it(radrecon: Radrecon, hospital: Hospital, noun: str) -> None:
    assert radrecon(noun, "zzz", "--json").json == radrecon(noun, "--json", "--query", "zzz").json == []
