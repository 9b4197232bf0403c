"""Times from outside: the text as it came, its precision and its zone; a derived UTC serves sorting only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

PRECISIONS = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True)
class When:
    """A point in time as a sender wrote it. `local` is its wall clock without zone; `offset` minutes if stated."""

    text: str
    local: datetime
    precision: str = "second"
    offset: int | None = None

    def instant(self, zone: tzinfo) -> datetime:
        """The instant in UTC; `zone` is the sender's or site's, used where the text states none."""
        stated = zone if self.offset is None else timezone(timedelta(minutes=self.offset))
        return self.local.replace(tzinfo=stated).astimezone(UTC)

    def wall(self, zone: tzinfo) -> datetime:
        """The wall clock in `zone`, without tzinfo: what a worklist matches and answers."""
        return self.local if self.offset is None else self.instant(zone).astimezone(zone).replace(tzinfo=None)
