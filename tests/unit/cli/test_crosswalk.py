from __future__ import annotations

from pathlib import Path

import pytest

from radrecon.store.database import Store
from tests.store.hospital import Hospital
from tests.unit.cli.conftest import Radrecon


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "old numbers.csv"
    path.write_text("legacy_patient_id,patient_id\nL1,0001\nL2,77\n", "utf-8")
    return str(path)


def test_a_file_is_imported_and_listed(radrecon: Radrecon, hospital: Hospital, file: str) -> None:
    said = radrecon("crosswalk", "import", file, "--legacy-issuer", "OLD", "--issuer", "HOSP", "--json")
    assert (said.code, said.err) == (0, "")
    assert {name: said.json[name] for name in ("lines", "added", "persons", "problems")} == {
        "lines": 2, "added": 2, "persons": 1, "problems": []
    }  # fmt: skip
    second, first = radrecon("crosswalk", "--json").json
    assert (first["legacy_patient_id"], first["legacy_issuer_of_patient_id"], first["state"]) == ("L1", "OLD", "joined")
    assert (second["patient_id"], second["state"], second["person_ids"]) == ("77", "not heard", [])
    assert [row["id"] for row in radrecon("crosswalk", "--query", "L2", "--json").json] == [second["id"]]
    (patient,) = radrecon("patients", "--query", "mrn:L1", "--json").json
    assert patient["id"] == hospital.anna


def test_again_nothing_is_new(radrecon: Radrecon, hospital: Hospital, file: str) -> None:
    radrecon("crosswalk", "import", file)
    assert radrecon("crosswalk", "import", file).out == (
        "2 lines: 0 new, 2 known already; 0 patients got another number\n"
    )


def test_lines_that_are_not_taken_are_named(radrecon: Radrecon, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("legacy_patient_id,patient_id\nL1,\nL2,2\n", "utf-8")
    said = radrecon("crosswalk", "import", str(path), "--legacy-issuer", "OLD")
    assert said.code == 1
    assert said.err == "radrecon: 1 of 2 lines need a look; line 2: patient_id is empty\n"
    assert "2 lines: 1 new" in said.out
    assert len(radrecon("crosswalk", "--json").json) == 1


def test_an_entry_is_removed_by_its_id(radrecon: Radrecon, hospital: Hospital, file: str) -> None:
    radrecon("crosswalk", "import", file, "--legacy-issuer", "OLD", "--issuer", "HOSP")
    (entry,) = radrecon("crosswalk", "--query", "L1", "--json").json
    said = radrecon("crosswalk", "remove", str(entry["id"]))
    assert (said.code, said.out) == (0, "L1^^^OLD leads to 0001^^^HOSP no more; patient 1 has L1^^^OLD no more\n")
    assert len(radrecon("crosswalk", "--json").json) == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["import"], "name a CSV file"),
        (["import", "/no/such.csv"], "/no/such.csv"),
        (["remove", "x"], "not the id of an entry"),
        (["remove", "99"], "no entry 99"),
    ],
)
def test_a_mistake_is_one_line(radrecon: Radrecon, store: Store, line: list[str], words: str) -> None:
    said = radrecon("crosswalk", *line)
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert words in said.err


def test_an_empty_crosswalk_is_a_sentence(radrecon: Radrecon, store: Store) -> None:
    assert radrecon("crosswalk").out == "No entry.\n"


def test_a_number_that_no_database_counts_to_is_no_entry(radrecon: Radrecon, store: object) -> None:
    said = radrecon("crosswalk", "remove", "99999999999999999999")
    assert (said.code, said.err) == (1, "radrecon: not the id of an entry: '99999999999999999999'\n")
