"""The journal: every message in and out, raw and field by field with the fields' names."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from radrecon.ui import loads
from radrecon.ui.desk import Desk
from radrecon.ui.hl7_view import field_lines, shown
from radrecon.ui.models.columns import FIELDS, MESSAGES
from radrecon.ui.pages.page import Page, Place
from radrecon.ui.plain import label
from radrecon.ui.widgets.pane import Pane
from radrecon.ui.widgets.raw_text import RawText


class MessagesPage(Page):
    """Moving through the list loads the message that is current; a chosen field is marked in the raw text."""

    name, title = "messages", "Messages"
    topics = frozenset({"messages"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.list = Pane(desk, "messages", "Messages", MESSAGES, empty="No message yet")
        self.fields = Pane(desk, "message-fields", "Fields", FIELDS)
        self.raw = RawText(desk, "raw message")
        self._wanted, self._shown = 0, 0
        below = QSplitter(Qt.Orientation.Horizontal)
        below.addWidget(self.fields)
        right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(3)
        title = label("Raw")
        bold = title.font()
        bold.setBold(True)
        title.setFont(bold)
        beside.addWidget(title)
        beside.addWidget(self.raw)
        below.addWidget(right)
        below.setSizes([500, 500])
        below.setHandleWidth(7)
        down = QSplitter(Qt.Orientation.Vertical)
        down.addWidget(self.list)
        down.addWidget(below)
        down.setSizes([400, 300])
        down.setHandleWidth(7)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.addWidget(down)
        self.list.table.moved_to.connect(self._open_raw)
        self.list.table.opened.connect(lambda _: self.fields.table.enter())
        self.fields.table.moved_to.connect(lambda _: self._reveal())

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
            self.desk.tasks.spawn(self._load_raw(message_id))

    async def _load_raw(self, message_id: int) -> None:
        self._shown = message_id
        row = await self.desk.tasks.run(loads.message, self.desk.backend, message_id)
        if self._shown == message_id:
            self.raw.show_text(shown(row.raw))
            self.fields.show_rows(field_lines(row.raw))
            self.fields.note.setText(row.reason)

    def _reveal(self) -> None:
        line = self.fields.table.current_row
        if line is not None and self.fields.table.hasFocus():
            self.raw.reveal(line.start, len(line.text))

    def escape(self) -> bool:
        if self.fields.table.hasFocus() or self.raw.hasFocus():
            self.list.table.setFocus()
            return True
        return False
