from __future__ import annotations

import pytest

from radrecon.store.database import Store
from tests.store.hospital import Hospital
from tests.unit.cli.conftest import Radrecon


def test_rules_are_listed_with_their_states(radrecon: Radrecon, hospital: Hospital) -> None:
    rows = {row["rule"]: row for row in radrecon("rules", "--json").json}
    assert {name: row["state"] for name, row in rows.items()} == {
        "link_by_accession": "on", "link_by_patient_id": "shadow", "follow_decision": "shadow",
        "correct_late_images": "off",
    }  # fmt: skip
    assert (rows["link_by_accession"]["acted"], rows["link_by_accession"]["disagreed"]) == (1, 0)
    assert "follow_decision" in radrecon("rules").out


def test_a_person_switches_a_rule_with_a_reason(radrecon: Radrecon, store: Store) -> None:
    said = radrecon("rules", "set", "follow_decision", "on", "--reason", "30 agreed, none disagreed")
    assert said.out == "rule follow_decision is on; what it concerns is looked at again\n"
    row = next(row for row in radrecon("rules", "--json").json if row["rule"] == "follow_decision")
    assert (row["state"], row["reason"]) == ("on", "30 agreed, none disagreed")
    assert row["set_by"]
    assert row["since"]


def test_a_replay_says_what_it_would_have_done(radrecon: Radrecon, hospital: Hospital) -> None:
    found = radrecon("rules", "replay", "link_by_accession", "--since", "2026-01-01", "--json").json
    assert (found["rule"], found["since"], found["decided"]) == ("link_by_accession", "2026-01-01", 0)
    assert "would have acted  0" in radrecon("rules", "replay", "link_by_accession").out


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (["set"], 1, "name a rule"),
        (["set", "follow_decision"], 1, "to what? off, shadow or on"),
        (["set", "follow_decision", "on"], 1, "needs a reason"),
        (["set", "nonsense", "on", "--reason", "x"], 1, "no rule 'nonsense'"),
        (["set", "follow_decision", "perhaps"], 2, "invalid choice"),
        (["replay", "correct_late_images"], 1, "in shadow instead"),
        (["replay", "follow_decision", "--since", "yesterday"], 2, "invalid"),
    ],
)
def test_a_mistake_is_one_line(radrecon: Radrecon, store: Store, line: list[str], code: int, words: str) -> None:
    said = radrecon("rules", *line)
    assert said.code == code
    assert words in said.err


def test_the_calibration_of_scores_is_shown_and_fitted_on_request(radrecon: Radrecon, hospital: Hospital) -> None:
    assert radrecon("rules", "calibration").out == (
        "scores: as computed, not held against decisions yet\nnames: by the built-in table, not counted yet\n"
    )
    assert radrecon("rules", "calibration", "--json").json == {"scores": None, "names": None}
    refitted = radrecon("rules", "refit").out
    assert "too few decisions" in refitted
    assert "names: by the built-in table; " in refitted
    found = radrecon("rules", "calibration", "--json").json
    assert (found["scores"]["decided"], found["scores"]["scores"]) == (0, [])
    assert 0 < found["names"]["persons"] < 1000
    assert "scores: as computed" in radrecon("rules").out
