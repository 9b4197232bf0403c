from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Radrecon

ORDER = (
    "MSH|^~\\&|RIS|HOSP|RADRECON||20261122140000||ORM^O01|C1|P|2.3.1\r"
    "PID|||1000001^^^HOSP||FISCHER^ANNA||19600517|F\r"
    "ORC|NW|P1|F1||SC||^^^20261122143000\r"
    "OBR|1|P1|F1|CT1^CT chest||||||||||||||A100|RP1|S1||||CT\r"
)
NO_PATIENT = "MSH|^~\\&|RIS|HOSP|RADRECON||20261122140000||ADT^A08|C2|P|2.3.1\rPID|||\r"


@pytest.fixture
def order_file(tmp_path: Path) -> str:
    path = tmp_path / "order.hl7"
    path.write_text(ORDER, "utf-8", newline="")
    return str(path)


def test_a_file_goes_the_listeners_way(radrecon: Radrecon, store: object, order_file: str) -> None:
    said = radrecon("ingest", order_file, "--json")
    assert said.code == 0, said.err
    (result,) = said.json
    assert (result["path"], result["ack_code"]) == (order_file, "AA")
    assert radrecon("show", "message", str(result["message_id"]), "--json").json["state"] == "applied"
    assert [row["accession_number"] for row in radrecon("orders", "--json").json] == ["A100"]


def test_what_is_refused_is_kept_and_said(radrecon: Radrecon, store: object, order_file: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.hl7"
    bad.write_text(NO_PATIENT, "utf-8", newline="")
    said = radrecon("ingest", order_file, str(bad))
    assert said.code == 1
    assert said.err.startswith("radrecon: 1 of 2 messages were refused")
    assert "bad.hl7" in said.out
    assert [row["state"] for row in radrecon("messages", "--json").json] == ["refused", "applied"]


def test_a_missing_file_stops_before_anything_is_taken(radrecon: Radrecon, store: object, order_file: str) -> None:
    said = radrecon("ingest", order_file, "/no/such.hl7")
    assert (said.code, said.err) == (1, "radrecon: no such file: /no/such.hl7\n")
    assert radrecon("messages", "--json").json == []
