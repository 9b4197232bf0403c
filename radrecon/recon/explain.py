"""Why an order is not on a station's worklist, in one sentence a technologist can act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from radrecon.model.order import Order, Step, StepStatus
from radrecon.model.ris_worklist import RisAnswer

WAITING = (StepStatus.SCHEDULED, StepStatus.ARRIVED)
ENDED = {
    StepStatus.COMPLETED: "already completed",
    StepStatus.DISCONTINUED: "discontinued",
    StepStatus.CANCELLED: "cancelled",
    StepStatus.STARTED: "already started",
    StepStatus.HELD: "on hold",
}


@dataclass(frozen=True)
class Explanation:
    """`on_list`: a query of this station with no other key would get it. `details`: one line per step.

    `ris_lists`: what other systems' worklists have for this station, one per source.
    """

    sentence: str
    on_list: bool
    details: tuple[str, ...] = ()
    ris_lists: tuple[RisAnswer, ...] = ()


def explain(station: str, accession: str, orders: Sequence[Order], now: datetime) -> Explanation:
    """`orders`: those with this accession number; `now`: the site's wall clock without zone."""
    if not orders:
        return Explanation(f"No order with accession {accession} was received.", False)
    steps = [(order, step) for order in orders for step in order.steps]
    if not steps:
        return Explanation(f"Order {accession} was received, but it makes no scheduled step.", False)
    lines = tuple(_line(station, step, now) for _, step in steps)
    listed = [step for _, step in steps if not _kept_out(station, step)]
    if listed:
        return Explanation(f"{accession} is on the list of {station}: {_when(listed[0], now)}.", True, lines)
    return Explanation(f"{accession} is not on the list of {station}: {_kept_out(station, steps[0][1])}.", False, lines)


def _kept_out(station: str, step: Step) -> str:
    """The one thing that keeps a step off this station's list, "" if nothing does."""
    if step.status not in WAITING:
        return ENDED[step.status]
    if step.station_ae_title and step.station_ae_title != station:
        return f"it is on the list of {step.station_ae_title}"
    return ""


def _line(station: str, step: Step, now: datetime) -> str:
    name = step.scheduled_procedure_step_id or step.description or "step"
    return f"{name}: {_kept_out(station, step) or 'on the list'}; {_when(step, now)}"


def _when(step: Step, now: datetime) -> str:
    """The scheduled time, and that a query for today leaves it out where it is another day."""
    if not step.start:
        return "no scheduled time"
    day, clock = step.start[:10], step.start[11:16]
    if day == now.date().isoformat():
        return f"scheduled today {clock}"
    return f"scheduled {_day(day, now.date())} {clock}, so that a query for today leaves it out"


def _day(text: str, today: date) -> str:
    try:
        days = (date.fromisoformat(text) - today).days
    except ValueError:
        return text
    return {1: "tomorrow", -1: "yesterday"}.get(days, text)
