"""What a level of agreement is worth: log2(m/u) after Fellegi and Sunter.

m is how often a field agrees so when study and order belong together, u how often by chance. For identifiers u comes
from counting (equal 1/N, one slip about 90/N), never from learning on data that holds the errors; for names from how
common they are (`names`). All weights are one value, so that a benchmark can disturb each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from math import log2

from radrecon.recon.compare import Level

SMALLEST_NUMBER_SPACE = 100_000
NEIGHBOURS = 90  # texts one slip from a number of some eight digits
TYPICAL_PAIR = 13.0  # bits of a name of which nothing is known: one in ten thousand

Table = Mapping[str, float]


@dataclass(frozen=True)
class TimeStep:
    within: timedelta
    level: str


TIME_STEPS = (
    TimeStep(timedelta(minutes=30), "punctual"),
    TimeStep(timedelta(hours=2), "close"),
    TimeStep(timedelta(hours=12), "same day"),
    TimeStep(timedelta(hours=36), "next day"),
    TimeStep(timedelta(days=7), "same week"),
    TimeStep(timedelta.max, "far"),
)

# log2(m/u) by field and level; what is missing says nothing and is in no table
BITS: Mapping[str, Table] = {
    "patient_name": {
        Level.EQUAL: 13.0,
        Level.FORMAT: 12.5,
        Level.NICKNAME: 9.0,
        Level.NEAR: 8.0,
        Level.SWAPPED: 8.0,
        Level.LOOKALIKE: 8.0,
        Level.SOUND: 6.0,
        Level.PART: 6.0,
        Level.GIVEN: 0.5,
        Level.FAMILY: -1.0,
        Level.GENERATION: -3.0,
        Level.DIFFERENT: -6.0,
    },
    "patient_birth_date": {
        Level.EQUAL: 14.0,
        Level.SWAPPED: 6.0,
        Level.NEAR: 5.0,
        Level.PART: 5.0,
        Level.DIFFERENT: -6.0,
    },
    "patient_sex": {Level.EQUAL: 0.95, Level.DIFFERENT: -6.0},
    "study_instance_uid": {Level.EQUAL: 24.0, Level.DIFFERENT: -1.0},
    # the requested procedure and step that the images say they were made for
    "request": {Level.EQUAL: 10.0, Level.DIFFERENT: -3.0},
    "modality": {Level.EQUAL: 2.0, Level.FORMAT: 1.5, Level.DIFFERENT: -6.0},
    "station": {Level.EQUAL: 3.0, Level.DIFFERENT: -0.5},
    "laterality": {Level.EQUAL: 1.0, Level.DIFFERENT: -5.0},
    "body_part": {Level.EQUAL: 2.5, Level.PART: 0.5, Level.DIFFERENT: -4.5},
    "procedure": {Level.EQUAL: 3.0, Level.PART: 1.5},
    # an examination is done on another day than its slot's in one of fifty
    "performed": {"punctual": 7.0, "close": 5.0, "same day": 2.5, "next day": -2.0, "same week": -4.5, "far": -8.0},
    # most orders end with one study; one in sixty gets a second, one in two hundred was cancelled and is done
    "order": {"done": -6.0, "dead": -5.0},
}

# how often a number of the right record is found so; another one altogether is rare, for it comes from the worklist
NUMBER_SHARES: Mapping[str, Mapping[str, float]] = {
    "accession_number": {Level.EQUAL: 0.9, Level.FORMAT: 0.5, Level.NEAR: 0.03},
    "patient_id": {Level.EQUAL: 0.9, Level.FORMAT: 0.5, Level.NEAR: 0.03},
}
OTHER_NUMBER: Mapping[str, float] = {"accession_number": -7.0, "patient_id": -4.5}


@dataclass(frozen=True, eq=False)
class Weights:
    """Every weight that a score is made of. `factors` scales the analytic bits of a number by field and level."""

    bits: Mapping[str, Table] = field(default_factory=lambda: BITS)
    factors: Mapping[tuple[str, str], float] = field(default_factory=dict)
    no_order: float = 0.05
    no_order_unnumbered: float = 0.3  # images without an accession number: half are typed in, half come from elsewhere
    no_order_stranger: float = 0.8  # neither number nor patient id is known here: mostly from elsewhere

    def disturbed(self, factor: Callable[[str, str], float]) -> Weights:
        """The same with each weight times `factor(field, level)`, those of numbers too."""
        bits = {
            name: {level: each * factor(name, str(level)) for level, each in table.items()}
            for name, table in self.bits.items()
        }
        numbers = ((name, level) for name in NUMBER_SHARES for level in (*NUMBER_SHARES[name], Level.DIFFERENT))
        scaled = {(name, str(level)): factor(name, str(level)) for name, level in numbers}
        priors = (self.no_order, self.no_order_unnumbered, self.no_order_stranger)
        return Weights(bits, scaled, *(min(0.95, prior * factor("no_order", "")) for prior in priors))

    def numbers(self, name: str, count: int) -> Table:
        """Bits by level of an accession number or patient id out of `count` (at least a small site's number space)."""
        return _numbers(self, name, count)

    @property
    def most(self) -> Table:
        """The most that each field can bring, for an early bound."""
        return _most(self)


DEFAULT = Weights()


@lru_cache(64)
def _numbers(weights: Weights, name: str, count: int) -> Table:
    space = max(count, SMALLEST_NUMBER_SPACE)
    chance = {Level.EQUAL: 1 / space, Level.FORMAT: 1 / space, Level.NEAR: NEIGHBOURS / space}
    bits = {level: log2(share / chance[Level(level)]) for level, share in NUMBER_SHARES[name].items()}
    bits |= {Level.DIFFERENT: OTHER_NUMBER[name]}
    return {level: each * weights.factors.get((name, str(level)), 1.0) for level, each in bits.items()}


@lru_cache(64)
def _most(weights: Weights) -> Table:
    return {name: max(0.0, *table.values()) for name, table in weights.bits.items()}


def time_level(gap: timedelta) -> str:
    return next(step.level for step in TIME_STEPS if abs(gap) <= step.within)
