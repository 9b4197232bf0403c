"""A full sweep of a PACS by windows of study dates, from the newest to the oldest: which days are asked next.

A window grows where days hold little and shrinks where they hold much, so that no answer is large and an archive of
decades takes few queries. What carries no date is found by no range of dates (PS3.4 C.2.2.2.5) and comes last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta

FEW, MANY = 200, 1000  # answers of a window: fewer, and the next is twice as wide; more, and it is half
WIDEST = 512  # days
OLDEST = date(1970, 1, 1)  # one window takes all that is older


@dataclass(frozen=True)
class Sweep:
    """`stage`: dated, undated, "" = none is under way. Days from `upto` on are done ("" = none); `days` come next."""

    stage: str = ""
    upto: str = ""
    days: int = 1


@dataclass(frozen=True)
class Window:
    """A range of study dates, both ends included; None = open."""

    first: date | None
    last: date | None


def begin() -> Sweep:
    return Sweep("dated")


def window(sweep: Sweep, today: date) -> Window:
    """The days that are asked next: first today and what lies ahead, then back in time."""
    if not sweep.upto:
        return Window(today, None)
    last = date.fromisoformat(sweep.upto) - timedelta(days=1)
    if last <= OLDEST + timedelta(days=sweep.days):
        return Window(None, last)
    return Window(last - timedelta(days=max(1, sweep.days) - 1), last)


def after(sweep: Sweep, asked: Window, answers: int) -> Sweep:
    """Where the sweep stands once a window has been dealt with."""
    if asked.first is None:
        return Sweep("undated", sweep.upto, sweep.days)
    days = sweep.days
    if answers < FEW:
        days = min(WIDEST, days * 2)
    elif answers > MANY:
        days = max(1, days // 2)
    return Sweep("dated", asked.first.isoformat(), days)


def narrower(sweep: Sweep, asked: Window) -> Sweep | None:
    """The same days in smaller windows, where an answer was cut off or too large; None: there is no smaller one."""
    if asked.first is None or asked.last is None or asked.first == asked.last:
        return None
    return replace(sweep, days=((asked.last - asked.first).days + 1) // 2)


def may_run(hours: str, clock: time) -> bool:
    """Whether a wall clock lies within hours such as `20:00-06:00`, which may pass midnight; "" = always."""
    if not hours:
        return True
    begins, ends = (time.fromisoformat(one) for one in hours.split("-"))
    if begins <= ends:
        return begins <= clock < ends
    return clock >= begins or clock < ends
