"""A sender's clock against ours: seconds from MSH-7 (message date and time) to arrival.

A time without seconds, and one in the hour that a clock change repeats, is no evidence. What comes hours after it was
written waited in a queue or was replayed: that is kept apart, it says nothing of the clock. The edge lies beyond an
hour, so that a sender that missed a clock change is seen.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

from radrecon.model.when import When

LATE_SECONDS = 90 * 60
AGREES_SECONDS = 5


def seconds_behind(sent: When | None, arrived: datetime, zone: tzinfo) -> float | None:
    """Arrival minus MSH-7, negative where the sender's clock is ahead of ours. `zone` is the sender's or the site's."""
    if sent is None or sent.precision != "second":
        return None
    if sent.offset is not None:
        moment = sent.local.replace(tzinfo=timezone(timedelta(minutes=sent.offset)))
    elif _twice(sent.local, zone):
        return None
    else:
        moment = sent.local.replace(tzinfo=zone)
    try:
        return (arrived - moment).total_seconds()
    except OverflowError:
        return None


def _twice(local: datetime, zone: tzinfo) -> bool:
    """A wall clock that the night of a clock change shows twice, or never."""
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first != second


def is_late(seconds: float | None) -> bool:
    """Whether a message waited or was replayed."""
    return seconds is not None and seconds > LATE_SECONDS


def in_words(seconds: float | None) -> str:
    """`its clock is 4 min ahead`; "" where nothing is known."""
    if seconds is None:
        return ""
    if abs(seconds) < AGREES_SECONDS:
        return "its clock agrees with ours"
    return f"its clock is {_span(abs(seconds))} {'ahead' if seconds < 0 else 'behind, or it sends late'}"


def _span(seconds: float) -> str:
    for least, size, unit in ((86400, 86400, "d"), (3600, 3600, "h"), (120, 60, "min")):
        if seconds >= least:
            return f"{seconds / size:.1f} {unit}".replace(".0 ", " ")
    return f"{seconds:.0f} s"
