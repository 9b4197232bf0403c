"""No study of a made-up world is linked to another patient's order by itself, whatever is wrong with it.

A hundred thousand studies in all, half of the worlds with disturbed weights: about two minutes of processor time.
RADRECON_WORLD_TIMES: so many times as many (`./dev soak`: 10); `./dev bench matching --full` takes eleven million.
"""

from __future__ import annotations

import os

import pytest

from benchmarks import matching
from benchmarks._world import Group
from benchmarks._world_kept import Block
from benchmarks._world_run import run

TIMES = int(os.environ.get("RADRECON_WORLD_TIMES", "1"))
NATURAL, ADVERSARIAL = (14, 5_000), (15, 2_000)


def blocks(kind: str, many: int, studies: int) -> list[Block]:
    return [Block(kind, 11, number, studies, disturbed=number % 2 and 11) for number in range(many * TIMES)]


def named(block: Block) -> str:
    return f"{block.number}{' disturbed' if block.disturbed else ''}"


def test_a_hundred_thousand_studies_are_tried() -> None:
    tried = [*blocks("natural", *NATURAL), *blocks("adversarial", *ADVERSARIAL)]
    assert sum(block.studies for block in tried) == 100_000 * TIMES


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("block", blocks("natural", *NATURAL), ids=named)
def test_nobody_is_linked_to_another_patients_order(block: Block) -> None:
    found = run(block)
    assert found.of("wrong_patient") == 0, found.examples
    assert found.of("solved", Group.CLEAN) >= 0.995 * found.of("n", Group.CLEAN)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("block", blocks("adversarial", *ADVERSARIAL), ids=named)
def test_nobody_is_linked_to_another_patients_order_in_the_worst_of_worlds(block: Block) -> None:
    found = run(block)
    wrong = {what: some for what, some in found.examples.items() if what.startswith("wrong_patient")}
    assert found.of("wrong_patient") == 0, wrong


def test_the_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--natural=120", "--adversarial=120", "--enriched=120", "--disturbed=60", "--seeds=1", "--processes=1"]
    matching.main([*small, "--examples=1"])
    printed = capsys.readouterr().out
    assert "wrong-patient automatic links" in printed
    assert "clean studies linked by themselves" in printed
    assert "decided" in printed


def test_the_whole_run_is_what_the_goals_speak_of() -> None:
    options = matching.parse(["--full"])
    natural = matching.blocks("natural", options.natural, options.seeds)
    assert sum(block.studies for block in natural) == 10_000_000
    assert len({block.seed for block in natural}) == 10
    assert options.kept
