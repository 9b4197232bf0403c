from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from radrecon.recon.calibrate import IDENTITY, Calibration, chance, fit, odds_of

DECIDED = st.lists(st.tuples(st.floats(-30, 30), st.booleans()), min_size=200, max_size=400)


def test_few_decisions_change_nothing() -> None:
    assert fit([(3.0, True)] * 199) == IDENTITY
    assert fit([(3.0, True)] * 1000) == IDENTITY  # nobody ever said no: there is nothing to learn from
    assert IDENTITY.probability(0.37) == 0.37


def test_what_is_said_too_boldly_is_taken_back() -> None:
    chances = random.Random(1)
    decided = [(10.0, chances.random() < 0.8) for _ in range(2000)] + [(-10.0, False)] * 500
    found = fit(decided)
    assert 0.75 < found.probability(chance(10.0)) < 0.85
    assert found.probability(chance(-10.0)) < 0.01


@settings(deadline=None, max_examples=25)
@given(DECIDED)
def test_a_calibration_keeps_the_order_and_is_never_certain(decided: list[tuple[float, bool]]) -> None:
    found = fit(decided)
    shown = [found.probability(chance(bits)) for bits in range(-40, 41, 2)]
    assert shown == sorted(shown)
    if found != IDENTITY:
        assert shown[0] > 0
        assert shown[-1] < 1


@settings(deadline=None, max_examples=25)
@given(DECIDED)
def test_the_order_of_decisions_does_not_matter(decided: list[tuple[float, bool]]) -> None:
    assert fit(decided) == fit(list(reversed(decided)))


def test_odds_are_bounded() -> None:
    assert odds_of(0.5) == 0
    assert (odds_of(0.0), odds_of(1.0)) == (-40, 40)
    assert Calibration((0.0,), (2.0,)).probability(0.1) == chance(2.0)
