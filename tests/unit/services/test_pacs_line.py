from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from radrecon.services.pacs_line import Closed, Line, Pace, Urgency


@pytest.fixture
def line() -> Iterator[Line]:
    one = Line("test")
    yield one
    one.close()
    one.thread.join(10)
    assert not one.thread.is_alive()


async def test_an_answer_and_a_trouble_come_back(line: Line) -> None:
    assert await line.ask(Urgency.POLL, lambda number: number + 1, 1) == 2
    with pytest.raises(ZeroDivisionError):
        await line.ask(Urgency.POLL, lambda: 1 // 0)
    assert await line.ask(Urgency.POLL, lambda: "still there") == "still there"


async def test_one_question_at_a_time_the_most_urgent_first(line: Line) -> None:
    gate, order = threading.Event(), list[str]()
    first = asyncio.create_task(line.ask(Urgency.SWEEP, gate.wait))
    await asyncio.sleep(0)
    waiting = [
        asyncio.create_task(line.ask(urgency, order.append, name))
        for urgency, name in [
            (Urgency.SWEEP, "sweep"),
            (Urgency.POLL, "poll"),
            (Urgency.CHANGE, "change"),
            (Urgency.ASKED, "asked"),
            (Urgency.POLL, "poll again"),
        ]
    ]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, *waiting)
    assert order == ["asked", "change", "poll", "poll again", "sweep"]


async def test_a_question_that_is_cancelled_while_it_waits_is_never_asked(line: Line) -> None:
    gate, asked = threading.Event(), list[str]()
    first = asyncio.create_task(line.ask(Urgency.POLL, gate.wait))
    second = asyncio.create_task(line.ask(Urgency.POLL, asked.append, "second"))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    gate.set()
    await first
    await line.ask(Urgency.SWEEP, asked.append, "last")
    assert asked == ["last"]


async def test_what_waits_when_the_line_closes_is_told_so() -> None:
    ended = threading.Event()
    line, gate = Line("test", ended.set), threading.Event()
    first = asyncio.create_task(line.ask(Urgency.POLL, gate.wait))
    second = asyncio.create_task(line.ask(Urgency.POLL, gate.wait))
    await asyncio.sleep(0.05)
    line.close()
    with pytest.raises(Closed):
        await second
    assert not ended.is_set()
    gate.set()
    assert await first
    assert await asyncio.to_thread(ended.wait, 10)
    with pytest.raises(Closed):
        await line.ask(Urgency.POLL, gate.wait)


def test_a_pace_lets_no_more_go_than_its_bound() -> None:
    pace, started = Pace(5, seconds=0.2), time.monotonic()
    for _ in range(16):
        pace.wait()
    assert time.monotonic() - started >= 3 * 0.2  # the sixth, eleventh and sixteenth waited for those before


def test_a_pace_without_a_bound_waits_for_nothing() -> None:
    pace = Pace(0)
    for _ in range(10_000):
        pace.wait()


def test_a_pace_that_is_closed_lets_its_thread_go() -> None:
    pace = Pace(1)
    pace.wait()
    threading.Timer(0.05, pace.close).start()
    with pytest.raises(Closed):
        pace.wait()
