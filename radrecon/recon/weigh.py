"""What a level of agreement is worth: log2(m/u) after Fellegi and Sunter.

m is how often a field agrees so when study and order belong together, u how often by chance. For identifiers u comes
from counting (equal 1/N, one slip about 90/N), never from learning on data that holds the errors. The weights are a
table, so that a calibration can replace it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import log2

from radrecon.recon.compare import Level

SMALLEST_NUMBER_SPACE = 100_000
NEIGHBOURS = 90
UID_BITS = 24.0

NAME_BITS: Mapping[Level, float] = {
    Level.EQUAL: 13.0,
    Level.FORMAT: 12.5,
    Level.NEAR: 8.0,
    Level.SWAPPED: 8.0,
    Level.SOUND: 6.0,
    Level.PART: 6.0,
    Level.GIVEN: 0.5,
    Level.FAMILY: -1.0,
    Level.GENERATION: -3.0,
    Level.DIFFERENT: -6.0,
}
BIRTH_DATE_BITS: Mapping[Level, float] = {
    Level.EQUAL: 14.0,
    Level.SWAPPED: 6.0,
    Level.NEAR: 5.0,
    Level.PART: 5.0,
    Level.DIFFERENT: -6.0,
}
SEX_BITS: Mapping[Level, float] = {Level.EQUAL: 0.95, Level.DIFFERENT: -6.0}
UID_LEVEL_BITS: Mapping[Level, float] = {Level.EQUAL: UID_BITS, Level.DIFFERENT: -1.0}
MODALITY_BITS: Mapping[Level, float] = {Level.EQUAL: 2.0, Level.FORMAT: 1.5, Level.DIFFERENT: -6.0}
STATION_BITS: Mapping[Level, float] = {Level.EQUAL: 3.0, Level.DIFFERENT: -0.5}
SIDE_BITS: Mapping[Level, float] = {Level.EQUAL: 1.0, Level.DIFFERENT: -5.0}
PROCEDURE_BITS: Mapping[Level, float] = {Level.EQUAL: 3.0, Level.PART: 1.5}


@dataclass(frozen=True)
class TimeStep:
    within: timedelta
    bits: float
    level: str


TIME_STEPS = (
    TimeStep(timedelta(hours=2), 5.0, "close"),
    TimeStep(timedelta(hours=12), 3.5, "same day"),
    TimeStep(timedelta(hours=36), 1.0, "next day"),
    TimeStep(timedelta(days=7), -2.0, "same week"),
    TimeStep(timedelta.max, -7.0, "far"),
)


def number_bits(level: Level, count: int) -> float:
    """An accession number or patient id out of `count` (at least the size of a small site's number space)."""
    space = max(count, SMALLEST_NUMBER_SPACE)
    bits = {
        Level.EQUAL: log2(0.9 * space),
        Level.FORMAT: log2(0.5 * space),
        Level.NEAR: log2(0.03 * space / NEIGHBOURS),
        Level.DIFFERENT: -4.5,
    }
    return bits.get(level, 0.0)


def time_step(gap: timedelta) -> TimeStep:
    return next(step for step in TIME_STEPS if abs(gap) <= step.within)
