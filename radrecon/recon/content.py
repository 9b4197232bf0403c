"""What the images themselves say for or against an order: modality, region, side and time, and no identifier.

A header copies whatever line of the worklist was selected; these facts come from the examination. They are weighed
apart, so that a consistent header cannot outvote them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from math import exp, log2

from radrecon.model.altering import altered
from radrecon.model.order import Order
from radrecon.model.study import StudyFacts
from radrecon.recon.compare import Level
from radrecon.recon.normalise import fold
from radrecon.recon.procedure import compare_modalities, compare_sides, compare_stations
from radrecon.recon.regions import compare_regions, regions, regions_of_images, regions_of_order
from radrecon.recon.times import nearest_gap

MODALITY, REGION, SIDE, AKIN, NO_TIME = -7.0, -7.0, -5.0, -1.5, -5.0
PUNCTUAL, PUNCTUAL_MINUTES, LATE_MINUTES = 0.92, 12.0, 90.0
FARTHEST = -5.0  # by the time alone: hours late is rare, and less rare than a table can tell
LATE = timedelta(minutes=45)


@dataclass(frozen=True)
class Content:
    """`bits`: 0 where everything fits, less where something does not. `against`: that, in words.

    `examined`: the part of it that is not the time's. `contradicted`: by what was examined, not only by when.
    """

    bits: float
    against: tuple[str, ...]
    contradicted: bool
    gap: timedelta | None
    examined: float = 0.0
    station: Level = Level.MISSING


def content(facts: StudyFacts, order: Order) -> Content:
    """How well what was done fits one order."""
    gap = nearest_gap(facts.performed, (step.start for step in order.steps))
    found = list(_examined(facts, order))
    examined = sum(points for points, _ in found)
    words = [text for points, text in found if points <= SIDE]
    words += [_gap_words(gap)] if gap is not None and abs(gap) >= LATE else []
    hard = any(points <= SIDE for points, _ in found)
    bits = round(examined + time_bits(gap), 2)
    return Content(bits, tuple(words), hard, gap, examined, compare_stations(facts, order))


def without_copied_words(facts: StudyFacts, named: Order) -> StudyFacts:
    """Where the description is the worklist's, it says what was ordered and not what was done."""
    words = {fold(named.requested_procedure_description), *(fold(step.description) for step in named.steps)}
    return altered(facts, description="") if fold(facts.description) in words else facts


def _examined(facts: StudyFacts, order: Order) -> Iterator[tuple[float, str]]:
    modality = compare_modalities(facts, order)
    if modality is Level.DIFFERENT:
        yield MODALITY, "another modality was ordered"
    elif modality is Level.FORMAT:
        yield AKIN, "a modality of the same kind was ordered"
    shown, ordered = regions_of_images(facts), regions_of_order(order)
    region = compare_regions(shown, ordered)
    if region is Level.PART:
        yield AKIN, "a region beside it was ordered"
    if region is Level.DIFFERENT:
        yield REGION, f"the images show {_listed(shown)}, ordered was {_listed(ordered)}"
    elif compare_sides_there(facts, order) is Level.DIFFERENT:
        yield SIDE, "the other side was ordered"


def compare_sides_there(facts: StudyFacts, order: Order) -> Level:
    """By the series of the order's region, where there are any: another region's side is none of it."""
    ordered = regions_of_order(order)
    there = tuple(one for one in facts.series if regions(f"{one.body_part} {one.description}") & ordered)
    if len(there) == len(facts.series) or not there:
        return compare_sides(facts, order)
    return compare_sides(altered(facts, series=there, description=""), order)


def time_bits(gap: timedelta | None) -> float:
    """Most examinations are punctual, some are hours late: 0 at the slot itself."""
    if gap is None:
        return NO_TIME
    minutes = abs(gap).total_seconds() / 60
    return max(FARTHEST, log2(_density(minutes) / _density(0.0)))


def _density(minutes: float) -> float:
    punctual = PUNCTUAL / PUNCTUAL_MINUTES * exp(-minutes / PUNCTUAL_MINUTES)
    return punctual + (1 - PUNCTUAL) / LATE_MINUTES * exp(-min(minutes / LATE_MINUTES, 600.0)) + 1e-12


def _listed(found: frozenset[str]) -> str:
    return " and ".join(sorted(found))


def station_words(facts: StudyFacts, order: Order) -> str:
    done = next((one.station_name for one in facts.series if one.station_name), "")
    due = next((step.station_ae_title or step.station_name for step in order.steps), "")
    return f"done at {done}, scheduled at {due}"


def _gap_words(gap: timedelta) -> str:
    minutes = round(abs(gap).total_seconds() / 60)
    side = "after" if gap > timedelta() else "before"
    if minutes < 120:
        return f"{minutes} min {side} its slot"
    return f"{minutes // 60} h {side} its slot" if minutes < 2880 else f"{minutes // 1440} days {side} its slot"
