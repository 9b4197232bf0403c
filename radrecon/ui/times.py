"""Ages as numbers and times as people read them; rows carry ISO 8601 text."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QDate, QLocale

WHOLE_DAYS = 10  # from here on hours say nothing


def parse(text: str) -> datetime | None:
    """ISO text → an aware instant (text without offset is this machine's wall clock); None where it is none."""
    try:
        return datetime.fromisoformat(text).astimezone() if text else None
    except (ValueError, OverflowError, OSError):
        return None


def seconds_since(text: str, now: datetime) -> float | None:
    at = parse(text)
    return (now - at).total_seconds() if at else None


def span(seconds: float) -> str:
    """`12 s`, `41 min`, `3 h 05`, `2 d 4 h`, `1,417 d`; a minus sign for what lies ahead."""
    sign, rest = ("−", -seconds) if seconds <= -1 else ("", abs(seconds))
    if rest < 60:
        return f"{sign}{int(rest)} s"
    if rest < 3600:
        return f"{sign}{int(rest // 60)} min"
    if rest < 86400:
        return f"{sign}{int(rest // 3600)} h {int(rest % 3600 // 60):02d}"
    if rest >= WHOLE_DAYS * 86400:
        return f"{sign}{int(rest // 86400):,} d"
    return f"{sign}{int(rest // 86400)} d {int(rest % 86400 // 3600)} h"


def about(seconds: float) -> str:
    """A span to the nearest minute, as evidence says it; less is seconds."""
    return span(seconds if abs(seconds) < 60 else 60 * round(seconds / 60))


def age(text: str, now: datetime) -> str:
    seconds = seconds_since(text, now)
    return "" if seconds is None else span(seconds)


def due(text: str, now: datetime) -> str:
    """How long it has waited, or `in 2 h` for what lies ahead."""
    seconds = seconds_since(text, now)
    if seconds is None or seconds >= 0:
        return age(text, now)
    return f"in {span(-seconds).split(' h ')[0]}" + (" h" if 3600 <= -seconds < 86400 else "")


def ago(text: str, now: datetime) -> str:
    seconds = seconds_since(text, now)
    return "never" if seconds is None else f"{span(max(seconds, 0))} ago"


def wall(text: str, now: datetime) -> str:
    """The wall clock as it was written: the time today, else day and time. Unparseable text stays as it came."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    today = now.astimezone(at.tzinfo).date() if at.tzinfo else now.astimezone().date()
    if len(text) <= 10:
        return date_text(text)
    return f"{at:%H:%M}" if at.date() == today else f"{at:%d %b %H:%M}"


def local(text: str, now: datetime) -> str:
    """An instant in this machine's wall clock."""
    at = parse(text)
    return wall(at.isoformat(), now) if at else text


def clock(text: str, now: datetime) -> str:
    """An instant in this machine's wall clock to the second."""
    at = parse(text)
    if at is None:
        return text
    return f"{at:%H:%M:%S}" if at.date() == now.astimezone(at.tzinfo).date() else f"{at:%d %b %H:%M}"


def date_text(text: str) -> str:
    """A whole ISO date in the user's short format; partial or odd dates stay as they are."""
    date = QDate.fromString(text, "yyyy-MM-dd") if len(text) == 10 else QDate()
    return QLocale().toString(date, "yyyy-MM-dd") if date.isValid() else text


def utc_now() -> datetime:
    return datetime.now(UTC)
