from __future__ import annotations

from tests.store.hospital import Hospital
from tests.unit.cli.conftest import Radrecon


def test_the_plan_shows_every_change_and_writes_nothing(radrecon: Radrecon, hospital: Hospital) -> None:
    said = radrecon("plan", "1", "link", "--order", str(hospital.order_bert), "--json")
    assert said.code == 0, said.err
    (edit,) = [one["edit"] for one in said.json["deliveries"] if one["edit"]]
    assert edit["values"]["AccessionNumber"] == "A200"
    assert "A020 → A200" in radrecon("plan", "1", "link", "--order", str(hospital.order_bert)).out
    assert radrecon("deliveries", "--json").json == []


def test_without_an_engine_a_correction_is_queued_and_said(radrecon: Radrecon, hospital: Hospital) -> None:
    line = ["correct", "1", "link", "--order", str(hospital.order_bert), "--reason", "typo", "--ticket", "T1"]
    said = radrecon(*line, "--wait", "--json")
    assert (said.code, said.err) == (1, "radrecon: queued as 1: no engine is running\n")
    assert said.json["correction_id"] == 1
    assert {row["state"] for row in radrecon("deliveries", "--json").json} == {"queued"}
    shown = radrecon("show", "correction", "1", "--json").json
    assert (shown["reason"], shown["ticket"]) == ("typo", "T1")


def test_dismissing_needs_no_engine(radrecon: Radrecon, hospital: Hospital) -> None:
    said = radrecon("correct", "1", "dismiss", "--reason", "a phantom", "--json")
    assert said.code == 0, said.err
    assert said.json["state"] == "dismissed"
    assert [row["id"] for row in radrecon("cases", "--state", "dismissed", "--json").json] == [1]


def test_no_such_case_is_said(radrecon: Radrecon, hospital: Hospital) -> None:
    for line in (["plan", "99", "link"], ["correct", "99", "link", "--reason", "r"]):
        said = radrecon(*line)
        assert (said.code, said.err) == (1, "radrecon: no case 99\n")


def test_no_such_correction_is_said(radrecon: Radrecon, hospital: Hospital) -> None:
    said = radrecon("undo", "99")
    assert (said.code, said.err) == (1, "radrecon: no correction 99\n")
