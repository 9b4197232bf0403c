"""Other countries' names: what the register gets, and that nobody is taken for another there."""

from __future__ import annotations

import random

import pytest

from benchmarks import _world
from benchmarks._registers import COUNTRIES
from benchmarks._world_run import Block
from benchmarks.registers import judge, main


def test_few_surnames_name_most_people_in_vietnam() -> None:
    rng = random.Random(1)
    families = [COUNTRIES["Vietnam"].draw(rng, "F").family for _ in range(400)]
    assert families.count("Nguyễn") > 400 / 5


def test_some_people_have_one_name() -> None:
    rng = random.Random(1)
    names = [COUNTRIES["India"].draw(rng, "M").alphabetic for _ in range(400)]
    assert all(name.family for name in names)
    assert any(not name.given for name in names)


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("kind", ["natural", "adversarial"])
def test_nobody_is_linked_to_another(country: str, kind: str) -> None:
    own = _world.NAMES
    found = judge(country, Block(kind, 7, 0, 150))
    assert _world.NAMES is own
    assert found.of("wrong_patient") == 0
    assert found.of("solved") > 0


def test_the_table_has_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--natural", "60", "--adversarial", "30", "--processes", "1"])
    told = capsys.readouterr().out
    assert all(f"{country} " in told for country in COUNTRIES)
    assert "NOT met" not in told
