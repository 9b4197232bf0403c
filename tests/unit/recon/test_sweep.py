from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise

import pytest

from radrecon.recon import sweep
from radrecon.recon.sweep import Sweep, Window

TODAY = date(2026, 11, 22)


def walk(answers: dict[date, int], at: Sweep | None = None) -> list[Window]:
    """Every window of a sweep over an archive with so many studies a day."""
    at, asked = at or sweep.begin(), []
    while at.stage == "dated":
        window = sweep.window(at, TODAY)
        asked.append(window)
        at = sweep.after(at, window, sum(number for day, number in answers.items() if holds(window, day)))
    return asked


def holds(window: Window, day: date) -> bool:
    return (window.first is None or window.first <= day) and (window.last is None or day <= window.last)


def test_every_day_is_asked_once_and_both_ends_are_open() -> None:
    windows = walk({TODAY - timedelta(days=number): 300 for number in range(1000)})
    assert windows[0] == Window(TODAY, None)
    assert windows[-1].first is None
    for newer, older in pairwise(windows):
        assert older.last is not None
        assert older.last + timedelta(days=1) == newer.first


def test_an_empty_archive_takes_few_queries() -> None:
    assert len(walk({})) < 60


def test_windows_narrow_where_days_hold_much() -> None:
    busy = walk({TODAY - timedelta(days=number): 800 for number in range(100)})
    within = [window for window in busy if window.first and window.first > TODAY - timedelta(days=90)]
    spans = [(window.last - window.first).days + 1 for window in within if window.first and window.last]
    assert max(spans) <= 2


def test_a_sweep_goes_on_where_it_was() -> None:
    whole = walk({})
    at = sweep.begin()
    for window in whole[:5]:
        at = sweep.after(at, window, 0)
    assert walk({}, at) == whole[5:]


def test_a_window_that_was_cut_off_is_asked_in_halves_down_to_a_day() -> None:
    at = Sweep("dated", "2026-11-01", 4)
    asked = sweep.window(at, TODAY)
    assert asked == Window(date(2026, 10, 28), date(2026, 10, 31))
    half = sweep.narrower(at, asked)
    assert half == Sweep("dated", "2026-11-01", 2)
    assert sweep.window(half, TODAY) == Window(date(2026, 10, 30), date(2026, 10, 31))
    assert sweep.narrower(at, Window(date(2026, 10, 31), date(2026, 10, 31))) is None
    assert sweep.narrower(sweep.begin(), Window(TODAY, None)) is None


@pytest.mark.parametrize(
    ("hours", "clock", "may"),
    [
        ("", time(12), True),
        ("08:00-12:00", time(8), True),
        ("08:00-12:00", time(12), False),
        ("20:00-06:00", time(23, 59), True),
        ("20:00-06:00", time(5, 59), True),
        ("20:00-06:00", time(6), False),
    ],
)
def test_the_hours_of_a_sweep_may_pass_midnight(hours: str, clock: time, may: bool) -> None:
    assert sweep.may_run(hours, clock) is may
