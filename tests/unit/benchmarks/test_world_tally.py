"""What is counted of one study."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from benchmarks._world import Group, Truth
from benchmarks._world_natural import natural
from benchmarks._world_tally import Tally, association, places, tally

WORLD = natural(1, 0, 60)
ORDER = WORLD.radiology.orders[0]
HUMAN = WORLD.human_of(ORDER.id)
OTHERS = next(one.id for one in WORLD.radiology.orders if WORLD.human_of(one.id) != HUMAN)
TRUTH = Truth(HUMAN, frozenset((ORDER.id,)), "manual", Group.LINKABLE)


@pytest.mark.parametrize(
    ("linked", "truth", "what"),
    [
        ((), TRUTH, "unlinked"),
        ((ORDER.id,), TRUTH, "solved"),
        ((OTHERS,), TRUTH, "wrong_patient"),
        ((ORDER.id, OTHERS), TRUTH, "wrong_patient"),
        ((OTHERS,), replace(TRUTH, group=Group.PICK), "picked"),
        ((ORDER.id,), replace(TRUTH, orders=frozenset()), "wrong_order"),
        ((ORDER.id,), replace(TRUTH, orders=frozenset((ORDER.id, 999))), "partly"),
    ],
)
def test_an_association_is_right_or_names_its_fault(linked: tuple[int, ...], truth: Truth, what: str) -> None:
    assert association(WORLD, truth, frozenset(linked)) == what


@pytest.mark.parametrize(
    ("ranked", "found"),
    [
        ([], ["not_among_three"]),
        ([ORDER.id], ["first", "among_three"]),
        ([97, 98, ORDER.id], ["among_three"]),
        ([97, 98, 99, ORDER.id], ["not_among_three"]),
        ([97], ["not_among_three"]),
    ],
)
def test_the_place_of_the_right_order(ranked: list[int], found: list[str]) -> None:
    assert list(places(TRUTH, ranked)) == found


def test_every_study_is_counted_once() -> None:
    found = tally(WORLD)
    outcomes = ("solved", "partly", "unlinked", "wrong_patient", "wrong_order", "picked")
    assert found.of("n") == len(WORLD.studies) == found.studies
    assert sum(map(found.of, outcomes)) == found.studies


def test_tallies_add_up() -> None:
    one = Tally(2, Counter({"clean/n": 2}), {"clean": "clean"}, Counter(), {"wrong_order/clean": ["a"]})
    other = Tally(1, Counter({"manual/n": 1}), {"manual": "linkable"}, Counter(), {"wrong_order/clean": ["b"]})
    one.add(Tally.read(other.data()))
    assert one.studies == 3
    assert one.of("n") == 3
    assert one.of("n", Group.LINKABLE) == 1
    assert one.examples["wrong_order/clean"] == ["a", "b"]
