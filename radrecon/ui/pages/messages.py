"""The journal: every message in and out, raw and field by field with the fields' names."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from radrecon.ui import loads
from radrecon.ui.desk import Desk
from radrecon.ui.models.columns import MESSAGES
from radrecon.ui.pages.page import Page, Place
from radrecon.ui.widgets.message_view import MessageView
from radrecon.ui.widgets.pane import Pane
from radrecon.ui.widgets.splitter import Splitter


class MessagesPage(Page):
    """Moving through the list loads the message that is current; a chosen field is marked in the raw text."""

    name, title = "messages", "Messages"
    topics = frozenset({"messages"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.list = Pane(desk, "messages", "Messages", MESSAGES, empty="No message yet")
        self.view = MessageView(desk, "message")
        self.fields, self.raw = self.view.fields, self.view.raw
        self._wanted = 0
        down = Splitter(desk, "messages", Qt.Orientation.Vertical, (self.list, self.view), (400, 300))
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.addWidget(down)
        self.list.table.moved_to.connect(self._open_raw)
        self.list.table.opened.connect(lambda _: self.fields.table.enter())

    async def load(self) -> None:
        rows = await self.desk.tasks.run(loads.messages, self.desk.backend, self.query)
        self.list.show_rows(rows, 200)
        if self._wanted:
            if not self.list.table.go_to(self._wanted):
                self._open_raw(self._wanted)
            self._wanted = 0
        elif not self.list.table.currentIndex().isValid():
            self.list.table.step(1)

    def open_row(self, place: Place) -> None:
        self._wanted = place.row_id
        self.reload()

    def focus_first(self) -> None:
        self.list.table.enter()

    def _open_raw(self, message_id: int) -> None:
        if message_id:
            self.view.show_id(message_id)

    def escape(self) -> bool:
        if self.view.has_focus:
            self.list.table.setFocus()
            return True
        return False
