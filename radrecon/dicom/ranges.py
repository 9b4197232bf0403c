"""Range matching keys of DA and TM (PS3.4 C.2.2.2.5) → ISO texts, both ends included, "" for an open end.

None is returned for what is no date, time or range. Old notations (`2026.11.22`, `10:30`) are read as they were meant.
"""

from __future__ import annotations

import re
from datetime import date

Range = tuple[str, str]
WHOLE_DAY = ("00:00:00", "23:59:59")
DATE = re.compile(r"(\d{4})\.?(\d\d)\.?(\d\d)")
TIME = re.compile(r"(\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.\d{1,6})?)?)?")


def date_range(text: str) -> Range | None:
    """`20261122`, `20261122-`, `-20261122`, `20261120-20261122`; a range that runs backwards is none."""
    ends = [part.strip() for part in text.split("-")]
    if len(ends) > 2 or not any(ends):
        return None
    days = [_day(end) if end else "" for end in ends]
    return _ordered(days[0], days[-1])


def time_range(text: str) -> Range | None:
    """As for dates. A time covers what its precision leaves open: `1030` is 10:30:00 to 10:30:59."""
    ends = [part.strip() for part in text.split("-")]
    if len(ends) > 2 or not any(ends):
        return None
    start = _clock(ends[0], WHOLE_DAY[0]) if ends[0] else ""
    end = _clock(ends[-1], WHOLE_DAY[1]) if ends[-1] else ""
    return None if start is None or end is None else (start, end)


def is_range(text: str) -> bool:
    return "-" in text


def _ordered(start: str | None, end: str | None) -> Range | None:
    if start is None or end is None or (start and end and start > end):
        return None
    return start, end


def _day(text: str) -> str | None:
    found = DATE.fullmatch(text)
    try:
        return date(*map(int, found.groups())).isoformat() if found else None
    except ValueError:
        return None


def _clock(text: str, fill: str) -> str | None:
    """A time with what is not given taken from `fill`. 24:00 is the end of the day, second 60 the one before."""
    found = TIME.fullmatch(text)
    if not found:
        return None
    if text.replace(":", "").ljust(6, "0")[:6] == "240000":
        return WHOLE_DAY[1]
    hour, minute, second = (given or fill.split(":")[place] for place, given in enumerate(found.groups()))
    second = min(second, "59") if second <= "60" else second
    return f"{hour}:{minute}:{second}" if hour < "24" and minute < "60" and second < "60" else None
