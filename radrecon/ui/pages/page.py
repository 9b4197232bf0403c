"""What every page is: it loads when something that it shows has changed, keeps its query, asks to go elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from radrecon.model.correction import Plan
from radrecon.ui.backend import Topics
from radrecon.ui.desk import Desk
from radrecon.ui.query import Query
from radrecon.ui.widgets.overlay import Command
from radrecon.ui.widgets.rows_table import RowsTable

BREATH, LONGEST_BREATH = 3.0, 2.0


@dataclass(frozen=True)
class Place:
    """Where to go: a page, a row there, and what is proposed (`reason`: of a correction)."""

    page: str
    row_id: int = 0
    order_id: int = 0
    plan: Plan | None = None
    reason: str = ""


@dataclass(frozen=True)
class Question:
    """To be asked in a panel; `answer` is called with what was typed."""

    text: str
    go: str
    answer: Any


async def breath(begun: float, again: bool) -> None:
    """Before loading once more: where a load takes long, loading must not be all that the machine does."""
    if again:
        await asyncio.sleep(min(BREATH * (time.monotonic() - begun), LONGEST_BREATH))


class Page(QWidget):
    """`trouble` says (text, tone) in the banner; `changed` tells everybody which topics a verb has changed;
    `can_filter`: its lists follow the query bar.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    topics: ClassVar[Topics] = frozenset()
    can_filter: ClassVar[bool] = False
    trouble = Signal(str, str)
    went = Signal(object)
    left = Signal()
    asked = Signal(object)
    changed = Signal(object)
    loaded = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.query = desk, Query()
        self._loading = self._again = False
        self._stale = True
        self.setAccessibleName(self.title)

    async def load(self) -> None:
        """Fetch on a worker thread, then show."""
        raise NotImplementedError

    def tick(self, now: datetime) -> None:
        """Move the live ages."""

    def focus_first(self) -> None:
        """Put the focus where work begins."""

    def open_row(self, place: Place) -> None:
        """Show this row when the page is gone to."""

    def commands(self) -> list[Command]:
        """What the palette offers while this page is shown."""
        return []

    def escape(self) -> bool:
        """Esc first belongs to the page; True if it used it."""
        return False

    def undo(self) -> bool:
        """Ctrl+Z first belongs to the page; True if it used it."""
        return False

    # reloading

    def reload(self) -> None:
        """Load now if anybody looks, else when they come back; never twice at once."""
        self._stale = True
        if self.isVisible() and self.desk.live and not self._loading:
            self._loading, self._stale = True, False
            self.desk.tasks.spawn(self._load())
        elif self._loading:
            self._again = True

    async def _load(self) -> None:
        begun = time.monotonic()
        try:
            await self.load()
            self._settle_focus()
            self.loaded.emit()
            await breath(begun, self._again)
        finally:
            self._loading = False
            if self._again:
                self._again = False
                self.reload()

    def _settle_focus(self) -> None:
        """A list that got the focus while it was empty makes its first row current."""
        table = self.window().focusWidget()
        if isinstance(table, RowsTable) and self.isAncestorOf(table) and not table.currentIndex().isValid():
            table.step(1)

    def on_change(self, topics: Topics) -> None:
        if topics & self.topics:
            self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.reload()

    @property
    def is_filtered(self) -> bool:
        return bool(self.query.text)

    def filter(self, query: Query) -> None:
        self.query = query
        self.reload()

    # verbs

    def go_on(self, place: Place) -> None:
        """Go there with what was asked for here; an answer that comes late takes nobody away from other work."""
        if self.isVisible():
            self.went.emit(place)

    def do(self, verb: Coroutine[Any, Any, Topics]) -> None:
        """Run a verb and tell what it changed."""
        self.desk.tasks.spawn(self._do(verb))

    async def _do(self, verb: Coroutine[Any, Any, Topics]) -> None:
        self.changed.emit(await verb)
