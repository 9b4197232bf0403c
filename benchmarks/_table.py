"""Rows of figures beside their goals, and quantiles."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def row(what: str, *figures: str, goal: str = "", met: bool | None = None) -> None:
    verdict = "" if met is None else "met" if met else "NOT met"
    print(f"{what:46}{''.join(f'{one:>13}' for one in figures)}   {goal:18}{verdict}", flush=True)


def quantile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many per cent of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
