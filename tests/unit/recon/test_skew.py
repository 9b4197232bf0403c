"""Clocks of senders."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from radrecon.model.when import When
from radrecon.recon.skew import in_words, is_late, seconds_behind

BERLIN = ZoneInfo("Europe/Berlin")
ARRIVED = datetime(2026, 11, 22, 14, 0, 0, tzinfo=UTC)


def at(*local: int, offset: int | None = None, precision: str = "second") -> When:
    return When("", datetime(*local), precision, offset)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        (at(2026, 11, 22, 14, 59, 58), 2.0),
        (at(2026, 11, 22, 15, 4, 0), -240.0),
        (at(2026, 11, 22, 14, 0, 3, offset=0), -3.0),
        (at(2026, 11, 22, 9, 0, 0, offset=-300), 0.0),
        (at(2026, 11, 22, 14, 59, precision="minute"), None),
        (at(2026, 11, 22, precision="day"), None),
        (None, None),
    ],
)
def test_skew_is_arrival_against_the_senders_clock_in_its_zone(sent: When | None, seconds: float | None) -> None:
    assert seconds_behind(sent, ARRIVED, BERLIN) == seconds


def test_an_hour_that_a_clock_change_shows_twice_or_never_is_no_evidence() -> None:
    assert seconds_behind(at(2026, 10, 25, 2, 30, 0), ARRIVED, BERLIN) is None
    assert seconds_behind(at(2026, 3, 29, 2, 30, 0), ARRIVED, BERLIN) is None
    assert seconds_behind(at(2026, 10, 25, 2, 30, 0, offset=60), ARRIVED, BERLIN) is not None


def test_the_ends_of_the_calendar_break_nothing() -> None:
    assert seconds_behind(at(1, 1, 1, 0, 0, 0), ARRIVED, BERLIN) is not None
    assert seconds_behind(at(9999, 12, 31, 23, 59, 59, offset=-840), ARRIVED, BERLIN) is not None


def test_what_waited_is_late_and_a_missed_clock_change_is_not() -> None:
    assert not is_late(None)
    assert not is_late(-7200.0)
    assert not is_late(3610.0)
    assert is_late(7200.0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (1.2, "its clock agrees with ours"),
        (-240.0, "its clock is 4 min ahead"),
        (-45.0, "its clock is 45 s ahead"),
        (3605.0, "its clock is 1 h behind, or it sends late"),
        (-90000.0, "its clock is 1 d ahead"),
        (150.0, "its clock is 2.5 min behind, or it sends late"),
    ],
)
def test_skew_in_words(seconds: float | None, words: str) -> None:
    assert in_words(seconds) == words
