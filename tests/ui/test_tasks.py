"""The one place with threads."""

from __future__ import annotations

import asyncio
import threading

import pytest

from radrecon.ui.tasks import Tasks
from tests.ui.conftest import until


async def test_a_function_runs_on_another_thread_and_answers_here() -> None:
    tasks = Tasks(lambda error: None)
    assert await tasks.run(threading.get_ident) != threading.get_ident()
    await tasks.close()


async def test_what_a_spawned_coroutine_raises_is_told() -> None:
    errors: list[BaseException] = []
    tasks = Tasks(errors.append)

    async def fail() -> None:
        raise ValueError("no")

    tasks.spawn(fail())
    await until(lambda: errors)
    assert str(errors[0]) == "no"
    await tasks.close()


async def test_an_exception_crosses_threads() -> None:
    tasks = Tasks(lambda error: None)
    with pytest.raises(ZeroDivisionError):
        await tasks.run(divmod, 1, 0)
    await tasks.close()


async def test_closing_cancels_and_takes_nothing_more() -> None:
    tasks = Tasks(lambda error: None)
    started = asyncio.Event()

    async def wait() -> None:
        started.set()
        await asyncio.sleep(60)

    tasks.spawn(wait())
    await started.wait()
    await tasks.close()
    assert tasks.idle
    tasks.spawn(wait())
    assert tasks.idle
