"""Scores made honest: of the candidates said to be right in nine of ten cases, nine in ten were.

Isotonic regression of people's decisions on log-odds by pooling adjacent violators (Ayer et al. 1955). A table of
steps; between them the curve is a straight line. With few decisions nothing is changed. It is for showing: what links
by itself asks for certainty that no few hundred decisions can prove, and rests on the odds before calibration.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log2

ENOUGH = 200  # decisions
ENOUGH_WRONG = 20
LARGEST = 40.0  # bits


@dataclass(frozen=True)
class Calibration:
    """Log-odds in bits as computed (`scores`, ascending) → as experience has them (`odds`); empty: as computed."""

    scores: tuple[float, ...] = ()
    odds: tuple[float, ...] = ()

    def probability(self, computed: float) -> float:
        """A computed probability → the calibrated one."""
        if not self.scores:
            return computed
        return chance(self._odds(odds_of(computed)))

    def _odds(self, bits: float) -> float:
        at = bisect_right(self.scores, bits)
        if at == 0 or at == len(self.scores):
            return self.odds[min(at, len(self.odds) - 1)]
        left, right = self.scores[at - 1], self.scores[at]
        part = (bits - left) / (right - left)
        return self.odds[at - 1] + part * (self.odds[at] - self.odds[at - 1])


IDENTITY = Calibration()


def odds_of(probability: float) -> float:
    """Log-odds in bits, bounded."""
    if probability <= 0 or probability >= 1:
        return -LARGEST if probability <= 0 else LARGEST
    return max(-LARGEST, min(LARGEST, log2(probability / (1 - probability))))


def chance(bits: float) -> float:
    return float(1 / (1 + 2.0**-bits))


def fit(decided: Sequence[tuple[float, bool]]) -> Calibration:
    """From candidates that people decided on: their log-odds in bits, and whether they were right.

    With too few, or too few that were wrong, to learn from: no change.
    """
    wrong = sum(not right for _, right in decided)
    if len(decided) < ENOUGH or min(wrong, len(decided) - wrong) < ENOUGH_WRONG:
        return IDENTITY
    blocks = _pooled((score, float(right)) for score, right in sorted(decided))
    return Calibration(tuple(score for score, _ in blocks), tuple(odds for _, odds in blocks))


def _pooled(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Blocks of (mean score, log-odds), both ascending. Neighbours that fall, or share a score, become one."""
    blocks: list[list[float]] = []  # last score, sum of scores, right ones, count
    for score, right in points:
        blocks.append([score, score, right, 1.0])
        while len(blocks) > 1 and (_share(blocks[-2]) >= _share(blocks[-1]) or blocks[-2][0] == blocks[-1][0]):
            last, scores, rights, count = blocks.pop()
            before = blocks[-1]
            blocks[-1] = [last, before[1] + scores, before[2] + rights, before[3] + count]
    return [(block[1] / block[3], odds_of(_share(block))) for block in blocks]


def _share(block: list[float]) -> float:
    """A block that was always right is not certain: half a case either way (Jeffreys)."""
    return (block[2] + 0.5) / (block[3] + 1)
