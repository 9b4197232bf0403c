"""Wall clocks and instants as evidence: how far apart, and on which day of the site's calendar.

Times from outside are the site's wall clock with the precision given (PS3.3 C.4.10, C.7.2.1); a text that is no time
is no evidence, never an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from radrecon.model.person import Watch
from radrecon.model.study import Study

DAY_LENGTH = len("2026-11-22")
CACHED = 1 << 16


@lru_cache(CACHED)
def wall(text: str) -> datetime | None:
    """ISO text of at least day precision → wall clock; None for anything else."""
    if len(text.strip()) < DAY_LENGTH:
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return None


@lru_cache(CACHED)
def day_of(text: str) -> str:
    """`2026-11-22`, or "" where the text holds no day."""
    found = wall(text)
    return found.date().isoformat() if found else ""


@lru_cache(CACHED)
def days_around(day: str) -> tuple[str, ...]:
    """A day with its neighbours: exams run past midnight."""
    try:
        middle = date.fromisoformat(day)
        return tuple((middle + timedelta(days=shift)).isoformat() for shift in (-1, 0, 1))
    except (ValueError, OverflowError):
        return ()


@lru_cache(CACHED)
def second_of(text: str) -> float | None:
    """Seconds of the wall clock, to be subtracted from one another; None where the text is not told to the minute."""
    found = wall(text) if len(text.strip()) > DAY_LENGTH else None
    return None if found is None else found.replace(tzinfo=UTC).timestamp()


def gap(performed: str, start: str) -> timedelta | None:
    """Performed minus scheduled; whole days where either side is known to the day only."""
    one, other = wall(performed), wall(start)
    if one is None or other is None:
        return None
    if min(len(performed.strip()), len(start.strip())) <= DAY_LENGTH:
        return timedelta(days=(one.date() - other.date()).days)
    return one - other


def nearest_gap(performed: str, starts: Iterable[str]) -> timedelta | None:
    """The gap to the nearest of several scheduled times."""
    gaps = [found for start in starts if (found := gap(performed, start)) is not None]
    return min(gaps, key=abs, default=None)


def instant_of(study: Study, watch: Watch) -> datetime | None:
    """When a study came to be, for judging: first seen, or for what was there before us, when it was performed (UTC).

    None: it was there before us and carries no usable date.
    """
    if not study.baseline and study.first_seen is not None:
        return study.first_seen
    performed = wall(study.facts.performed)
    try:
        return performed.replace(tzinfo=ZoneInfo(watch.zone)).astimezone(UTC) if performed else None
    except OverflowError:
        return None


def local_day(instant: datetime, watch: Watch) -> date:
    """The site's calendar day of an instant."""
    return instant.astimezone(ZoneInfo(watch.zone)).date()
