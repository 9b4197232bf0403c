"""The desk as a program: one QApplication under qasync's loop, one window, one store."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import PySide6  # noqa: F401  before qasync, which takes the binding that it finds
import qasync
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from radrecon.store.database import Store, open_store
from radrecon.ui import engine_start, garbage, theme
from radrecon.ui.backend import Backend
from radrecon.ui.desk import Desk
from radrecon.ui.main_window import MainWindow
from radrecon.ui.refresh import Refresh
from radrecon.ui.store_backend import StoreBackend
from radrecon.ui.tasks import Tasks


def application() -> QApplication:
    """The one QApplication, made if there is none; closing a window does not end it, the loop does."""
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("radrecon")
    app.setOrganizationName("radrecon")
    app.setQuitOnLastWindowClosed(False)
    return app


def user_settings() -> QSettings:
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "radrecon", "desk")


@contextmanager
def event_loop(app: QApplication) -> Iterator[Any]:
    """The loop that a window lives in; on the way out what is left of windows ends on this thread."""
    with garbage.collected_here(app), qasync.QEventLoop(app) as loop:
        yield loop


def main(database_url: str, config: str = "") -> int:
    """Open the desk on a database and stay until its window is closed; `config` is for an engine that it starts."""
    app = application()
    with event_loop(app) as loop:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(_stay(database_url, config))
    return 0


async def _stay(database_url: str, config: str) -> None:
    store = open_store(database_url)
    try:
        window = await open_desk(store, start_engine=True, config=config)
        with closed_by_signals(window):
            await closed(window)
    finally:
        store.close()


@contextmanager
def closed_by_signals(window: MainWindow) -> Iterator[None]:
    """An interrupt closes the window in order; its ticking timer lets Python see the signal soon."""
    wanted = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(one, lambda *_: window.close()) for one in wanted]
    try:
        yield
    finally:
        for one, handler in zip(wanted, before, strict=True):
            signal.signal(one, handler)


async def open_desk(
    store: Store, *, title: str = "", start_engine: bool = False, config: str = "", settings: QSettings | None = None
) -> MainWindow:
    """Show the window in the running loop. With `start_engine` an engine is started where none lives."""
    backend = StoreBackend(store)
    prepare = partial(engine_start.attach, store, backend, config) if start_engine else None
    return await open_window(backend, settings or user_settings(), title=title, prepare=prepare)


async def open_window(
    backend: Backend, settings: QSettings, *, title: str = "", prepare: Callable[[], object] | None = None
) -> MainWindow:
    """The window on any backend. `prepare` blocks on a worker thread before the first load."""
    app = application()
    chosen = theme.load(str(settings.value("theme", "") or theme.system_name()))
    theme.apply(app, chosen)
    windows: list[MainWindow] = []
    tasks = Tasks(lambda error: windows[0].say_error(error))
    windows.append(MainWindow(Desk(backend, tasks, settings, chosen), title))
    window = windows[0]
    window.refresh_notice = Refresh(backend, window)
    window.refresh_notice.changed.connect(window.on_change)
    window.prepare = prepare
    window.show()
    tasks.spawn(window.begin())
    return window


async def closed(window: MainWindow) -> None:
    """Wait until the window is closed, then end its threads."""
    if not window.is_closed:
        done = asyncio.get_running_loop().create_future()
        window.closed.connect(lambda: done.set_result(None))
        await done
    await end(window)


async def end(window: MainWindow) -> None:
    """Stop the change notice and the workers; the window can be deleted after that."""
    notice = window.refresh_notice
    if notice is not None:
        await window.desk.tasks.run(notice.stop)
    await window.desk.tasks.close()
    window.desk.settings.sync()
    window.deleteLater()
