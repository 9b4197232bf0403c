"""The program around the window: what Qt does to its loop is neither a traceback nor work half done."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from radrecon.model.errors import Trouble
from radrecon.ui import app as desk_app
from tests.ui.fake_backend import FakeBackend


async def desk_that_is_quit(app: QApplication, settings: QSettings) -> str:
    window = await desk_app.open_window(FakeBackend(), settings)
    asyncio.get_running_loop().call_later(0.2, app.quit)
    await desk_app.closed(window)
    return "put away"


def test_a_session_that_quits_the_program_closes_its_window_in_order(qapp: QApplication, settings: QSettings) -> None:
    with desk_app.event_loop(qapp) as loop:
        asyncio.set_event_loop(loop)
        assert desk_app.run(qapp, loop, desk_that_is_quit(qapp, settings)) == "put away"


def test_a_screen_that_is_gone_is_one_line(qapp: QApplication) -> None:
    QTimer.singleShot(10, lambda: qapp.exit(1))
    with desk_app.event_loop(qapp) as loop:
        asyncio.set_event_loop(loop)
        with pytest.raises(Trouble, match="The screen is gone"):
            desk_app.run(qapp, loop, asyncio.sleep(60))
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))


def test_what_breaks_in_the_window_is_said_as_it_is(qapp: QApplication) -> None:
    async def breaks() -> None:
        raise RuntimeError("a bug")

    with desk_app.event_loop(qapp) as loop:
        asyncio.set_event_loop(loop)
        with pytest.raises(RuntimeError, match="a bug"):
            desk_app.run(qapp, loop, breaks())
