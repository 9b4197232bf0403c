"""When a sender said something, by its own clock (MSH-7): what arrives late must not undo what was said after it.

A time that says nothing (missing, a day alone, the hour that a clock change repeats) counts as its arrival, and none
counts as later than that: a clock that ran ahead must not outvote what it says once it is right.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from radrecon.model.when import PRECISIONS, When
from radrecon.workflow.intake import Context

PRECISE = PRECISIONS.index("minute")


def said_at(sent: When | None, context: Context) -> datetime:
    """The instant at which the message being applied was written."""
    return instant(sent, context.at, context.rules.zone or context.zone)


def instant(sent: When | None, arrived: datetime, zone: tzinfo) -> datetime:
    if sent is None or PRECISIONS.index(sent.precision) < PRECISE or _is_repeated(sent, zone):
        return arrived
    return min(sent.instant(zone), arrived)


def _is_repeated(sent: When, zone: tzinfo) -> bool:
    """Whether this wall clock stands twice in the night when clocks are put back."""
    local = sent.local.replace(tzinfo=zone)
    return sent.offset is None and local.utcoffset() != local.replace(fold=1).utcoffset()
