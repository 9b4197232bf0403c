"""A run goes on where it was stopped, and never mixes results of other rules in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import _world_kept, _world_run
from benchmarks._world_kept import Block, condense, done_before, keep, known, rules_digest
from benchmarks._world_run import disturbed, run_all
from benchmarks._world_tally import Tally
from radrecon.recon.weigh import DEFAULT

BLOCKS = [Block("natural", 1, 0, 40), Block("adversarial", 1, 0, 40), Block("natural", 1, 1, 40, disturbed=1)]


def total(kept: Path | None) -> Tally:
    found = Tally()
    for _, one in run_all(BLOCKS, 1, kept):
        found.add(one)
    return found


def test_a_block_that_is_done_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = total(tmp_path / "kept.jsonl")
    monkeypatch.setattr(_world_run, "run", lambda block: pytest.fail("done again"))
    again = total(tmp_path / "kept.jsonl")
    assert again.counts == first.counts
    assert again.studies == first.studies >= 120


def test_a_run_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    first = total(kept)
    kept.write_text("".join(kept.read_text("utf-8").splitlines(keepends=True)[:2])[:-40], "utf-8")
    assert total(kept).counts == first.counts


def test_results_of_other_rules_do_not_count(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    line = {"rules": "others", "blocks": [vars(BLOCKS[0])], "tally": Tally(studies=99).data()}
    kept.write_text(json.dumps(line) + "\n", "utf-8")
    assert total(kept).studies < 99 + 120


def test_what_was_run_apart_makes_one_line_of_each_kind_and_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, other = tmp_path / "kept.jsonl", tmp_path / "other.jsonl"
    first = total(kept)
    total(other)
    condense(kept, other)
    lines = known(kept, rules_digest())
    assert sorted(len(blocks) for blocks, _ in lines) == [1, 1, 1]
    assert sum(found.studies for _, found in lines) == first.studies
    monkeypatch.setattr(_world_run, "run", lambda block: pytest.fail("done again"))
    assert total(kept).counts == first.counts


def test_of_what_held_links_up_only_the_commonest_is_kept(tmp_path: Path) -> None:
    kept, several = tmp_path / "kept.jsonl", Tally(studies=1)
    several.vetoes.update({f"twins/{number}": number for number in range(1, 1000)})
    keep(kept, rules_digest(), BLOCKS[:1], several)
    condense(kept)
    ((_, found),) = known(kept, rules_digest())
    assert min(found.vetoes.values()) == 700
    assert len(found.vetoes) == 300


def test_what_is_kept_is_told_without_running_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept.jsonl"
    assert list(done_before(BLOCKS, kept)) == []
    first = total(kept)
    monkeypatch.setattr(_world_run, "run", lambda block: pytest.fail("done again"))
    told = list(done_before([*BLOCKS, Block("natural", 9, 9, 40)], kept))
    assert sum(found.studies for _, found in told) == first.studies
    assert list(done_before(BLOCKS[:1], kept)) == told[:1]


def test_the_digest_is_of_what_decides_and_of_nothing_else() -> None:
    names = {path.name for path in _world_kept._files()}
    assert {"veto_identity.py", "weigh.py", "names.py", "order.py", "_world_slips.py"} <= names
    assert not names & {"undo.py", "plan.py", "orders.py", "matching.py", "_world_report.py"}


def test_the_same_blocks_give_the_same_counts_over_two_processes() -> None:
    one, two = Tally(), Tally()
    for processes, found in ((1, one), (2, two)):
        for _, some in run_all(BLOCKS[:2], processes):
            found.add(some)
    assert one.counts == two.counts


def test_weights_are_disturbed_each_by_its_own_factor() -> None:
    changed = disturbed(1)
    assert changed.bits == disturbed(1).bits
    assert changed.bits != disturbed(2).bits
    factors = {
        round(changed.bits[name][level] / each, 6)
        for name, table in DEFAULT.bits.items()
        for level, each in table.items()
        if each
    }
    assert len(factors) > 20
    assert all(0.7 <= one <= 1.3 for one in factors)
