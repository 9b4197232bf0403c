"""What should come: who waits for it, since when, and what is usual where it is waited for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from radrecon.model.case import Finding

ROUTINE, URGENT = 0, 1  # paces: which of a kind's graces counts
MEMORY = timedelta(days=30)  # for so long after the last one it is still usual


@dataclass(frozen=True)
class Expectation:
    """`subject` waits since `since` (UTC); `finding` is the case that comes of it, `finding.subject` the case's own.

    Several that wait may be one case. `place` is what many would have in common: station, sender, authority.
    """

    finding: Finding
    subject: str
    since: datetime
    place: str = ""
    pace: int = ROUTINE


@dataclass(frozen=True)
class Practice:
    """What is usual at one place: the first and the last that came there, and whether it comes for most.

    `seen`: how many came in the days that were looked through.
    """

    first_at: datetime
    last_at: datetime
    usual: bool = True
    seen: int = 0

    def covers(self, since: datetime) -> bool:
        return self.usual and self.first_at <= since <= self.last_at + MEMORY
