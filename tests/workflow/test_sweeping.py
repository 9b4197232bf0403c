from __future__ import annotations

from datetime import timedelta

import pytest

from radrecon.config import PacsConfig
from radrecon.store import pacs
from radrecon.store import tables as t
from radrecon.store.database import Store
from radrecon.workflow import feed, sweeping
from radrecon.workflow.sweeping import Outcome, Task
from tests.builders import NOW
from tests.workflow.hospital import Hospital, on_both

PEER = PacsConfig(name="main", ae_title="MAIN", port=1, small_up_to=10, sweep_every_minutes=60)


@pytest.fixture
def large(hospital: Hospital) -> Store:
    """A PACS that is known to be large."""
    with hospital.store.transaction() as conn:
        pacs.note_feed(conn, "main", mode="large")
    return hospital.store


def asks(store: Store, peer: PacsConfig = PEER, after: float = 0) -> Task:
    found = sweeping.next_task(store, peer, NOW + timedelta(seconds=after), NOW.tzinfo)  # type: ignore[arg-type]
    assert isinstance(found, Task)
    return found


def rests(store: Store, peer: PacsConfig = PEER, after: float = 0) -> float:
    found = sweeping.next_task(store, peer, NOW + timedelta(seconds=after), NOW.tzinfo)  # type: ignore[arg-type]
    assert isinstance(found, timedelta)
    return found.total_seconds()


def ends(store: Store, task: Task, **outcome: float) -> None:
    sweeping.end_task(store, PEER, task, Outcome(**outcome), NOW)  # type: ignore[arg-type]


def sweep_all(store: Store, seen: int) -> list[str]:
    firsts = []
    while True:
        task = asks(store)
        firsts.append(task.first)
        ends(store, task, seen=seen)
        if task.window is None:
            return firsts


@on_both
def test_a_sweep_walks_back_in_time_and_ends_with_what_has_no_date(hospital: Hospital, large: Store) -> None:
    first = asks(large)
    assert (first.first, first.last, first.baseline) == ("2026-11-22", "", True)
    assert asks(large) == first  # what was not answered is asked again, also after a restart
    ends(large, first, seen=300)
    second = asks(large)
    assert (second.first, second.last) == ("2026-11-21", "2026-11-21")
    sweep_all(large, seen=50)  # few a window, so that windows grow: a day each back to the oldest were 20,000
    state = feed.state(large, "main")
    assert (state.sweep_stage, state.sweep_finished) == ("", NOW)
    assert feed.baseline_done(large, "main")
    assert rests(large) == 3600
    again = asks(large, after=3601)
    assert (again.first, again.state.sweep_seen, again.baseline) == ("2026-11-22", 0, False)


def test_a_small_pacs_needs_no_sweep(hospital: Hospital, large: Store) -> None:
    sweep_all(large, seen=0)
    assert feed.state(large, "main").mode == "small"
    assert rests(large, after=10_000) == PEER.poll_seconds


def test_a_sweep_keeps_to_its_hours(large: Store) -> None:
    night = PEER.model_copy(update={"sweep_hours": "20:00-06:00"})
    assert rests(large, night) > 0  # 14:00
    assert asks(large, night, after=7 * 3600)


def test_a_window_that_was_cut_off_or_left_some_out_is_asked_in_halves(large: Store) -> None:
    for _ in range(4):
        ends(large, asks(large), seen=1)
    wide = asks(large)
    assert wide.divisible
    ends(large, wide, seen=5000, cut=True)
    half = asks(large)
    assert (half.last, half.state.sweep_days) == (wide.last, wide.state.sweep_days // 2)
    assert half.state.sweep_seen == wide.state.sweep_seen
    ends(large, half, seen=20, kept=3)
    assert asks(large).last == wide.last


def test_a_day_that_holds_more_than_is_taken_is_said_and_passed(large: Store) -> None:
    day = asks(large)
    assert not day.divisible
    ends(large, day, seen=20_000, cut=True)
    assert feed.state(large, "main").sweep_error == sweeping.TOO_MANY
    assert asks(large).first < day.first


def test_a_first_sweep_asks_for_the_series_of_the_newest_only(large: Store) -> None:
    ends(large, asks(large), seen=3000, details=1990)
    assert asks(large).details == 10
    ends(large, asks(large), seen=3000, details=10)
    assert asks(large).details == 0


def test_a_failure_is_said_and_the_window_asked_again(large: Store) -> None:
    task = asks(large)
    sweeping.fail(large, "main", "main cannot be reached")
    sweeping.fail(large, "main", "main cannot be reached")
    assert asks(large).window == task.window
    with large.reading() as conn:
        (row,) = conn.execute(t.pacs_feed.select()).all()
    assert row.sweep_error == "main cannot be reached"
    ends(large, task)
    assert feed.state(large, "main").sweep_error == ""
