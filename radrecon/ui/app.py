"""The desk as a program: one QApplication under qasync's loop, one window, one store.

The window shows before the database's libraries are loaded, which takes longer than all the rest.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import PySide6  # noqa: F401  before qasync, which takes the binding that it finds
import qasync
from PySide6.QtCore import QEvent, QObject, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from radrecon.model.errors import Trouble
from radrecon.ui import garbage, screen, theme
from radrecon.ui.backend import Backend
from radrecon.ui.desk import Desk
from radrecon.ui.late_backend import LateBackend
from radrecon.ui.main_window import MainWindow
from radrecon.ui.refresh import Refresh
from radrecon.ui.tasks import Tasks

if TYPE_CHECKING:
    from radrecon.store.database import Store

Result = TypeVar("Result")
UNSEEN_SECONDS = 1.0


def application(without_screen: Callable[[str], object] = screen.say_missing) -> QApplication:
    """The one QApplication, made if there is none; closing a window does not end it, the loop does.

    `without_screen` is told why where no window can be shown, and the program ends there.
    """
    found = QApplication.instance()
    with screen.needed(without_screen):
        app = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("radrecon")
    app.setOrganizationName("radrecon")
    app.setDesktopFileName("radrecon")  # by it a session finds the icon
    app.setQuitOnLastWindowClosed(False)
    return app


def user_settings() -> QSettings:
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "radrecon", "desk")


@contextmanager
def event_loop(app: QApplication) -> Iterator[Any]:
    """The loop that a window lives in; on the way out what is left of windows ends on this thread."""
    quits = Quit(app)
    app.installEventFilter(quits)
    try:
        with garbage.collected_here(app), qasync.QEventLoop(app) as loop:
            yield loop
    finally:
        app.removeEventFilter(quits)


def run(app: QApplication, loop: Any, work: Coroutine[Any, Any, Result]) -> Result:
    """What the work returns. Raises Trouble where Qt ends its loop before, as it does where the screen is gone."""
    task, early = loop.create_task(work), list[bool]()
    app.aboutToQuit.connect(lambda: early.append(not task.done()))
    try:
        result: Result = loop.run_until_complete(task)
    except RuntimeError as error:
        if any(early):
            raise Trouble("The screen is gone, and the window with it") from error
        raise
    return result


class Quit(QObject):
    """A session that ends, or a menu that quits the program, closes the windows; the loop ends with what they end."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Quit:
            return False
        QApplication.closeAllWindows()
        return True


def main(where: Callable[[], str], config: str = "") -> int:
    """Open the desk on a database and stay until its window is closed.

    `where` tells the database's URL, once the window shows; `config` is for an engine that the desk starts.
    """
    app = application()
    with event_loop(app) as loop:
        asyncio.set_event_loop(loop)
        run(app, loop, _stay(where, config))
    return 0


async def _stay(where: Callable[[], str], config: str) -> None:
    backend = LateBackend(where)
    try:
        window = await open_window(cast(Backend, backend), user_settings(), prepare=partial(backend.attach, config))
        with closed_by_signals(window):
            await closed(window)
    finally:
        backend.close()


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


async def open_desk(store: Store, *, title: str = "", settings: QSettings | None = None) -> MainWindow:
    """Show the window on a database that is open, in the running loop."""
    from radrecon.ui.store_backend import StoreBackend

    return await open_window(StoreBackend(store), settings or user_settings(), title=title)


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
    paint = FirstPaint(window)
    window.show()
    tasks.spawn(_begin(window, paint))
    return window


async def _begin(window: MainWindow, paint: FirstPaint) -> None:
    """What comes next takes the interpreter for itself: the window is to be seen before."""
    await paint.wait()
    await window.begin()


class FirstPaint(QObject):
    """The first time that a window is drawn; one that nobody sees is not waited for long."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._seen = asyncio.Event()
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            # the event comes before its drawing: in the next turn that is on the screen
            QTimer.singleShot(0, self._seen.set)
        return False

    async def wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(UNSEEN_SECONDS):
                await self._seen.wait()


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
