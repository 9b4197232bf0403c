"""Two lists of persons linked in memory by radrecon's own keys and comparison, as the reconciler does with the store.

A key that too many share finds nobody, as in the index of persons.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from radrecon.model.duplicate import PersonRecord, Population
from radrecon.recon.duplicate_keys import MOST_TO_A_KEY, duplicate_keys
from radrecon.recon.duplicates import compare
from radrecon.recon.pair_weights import POSSIBLE_FROM
from radrecon.recon.particulars import place_key
from radrecon.recon.person_names import full_name

THRESHOLD = POSSIBLE_FROM
"""At which the desk proposes a pair, and at which these benchmarks count one as linked: fixed, whatever the data."""


@dataclass(frozen=True)
class Linked:
    one: int
    other: int
    probability: float
    bits: float


@dataclass(frozen=True)
class Score:
    """What was found against what is true."""

    true: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.true / max(self.true + self.wrong, 1)

    @property
    def recall(self) -> float:
        return self.true / max(self.true + self.missed, 1)

    @property
    def f1(self) -> float:
        return 2 * self.true / max(2 * self.true + self.wrong + self.missed, 1)


def population_of(left: Sequence[PersonRecord], right: Sequence[PersonRecord]) -> Population:
    """Two lists of the same persons: of the others' records one is a person's own. The shares of names and places are
    counted over both."""
    records = [*left, *right]
    named = Counter(full_name(record.person.demographics.name) for record in records)
    placed = Counter(place_key(record.particulars) for record in records)
    del named[""], placed[""]
    return Population(len(right), 1.0, len(records), dict(named), dict(placed))


def candidates(left: Sequence[PersonRecord], right: Sequence[PersonRecord]) -> Iterator[tuple[int, int]]:
    """Places of pairs that share a key."""
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, record in enumerate(right):
        for key in duplicate_keys(record):
            holders[key].append(place)
    for place, record in enumerate(left):
        shared = [holders[key] for key in duplicate_keys(record) if key in holders]
        for other in sorted({each for some in shared if len(some) <= MOST_TO_A_KEY for each in some}):
            yield place, other


def link(left: Sequence[PersonRecord], right: Sequence[PersonRecord], threshold: float = THRESHOLD) -> list[Linked]:
    """Every pair of a left and a right record that is more likely one person than the threshold says."""
    population = population_of(left, right)
    found = []
    for one, other in candidates(left, right):
        pair = compare(left[one], right[other], population)
        if pair.probability >= threshold:
            found.append(Linked(one, other, pair.probability, pair.bits))
    return found


def one_to_one(found: Iterable[Linked], margin: float = 1.0) -> list[Linked]:
    """Pairs that are the best of both sides by at least `margin` bits: where two fit nearly as well, none is taken."""
    of_left: dict[int, list[Linked]] = defaultdict(list)
    of_right: dict[int, list[Linked]] = defaultdict(list)
    for each in found:
        of_left[each.one].append(each)
        of_right[each.other].append(each)
    groups = (*of_left.values(), *of_right.values())
    beaten = {
        each for group in groups for each in group if any(o is not each and o.bits > each.bits - margin for o in group)
    }
    return [each for group in of_left.values() for each in group if each not in beaten]


def score(found: Iterable[Linked], truth: set[tuple[int, int]]) -> Score:
    pairs = {(each.one, each.other) for each in found}
    return Score(len(pairs & truth), len(pairs - truth), len(truth - pairs))
