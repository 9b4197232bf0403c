"""Slots of others at a study's station and day: which are near enough to matter, and whose patients were seen anyway.

What `wrong_pick` holds a study against.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from radrecon.model.order import Order, StepStatus
from radrecon.model.study import StudyFacts
from radrecon.recon import ris_times as told
from radrecon.recon.compare import SAME
from radrecon.recon.procedure import compare_modalities
from radrecon.recon.times import nearest_gap, wall

CLOSE = timedelta(hours=4)
"""How far from an order's slot its images may be looked for; how much the distance says is weighed."""

PATIENCE = timedelta(hours=4)
"""How long after the examination an order may still get its images before it counts as undone."""


@dataclass(frozen=True)
class Slot:
    """An order at the study's station and day. `images`: another study that has it.

    `seen`: its patient has others of that day and modality, so that it is no wonder if this one has none.
    """

    order: Order
    images: StudyFacts | None = None
    seen: bool = False


class Due(Protocol):
    """What is known of an order without loading it."""

    @property
    def id(self) -> int: ...
    @property
    def starts(self) -> Sequence[str]: ...
    @property
    def status(self) -> StepStatus: ...
    @property
    def arrived(self) -> str: ...
    @property
    def ended(self) -> str: ...


AnyDue = TypeVar("AnyDue", bound=Due)


@dataclass(frozen=True)
class Wanted:
    """Which of the orders at a station can matter to one study: those due near `times`.

    `hinted`: only what the RIS tells could show a wrong pick, so that one of them has to have ended, or to have come,
    about when the images were made, and to have no images; `odd`: or any, as two lines may have been taken for each
    other.
    """

    times: tuple[str, ...]
    hinted: bool = False
    odd: bool = False

    def chosen(self, due: Sequence[AnyDue], having: Callable[[Sequence[AnyDue]], Collection[int]]) -> Sequence[AnyDue]:
        """`having`: which of several orders have images, asked for only where that matters."""
        if not self.hinted:
            return [one for one in due if self._reaches(one.starts)]
        hints = [one for one in due if self._is_hint(one) and self._reaches(one.starts)]
        if not hints or not (self.odd or {one.id for one in hints} - set(having(hints))):
            return []
        return [one for one in due if self._reaches(one.starts)]

    def _reaches(self, starts: Sequence[str]) -> bool:
        gaps = (nearest_gap(performed, starts) for performed in self.times)
        return any(gap is not None and abs(gap) <= CLOSE for gap in gaps)

    def _is_hint(self, one: Due) -> bool:
        if one.status is StepStatus.COMPLETED:
            return any(told.may_have_ended(one.ended, performed) for performed in self.times)
        return any(told.may_have_come(one.arrived, performed) for performed in self.times)


def is_seen(order: Order, others: Iterable[StudyFacts]) -> bool:
    """Whether its patient has images of the order's modality from about its slot, under whatever number.

    A typed header, or one study for two orders, leaves an order without images, and nothing was picked wrongly.
    `others`: studies under one of the patient's numbers.
    """
    return any(_is_about(order, facts) for facts in others)


def _is_about(order: Order, facts: StudyFacts) -> bool:
    born = facts.patient.birth_date, order.patient.birth_date
    gap = nearest_gap(facts.performed, (step.start for step in order.steps))
    near = gap is not None and abs(gap) <= PATIENCE
    return near and (not all(born) or born[0] == born[1]) and compare_modalities(facts, order) in SAME


def waited_until(facts: StudyFacts, zone: str) -> datetime | None:
    """When whoever was due then has had the time to come; None where the images have no time."""
    performed = wall(facts.performed)
    try:
        return performed.replace(tzinfo=ZoneInfo(zone)) + PATIENCE if performed else None
    except OverflowError:
        return None
