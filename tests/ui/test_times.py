"""Ages as numbers; what cannot be read stays as it came."""

from __future__ import annotations

import pytest

from radrecon.ui import times
from tests.ui.fake_hospital import NOW, at


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3900, "1 h 05"),
        (187200, "2 d 4 h"),
        (9 * 86400, "9 d 0 h"),
        (1417 * 86400 + 54000, "1,417 d"),
        (-90, "−1 min"),
        (-0.4, "0 s"),
    ],
)
def test_spans(seconds: float, text: str) -> None:
    assert times.span(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(-580, "−10 min"), (580, "10 min"), (40, "40 s"), (3580, "1 h 00")])
def test_about_is_to_the_nearest_minute(seconds: float, text: str) -> None:
    assert times.about(seconds) == text


def test_what_is_due_later_says_in() -> None:
    assert times.due(at(-30), NOW) == "in 30 min"
    assert times.due(at(-130), NOW) == "in 2 h"
    assert times.due(at(41), NOW) == "41 min"


def test_a_wall_clock_is_shown_as_it_was_written() -> None:
    assert times.wall("2026-11-22T08:51:00+05:30", NOW) == "08:51"
    assert times.wall("2026-11-21T08:51:00+00:00", NOW) == "21 Nov 08:51"


@pytest.mark.parametrize("text", ["", "1960", "1960-05", "tomorrow", "20261122"])
def test_odd_dates_stay_as_they_are(text: str) -> None:
    assert times.date_text(text) == text
    assert times.age("tomorrow", NOW) == ""
    assert times.ago("", NOW) == "never"


def test_a_clock_has_seconds_today_and_the_day_before() -> None:
    today, before = NOW.astimezone().replace(hour=8, minute=5, second=9), "2026-11-20T12:00:00+00:00"
    assert times.clock(today.isoformat(), NOW) == "08:05:09"
    assert times.clock(before, NOW).startswith("20 Nov ")
    assert times.clock("soon", NOW) == "soon"
