from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.recon.times import day_of, days_around, gap, instant_of, local_day, nearest_gap, wall

from .people import SEEN, WATCH, study


@pytest.mark.parametrize(
    ("performed", "start", "expected"),
    [
        ("2026-11-22T14:34:00", "2026-11-22T14:30:00", timedelta(minutes=4)),
        ("2026-11-22", "2026-11-22T23:30:00", timedelta()),
        ("2026-11-23", "2026-11-22T23:30:00", timedelta(days=1)),
        ("2026-11", "2026-11-22T23:30:00", None),
        ("", "2026-11-22", None),
        ("2026-11-22T99:99:99", "2026-11-22", None),
    ],
)
def test_a_gap_is_as_precise_as_its_coarser_side(performed: str, start: str, expected: timedelta | None) -> None:
    assert gap(performed, start) == expected


def test_the_nearest_of_several_steps_counts() -> None:
    assert nearest_gap("2026-11-22T14:00:00", ["2026-11-01T14:00:00", "2026-11-22T13:00:00"]) == timedelta(hours=1)
    assert nearest_gap("2026-11-22T14:00:00", []) is None


def test_days_meet_their_neighbours() -> None:
    assert days_around("2026-11-01") == ("2026-10-31", "2026-11-01", "2026-11-02")
    assert days_around("") == days_around("0001-01-01") == ()


def test_a_new_study_counts_from_when_it_was_seen_and_an_old_one_from_when_it_was_performed() -> None:
    assert instant_of(study(), WATCH) == SEEN
    assert instant_of(study(baseline=True), WATCH) == datetime(2026, 11, 22, 13, 34, tzinfo=UTC)
    assert instant_of(study(baseline=True, performed="no date"), WATCH) is None


def test_a_day_is_the_sites_day() -> None:
    assert local_day(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), WATCH).isoformat() == "2026-11-23"


@given(st.text())
def test_no_text_breaks_a_clock(text: str) -> None:
    wall(text)
    days_around(day_of(text))
    instant_of(study(baseline=True, performed=text), WATCH)
