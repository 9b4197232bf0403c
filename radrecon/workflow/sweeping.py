"""The full sweep of a large PACS: what is asked next, and where it stands once that was answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from radrecon.config import PacsConfig
from radrecon.model.study import FeedState
from radrecon.recon import sweep
from radrecon.recon.sweep import Sweep, Window
from radrecon.store import pacs
from radrecon.store.database import Store

TOO_MANY = "more studies in one list than are taken; the rest of it was not looked at"
DETAIL_LIMIT = 2000  # series are asked for the newest so many of a first sweep; of others when they change


@dataclass(frozen=True)
class Task:
    """What is asked next: a window of days, or (`window` None) what carries no date.

    `baseline`: not all of this PACS has been seen yet; `details`: so many studies may be asked for their series.
    """

    state: FeedState
    window: Window | None
    baseline: bool
    details: int

    @property
    def first(self) -> str:
        return self.window.first.isoformat() if self.window and self.window.first else ""

    @property
    def divisible(self) -> bool:
        """Whether there are smaller windows for an answer that is too long."""
        return bool(self.first and self.last) and self.first != self.last

    @property
    def last(self) -> str:
        return self.window.last.isoformat() if self.window and self.window.last else ""


@dataclass(frozen=True)
class Outcome:
    """What came of a task. `cut`: the list was longer than we take; `kept`: it left out studies that are there."""

    seen: int = 0
    details: int = 0
    vanished: int = 0
    cut: bool = False
    kept: int = 0
    seconds: float = 0.0


def next_task(store: Store, config: PacsConfig, now: datetime, zone: tzinfo) -> Task | timedelta:
    """What is asked next, the first of a new sweep where it is due; else how long there is nothing to ask."""
    with store.reading() as conn:
        state, done = pacs.load_feed(conn, config.name), pacs.baseline_done(conn, config.name)
    wall = now.astimezone(zone)
    if state.mode != "large" or not sweep.may_run(config.sweep_hours, wall.time()):
        return timedelta(seconds=config.poll_seconds)
    if not state.sweep_stage and state.sweep_started is not None:
        rest = state.sweep_started + timedelta(minutes=config.sweep_every_minutes) - now
        if rest > timedelta():
            return rest
    if not state.sweep_stage:
        state = _begin(store, state, now)
    window = sweep.window(_position(state), wall.date()) if state.sweep_stage == "dated" else None
    details = 1 << 30 if done else max(0, DETAIL_LIMIT - state.sweep_details)
    return Task(state, window, not done, details)


def _begin(store: Store, state: FeedState, now: datetime) -> FeedState:
    fresh = _values(sweep.begin()) | {
        "sweep_seen": 0, "sweep_details": 0, "sweep_vanished": 0, "sweep_error": "", "sweep_started": now,
    }  # fmt: skip
    with store.transaction() as conn:
        pacs.note_feed(conn, state.name, **fresh)
    return replace(state, **fresh)


def end_task(store: Store, config: PacsConfig, task: Task, outcome: Outcome, now: datetime) -> None:
    """Note where the sweep stands; after what carries no date it has come to its end."""
    counted = _counted(task.state, outcome)
    if task.window is None:
        counted["sweep_error"] = TOO_MANY if outcome.cut else ""
        _end_sweep(store, config, counted, now)
        return
    at = _position(task.state)
    smaller = sweep.narrower(at, task.window) if outcome.cut or outcome.kept else None
    if smaller:
        counted["sweep_seen"] = task.state.sweep_seen
    elif outcome.cut:
        counted["sweep_error"] = TOO_MANY
    with store.transaction() as conn:
        pacs.note_feed(conn, config.name, **counted, **_values(smaller or sweep.after(at, task.window, outcome.seen)))


def _end_sweep(store: Store, config: PacsConfig, counted: dict[str, Any], now: datetime) -> None:
    mode = "small" if counted["sweep_seen"] <= config.small_up_to else "large"
    with store.transaction() as conn:
        pacs.note_feed(conn, config.name, **counted, **_values(Sweep()), sweep_finished=now, mode=mode)
        pacs.note(conn, config.name, baseline_done=True)


def fail(store: Store, name: str, error: str) -> None:
    """The PACS did not answer; the same words are not written again and again."""
    with store.reading() as conn:
        known = pacs.load_feed(conn, name).sweep_error
    if known != error:
        with store.transaction() as conn:
            pacs.note_feed(conn, name, sweep_error=error)


def _position(state: FeedState) -> Sweep:
    return Sweep(state.sweep_stage, state.sweep_upto, state.sweep_days)


def _values(at: Sweep) -> dict[str, Any]:
    return {"sweep_stage": at.stage, "sweep_upto": at.upto, "sweep_days": at.days}


def _counted(state: FeedState, outcome: Outcome) -> dict[str, Any]:
    return {
        "sweep_seen": state.sweep_seen + outcome.seen,
        "sweep_details": state.sweep_details + outcome.details,
        "sweep_vanished": state.sweep_vanished + outcome.vanished,
        "sweep_error": "",
        "query_seconds": outcome.seconds,
    }
