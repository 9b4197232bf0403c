"""The frame and navigation: rail, query bar, banner, pages, bottom strip. What pages do is the pages' own business."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import structlog
from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from radrecon.model.errors import DatabaseDown, SchemaMismatch, Trouble
from radrecon.model.rows import EngineState
from radrecon.ui import icons, loads, theme
from radrecon.ui.backend import Topics
from radrecon.ui.desk import Desk
from radrecon.ui.loads import ShellRows
from radrecon.ui.pages.case import CasePage
from radrecon.ui.pages.decisions import DecisionsPage
from radrecon.ui.pages.messages import MessagesPage
from radrecon.ui.pages.outbox import OutboxPage
from radrecon.ui.pages.page import Page, Place, Question, breath
from radrecon.ui.pages.preview import PreviewPage
from radrecon.ui.pages.studies import StudiesPage
from radrecon.ui.pages.triage import TriagePage
from radrecon.ui.pages.worklist import WorklistPage
from radrecon.ui.query import Query
from radrecon.ui.query import parse as parse_query
from radrecon.ui.refresh import Refresh
from radrecon.ui.sentences import engine_trouble
from radrecon.ui.widgets.banner import Banner
from radrecon.ui.widgets.overlay import Command, KeysSheet, Overlay, Palette, Prompt
from radrecon.ui.widgets.query_bar import QueryBar
from radrecon.ui.widgets.rail import Rail
from radrecon.ui.widgets.strip import Strip

log = structlog.get_logger()
PAGES = (TriagePage, WorklistPage, StudiesPage, MessagesPage, OutboxPage, DecisionsPage, CasePage, PreviewPage)
RAIL = ("triage", "worklist", "studies", "messages", "outbox", "decisions")
TICK_MS = 1000
SIZE, FRAME = QSize(1366, 768), 40  # FRAME: what a window manager puts around, pixels at most
ENGINE_TICKS = 2  # a stopped heart tells nobody: it is looked at
SHELL_TOPICS = frozenset(
    {"orders", "studies", "cases", "messages", "deliveries", "worklist", "life", "pacs", "settings"}
)
BACK = "The database answers again; what is shown was loaded anew."
TRY_AGAIN, START_ENGINE = "Try again", "Start the engine"
BUG = "Something went wrong inside radrecon; it is written to the log. What was asked for may not have happened."


class MainWindow(QMainWindow):
    """One window. Esc goes back along `trail`; `closed` is emitted once, when it has been closed."""

    closed = Signal()

    def __init__(self, desk: Desk, title: str = "") -> None:
        super().__init__()
        self.desk = desk
        self.setWindowTitle(f"{title} — radrecon" if title else "radrecon")
        self.setWindowIcon(icons.icon("radrecon", desk.theme.accent))
        self.pages: dict[str, Page] = {page.name: page(desk) for page in PAGES}
        self.trail: list[str] = []
        self.shell: ShellRows | None = None
        self.refresh_notice: Refresh | None = None
        self.is_closed = False
        self.prepare: Callable[[], object] | None = None
        self._preparing = self._looking = False
        self._ticks, self._told = 0, ""
        self._lost = self._away = False
        self._shell_loading = self._shell_again = False
        self._build()
        self._wire()
        self._shortcuts()
        self._remembered()
        self.go(Place("triage"))

    # building

    def _build(self) -> None:
        entries = [(n, self.pages[n].title, self.desk.keys.text(f"go_{n}")) for n in RAIL]
        self.rail, self.strip = Rail(self.desk, entries), Strip(self.desk)
        self.query_bar, self.banner = QueryBar(self.desk), Banner(self.desk)
        self.stack = QStackedWidget()
        for page in self.pages.values():
            self.stack.addWidget(page)
        self.palette_panel = Palette(self.desk, self, self.commands)
        self.keys_panel, self.prompt = KeysSheet(self.desk, self), Prompt(self)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        top = QHBoxLayout()
        top.setContentsMargins(10, 6, 10, 4)
        top.addWidget(self.query_bar)
        right.addLayout(top)
        right.addWidget(self.banner)
        right.addWidget(self.stack, 1)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addLayout(right, 1)
        frame = QWidget()
        whole = QVBoxLayout(frame)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(middle, 1)
        whole.addWidget(self.strip)
        self.setCentralWidget(frame)

    def _wire(self) -> None:
        for page in self.pages.values():
            page.trouble.connect(self.banner.say)
            page.went.connect(self.go)
            page.left.connect(self.go_back)
            page.asked.connect(self._ask)
            page.changed.connect(self.on_change)
        self.rail.chosen.connect(lambda name: self.go(Place(name)))
        self.query_bar.changed.connect(self._filter)
        self.query_bar.left.connect(lambda: self.page.focus_first())
        self.query_bar.commands.clicked.connect(self.palette_panel.open)
        self.query_bar.help.clicked.connect(self.keys_panel.open)
        self.banner.acted.connect(lambda: self.desk.tasks.spawn(self.begin()))
        self._ticker = QTimer(self, interval=TICK_MS)
        self._ticker.timeout.connect(lambda: self.tick(self.desk.now()))
        self._ticker.start()

    def _shortcuts(self) -> None:
        keys = self.desk.keys
        for name in RAIL:
            keys.bind(f"go_{name}", self, partial(self.go, Place(name)), window=True)
        for name, call in (
            ("query", self._to_query),
            ("palette", self.palette_panel.open),
            ("help", self.keys_panel.open),
            ("refresh", self.refresh),
            ("back", self.escape),
            ("undo", self.undo),
            ("theme", self.switch_theme),
        ):
            keys.bind(name, self, call, window=True)

    def _remembered(self) -> None:
        geometry = self.desk.settings.value("window/geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.first_size(self.screen().availableSize())

    def first_size(self, room: QSize) -> None:
        """As designed where the screen has room for it with its frame; else maximized: the bottom strip stays seen."""
        self.resize(SIZE)
        if room.width() < SIZE.width() + FRAME or room.height() < SIZE.height() + FRAME:
            self.setWindowState(Qt.WindowState.WindowMaximized)

    # navigation

    @property
    def page(self) -> Page:
        found = self.stack.currentWidget()
        assert isinstance(found, Page)
        return found

    def go(self, place: Place) -> None:
        """Show a page; pages of the rail start a new trail."""
        if self.trail and self.trail[-1] != place.page and place.page in RAIL and place.page != "messages":
            self.trail = []
        if not self.trail or self.trail[-1] != place.page:
            self.trail.append(place.page)
        self._show(place)

    def go_back(self) -> None:
        """Back to where this page was opened from."""
        if len(self.trail) > 1:
            self.trail.pop()
        elif self.trail[-1:] != ["triage"]:
            self.trail = ["triage"]
        self._show(Place(self.trail[-1]))

    def _show(self, place: Place) -> None:
        page = self.pages[place.page]
        if page is not self.page:
            self.banner.turned()
        self.stack.setCurrentWidget(page)
        self.rail.mark(place.page)
        self.query_bar.show_query(page.query.text, can_filter=page.can_filter)
        if place.row_id or place.plan:
            page.open_row(place)
        page.focus_first()

    def escape(self) -> None:
        """Esc: a panel, then what the page itself holds open, then the banner, then back."""
        for panel in self._panels:
            if panel.isVisible():
                panel.dismiss()
                return
        if self.page.escape():
            return
        if self.banner.isVisible():
            self.banner.hide()
        elif len(self.trail) > 1 or self.trail != ["triage"]:
            self.go_back()

    @property
    def _panels(self) -> tuple[Overlay, ...]:
        return (self.palette_panel, self.keys_panel, self.prompt)

    def undo(self) -> None:
        if not self.page.undo():
            self.go(Place("outbox"))
            self.banner.say("Choose the correction to undo, then press the key again.", "warn")

    def _to_query(self) -> None:
        self.query_bar.line.setFocus()
        self.query_bar.line.selectAll()

    def _filter(self, query: Query) -> None:
        self.page.filter(query)

    def _ask(self, question: Question) -> None:
        self.prompt.ask(question.text, question.go, question.answer)

    def commands(self) -> Sequence[Command]:
        keys = self.desk.keys
        go = [Command(f"Go to {self.pages[n].title}", keys.text(f"go_{n}"), partial(self.go, Place(n))) for n in RAIL]
        return [
            *self.page.commands(),
            *go,
            Command("Refresh", keys.text("refresh"), self.refresh),
            Command("Switch between light and dark", keys.text("theme"), self.switch_theme),
            Command("Show the keys", keys.text("help"), self.keys_panel.open),
            Command("Close the window", "", self.close),
        ]

    # life

    async def begin(self) -> None:
        """Bring the engine up where the desk may, then listen for changes and load what is on the screen."""
        if self._preparing:
            return
        self._preparing = True
        try:
            await self._prepare()
        finally:
            self._preparing = False

    async def _prepare(self) -> None:
        tasks = self.desk.tasks
        if self.prepare is not None and not await self._engine_up(self.prepare):
            return
        if self.refresh_notice is not None:
            await tasks.run(self.refresh_notice.start)
        self.desk.live = True
        self.refresh()

    async def _engine_up(self, prepare: Callable[[], object]) -> bool:
        """Whether the database can be shown; where the engine did not come up, what is there is shown without it."""
        self.banner.say("Looking for the engine, and starting it where none runs …", "warn")
        try:
            await self.desk.tasks.run(prepare)
        except Trouble as trouble:
            self.banner.say(str(trouble), "bad", TRY_AGAIN)
            return not isinstance(trouble, SchemaMismatch)
        self.banner.hide()
        return True

    async def _look_at_engine(self) -> None:
        """The engine's state in the strip; where it ceased, a line with what to do."""
        if self._looking or (self.shell is None and not self._lost):
            return
        self._looking = True
        try:
            state = await self.desk.tasks.run(loads.engine, self.desk.backend)
        except DatabaseDown:
            self._away = True
            raise
        finally:
            self._looking = False
        if self._lost:
            self._answers_again()
        self._show_engine(state)

    def _show_engine(self, state: EngineState) -> None:
        if self.shell is not None:
            self.shell = dataclasses.replace(self.shell, engine=state)
            self.strip.show_rows(self.shell, self.desk.now())
        self.say_engine(state)

    def _answers_again(self) -> None:
        """What could not be loaded while the database was away is loaded now: nobody may tell of it a second time."""
        if self._away:
            self.banner.say(BACK, "good")
        self._lost = self._away = False
        self.refresh()

    def say_engine(self, state: EngineState) -> None:
        """Once when it ceases, and away again when it is back."""
        trouble = engine_trouble(state)
        if trouble and trouble != self._told and not self._preparing:
            self.banner.say(trouble, "bad", START_ENGINE if self.prepare is not None else "")
        elif self._told and not trouble and self.banner.text.endswith(self._told):
            self.banner.hide()
        self._told = trouble

    # what is shown

    def on_change(self, topics: Topics) -> None:
        """Something changed, here or elsewhere: every page decides for itself."""
        for page in self.pages.values():
            page.on_change(topics)
        if topics & SHELL_TOPICS:
            self.reload_shell()

    def refresh(self) -> None:
        """Load anew what is on the screen; the other pages do when they are shown."""
        for page in self.pages.values():
            page.reload()
        self.reload_shell()

    def reload_shell(self) -> None:
        self._shell_again = True
        if self.desk.live and not self._shell_loading:
            self._shell_loading = True
            self.desk.tasks.spawn(self._load_shell())

    async def _load_shell(self) -> None:
        try:
            while self._shell_again:
                self._shell_again, begun = False, time.monotonic()
                self.show_shell(await self.desk.tasks.run(loads.shell, self.desk.backend))
                await breath(begun, self._shell_again)
        finally:
            self._shell_loading = False

    def show_shell(self, rows: ShellRows) -> None:
        self.shell = rows
        summary = rows.summary
        self.rail.show_counts({
            "triage": sum(summary.cases.values()),
            "worklist": rows.worklist,
            "studies": summary.studies,
            "messages": summary.messages,
            "outbox": summary.deliveries_unfinished + summary.deliveries_in_trouble,
        }, more={"worklist"} if rows.worklist >= loads.WORKLIST_LIMIT else ())  # fmt: skip
        self.strip.show_rows(rows, self.desk.now())

    def tick(self, now: datetime) -> None:
        self.page.tick(now)
        if self.shell is not None:
            self.strip.show_rows(self.shell, now)
        self._ticks += 1
        if self.desk.live and not self._ticks % ENGINE_TICKS:
            self.desk.tasks.spawn(self._look_at_engine())

    def say_error(self, error: BaseException) -> None:
        """Trouble is a line for the person; anything else is a bug and goes to the log as well."""
        self._lost = self._lost or isinstance(error, DatabaseDown)
        if isinstance(error, Trouble):
            self.banner.say(str(error))
        elif not isinstance(error, asyncio.CancelledError):
            log.error("desk.bug", exc_info=(type(error), error, error.__traceback__))
            self.banner.say(BUG)

    def switch_theme(self) -> None:
        name = "light" if self.desk.theme.name == "dark" else "dark"
        self.desk.settings.setValue("theme", name)
        self.show_theme(theme.load(name))

    def show_theme(self, chosen: theme.Theme) -> None:
        self.desk.theme = chosen
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, chosen)
        self.setWindowIcon(icons.icon("radrecon", chosen.accent))
        self.tick(self.desk.now())

    def set_query(self, text: str) -> None:
        """Filter the current page as if the text had been typed."""
        self.query_bar.show_query(text)
        self.page.filter(parse_query(text))

    def closeEvent(self, event: QCloseEvent) -> None:
        self._ticker.stop()
        self.desk.settings.setValue("window/geometry", self.saveGeometry())
        super().closeEvent(event)
        self.is_closed = True
        self.closed.emit()
