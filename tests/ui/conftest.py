"""Qt tests run on qasync's loop; each gets a desk on the fake backend and leaves no thread, timer or task behind."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import qasync
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from radrecon.ui import app as desk_app
from radrecon.ui import garbage
from radrecon.ui.main_window import MainWindow
from tests.ui.fake_backend import FakeBackend
from tests.ui.fake_hospital import NOW

PATIENCE = 60.0
"""Seconds that a busy machine may take until it is seen."""


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Callable[[], Any]]:
    return {"qasync": lambda: qasync.QEventLoop(desk_app.application())}


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    return desk_app.application()


@pytest.fixture(scope="module", autouse=True)
def collected_here() -> Iterator[None]:
    """No thread of a later test ends a window of this module."""
    with garbage.collected_here(desk_app.application()):
        yield


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for window in QApplication.topLevelWidgets():
        if isinstance(window, MainWindow):
            window.close()  # one that a failed test left open would tick in later tests
    left = [thread for thread in threading.enumerate() if thread not in before and thread.is_alive()]
    assert not [thread.name for thread in left if thread.name.startswith(("desk", "change-watch"))]


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    made = QSettings(str(tmp_path / "desk.ini"), QSettings.Format.IniFormat)
    made.setValue("theme", "light")
    made.setValue("hold_seconds", 0.2)
    return made


@pytest.fixture
async def window(backend: FakeBackend, settings: QSettings) -> AsyncIterator[MainWindow]:
    made = await desk_app.open_window(backend, settings, title="St Anne")
    made.desk.now = lambda: NOW
    made.activateWindow()
    await settled(made)
    yield made
    made.close()
    await desk_app.end(made)


async def settled(window: MainWindow) -> None:
    """Wait until nothing loads."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        await asyncio.sleep(0.01)
        if window.desk.tasks.idle:
            await asyncio.sleep(0.02)
            if window.desk.tasks.idle:
                return
    raise AssertionError("the desk never came to rest")


async def until(holds: Callable[[], Any], what: str = "it") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{what} never happened")
