from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Radrecon
from tests.unit.cli.test_ingest import NO_PATIENT, ORDER


@pytest.fixture
def heard(radrecon: Radrecon, store: object, tmp_path: Path) -> None:
    """Message 1 applied, 2 and 3 refused for want of a patient."""
    for number, text in enumerate((ORDER, NO_PATIENT, NO_PATIENT.replace("C2", "C3"))):
        path = tmp_path / f"{number}.hl7"
        path.write_text(text, "utf-8", newline="")
        radrecon("ingest", str(path))


def test_a_message_can_be_replayed(radrecon: Radrecon, heard: None) -> None:
    said = radrecon("replay", "1", "--json")
    assert said.code == 0, said.err
    (one,) = said.json
    assert (one["replay_of"], one["was"], one["outcome"], one["ack_code"]) == (1, "applied", "applied", "AA")
    assert one["message_id"] == 4
    assert len(radrecon("orders", "--json").json) == 1
    assert radrecon("replay", "77").err == "radrecon: no message 77\n"


def test_a_search_is_replayed_and_what_is_refused_again_is_said(radrecon: Radrecon, heard: None) -> None:
    said = radrecon("replay", "--query", "control:C", "--state", "refused", "--json")
    assert [one["replay_of"] for one in said.json] == [2, 3]
    assert said.code == 1
    assert said.err.startswith("radrecon: 2 of 2 messages were not applied; the first:")
    assert radrecon("replay", "--query", "nobody").out == "No message.\n"


def test_a_dry_run_keeps_nothing(radrecon: Radrecon, heard: None) -> None:
    said = radrecon("replay", "--state", "refused", "--dry-run", "--json")
    assert (said.code, [one["outcome"] for one in said.json]) == (0, ["refused", "refused"])
    assert len(radrecon("messages", "--json").json) == 3


def test_an_edited_message_closes_the_first(radrecon: Radrecon, heard: None) -> None:
    said = radrecon("replay", "2", "--set", "PID-3.1=1000001", "--set", "PID-5.1=FISCHER", "--reason", "typo", "--json")
    assert said.code == 0, said.err
    first = radrecon("show", "message", "2", "--json").json
    assert (first["state"], first["first_id"]) == ("replayed", 4)
    edited = radrecon("show", "message", "4", "--json").json
    assert (edited["flags"], edited["first_id"]) == (["edited"], 2)
    assert "PID|||1000001||FISCHER" in edited["raw"]


def test_a_message_is_printed_edited_elsewhere_and_taken_back(radrecon: Radrecon, heard: None, tmp_path: Path) -> None:
    printed = radrecon("replay", "2", "--print").out
    assert printed.startswith("MSH|^~\\&|RIS|")
    assert printed.endswith("PID|||\n")
    path = tmp_path / "edited.hl7"
    path.write_text(printed.replace("PID|||", "PID|||1000001||FISCHER"), "utf-8")
    assert radrecon("replay", "2", "--set", "PID-3=9", "--print").out.endswith("PID|||9\n")
    said = radrecon("replay", "2", "--file", str(path), "--json")
    assert (said.code, said.json[0]["outcome"]) == (0, "applied")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ([], "which messages"),
        (["1", "--query", "x"], "either ids or a query"),
        (["1", "2", "--set", "PID-3=1"], "one message is edited at a time"),
        (["--query", "x", "--set", "PID-3=1"], "one message is edited at a time"),
        (["1", "--set", "PID-3=1", "--file", "x"], "either --set or --file"),
        (["1", "--set", "PID-3"], "is not PATH=VALUE"),
        (["1", "--set", "PID=3"], "not an HL7 path"),
        (["1", "--file", "/no/such"], "/no/such: No such file"),
        (["--query", "text:ab"], "at least 3 characters"),
    ],
)
def test_a_mistake_is_one_line(radrecon: Radrecon, heard: None, line: list[str], words: str) -> None:
    said = radrecon("replay", *line)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert words in said.err
    assert len(radrecon("messages", "--json").json) == 3
