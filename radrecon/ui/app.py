"""The desk as a program: one QApplication under qasync's loop, one window, one store."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from typing import Any

import PySide6  # noqa: F401  before qasync, which takes the binding that it finds
import qasync
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from radrecon.store.database import Store, open_store
from radrecon.ui import engine_start, theme
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


def event_loop(app: QApplication) -> Any:
    return qasync.QEventLoop(app)


def main(database_url: str) -> int:
    """Open the desk on a database and stay until its window is closed."""
    app = application()
    with event_loop(app) as loop:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(_stay(database_url))
    return 0


async def _stay(database_url: str) -> None:
    store = open_store(database_url)
    try:
        window = await open_desk(store, start_engine=True)
        previous = signal.signal(signal.SIGINT, lambda *_: window.close())
        await closed(window)
        signal.signal(signal.SIGINT, previous)
    finally:
        store.close()


async def open_desk(
    store: Store, *, title: str = "", start_engine: bool = False, settings: QSettings | None = None
) -> MainWindow:
    """Show the window in the running loop. With `start_engine` an engine is started where none lives."""
    backend = StoreBackend(store)
    prepare = _preparer(store, backend) if start_engine else None
    return await open_window(backend, settings or user_settings(), title=title, prepare=prepare)


def _preparer(store: Store, backend: Backend) -> Callable[[], object]:
    url = store.url.render_as_string(hide_password=False)
    return lambda: engine_start.attach(store, backend, url)


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
    window.show()
    tasks.spawn(_live(window, prepare))
    return window


async def _live(window: MainWindow, prepare: Callable[[], object] | None) -> None:
    """Bring the engine up, then listen for changes and load what is on the screen."""
    tasks = window.desk.tasks
    if prepare is not None:
        window.banner.say("Starting the engine …", "warn")
        await tasks.run(prepare)
        window.banner.hide()
    if window.refresh_notice is not None:
        await tasks.run(window.refresh_notice.start)
    window.refresh()


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
