"""Orders of several patients, due at one station."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from radrecon.model.order import Order, Step, StepStatus

from .people import order


def due(number: int, person_id: int, start: str, words: str = "CT HEAD", station: str = "CT2") -> Order:
    step = Step(f"S{number}", "CT", station, start=start, description=words)
    return replace(
        order(number, f"A{number}"), person_id=person_id, requested_procedure_description=words, steps=(step,)
    )


@dataclass(frozen=True)
class Due:
    """What is known of an order without loading it."""

    starts: tuple[str, ...]
    status: StepStatus = StepStatus.SCHEDULED
    id: int = 0
    arrived: str = ""
    ended: str = ""


def nobody(some: Sequence[Due]) -> frozenset[int]:
    """None of them has images."""
    return frozenset()
