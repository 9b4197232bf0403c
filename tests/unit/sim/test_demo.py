from __future__ import annotations

import asyncio
from typing import Any

import pytest

from radrecon.sim import demo
from radrecon.sim.demo import corrections_filed, summary

ANSWERS: dict[str, list[dict[str, Any]]] = {
    "messages": [{"direction": "in"}, {"direction": "in"}, {"direction": "out"}],
    "worklist": [{"matches": 3}, {"matches": 0}, {"matches": 4}],
    "studies": [{"id": 1}, {"id": 2}],
    "cases": [{"kind": "unassigned_study"}, {"kind": "unassigned_study"}, {"kind": "accession_collision"}],
    "deliveries": [{"correction_id": 1, "state": "filed"}],
}


async def test_the_summary_has_exactly_the_contracts_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(database: str, *question: str) -> Any:
        return ANSWERS[question[0]]

    monkeypatch.setattr(demo, "ask", ask)
    assert await summary("sqlite:///x", 12.34) == {
        "messages_in": 2,
        "steps_served": 7,
        "studies_seen": 2,
        "cases": {"unassigned_study": 2, "accession_collision": 1},
        "corrections_filed": 1,
        "seconds": 12.3,
    }


@pytest.mark.parametrize(
    ("states", "filed"),
    [
        (["filed"], 1),
        (["filed", "acknowledged"], 1),
        (["acknowledged"], 0),
        (["filed", "queued"], 0),
        (["filed", "refused"], 0),
        (["filed", "not_applied"], 0),
        ([], 0),
    ],
)
def test_a_correction_is_filed_when_proved_somewhere_and_under_way_nowhere(states: list[str], filed: int) -> None:
    assert corrections_filed([{"correction_id": 5, "state": state} for state in states]) == filed


async def test_closing_the_window_ends_the_demo() -> None:
    stop = asyncio.Event()
    opened = []

    async def desk(database: str) -> None:
        opened.append(database)

    await demo._desk_until(desk, "sqlite:///x", stop)
    assert opened == ["sqlite:///x"]


async def test_the_end_of_the_demo_closes_the_window() -> None:
    stop, closed = asyncio.Event(), asyncio.Event()

    async def desk(database: str) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            closed.set()

    shown = asyncio.ensure_future(demo._desk_until(desk, "sqlite:///x", stop))
    await asyncio.sleep(0)
    stop.set()
    await shown
    assert closed.is_set()


async def test_a_desk_that_crashes_is_not_taken_for_a_closed_window() -> None:
    async def desk(database: str) -> None:
        raise RuntimeError("bug")

    with pytest.raises(RuntimeError, match="bug"):
        await demo._desk_until(desk, "sqlite:///x", asyncio.Event())


async def test_whoever_ends_first_ends_the_play_and_an_error_is_raised() -> None:
    stop = asyncio.Event()

    async def hospital() -> str:
        await stop.wait()
        return "tally"

    async def clerk() -> None:
        raise RuntimeError("bug")

    with pytest.raises(RuntimeError, match="bug"):
        await demo._play(asyncio.ensure_future(hospital()), asyncio.ensure_future(clerk()), stop, 60)
    assert stop.is_set()


async def test_the_seconds_end_the_play() -> None:
    stop = asyncio.Event()

    async def worker() -> str:
        await stop.wait()
        return "done"

    hospital, clerk = asyncio.ensure_future(worker()), asyncio.ensure_future(worker())
    await demo._play(hospital, clerk, stop, 0.01)
    assert (hospital.result(), clerk.result()) == ("done", "done")
