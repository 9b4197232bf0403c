"""One HL7 message: its fields with their names beside the raw text; a chosen field is marked there."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from radrecon.model.rows import MessageRow
from radrecon.ui import loads
from radrecon.ui.desk import Desk
from radrecon.ui.hl7_view import field_lines, shown
from radrecon.ui.models.columns import FIELDS
from radrecon.ui.plain import label
from radrecon.ui.widgets.pane import Pane
from radrecon.ui.widgets.raw_text import RawText
from radrecon.ui.widgets.splitter import Splitter


class MessageView(QWidget):
    """`show_id` loads a message on a worker thread; a later choice wins over an earlier answer."""

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__()
        self.desk, self._wanted = desk, 0
        self.fields = Pane(desk, f"{name}-fields", "Fields", FIELDS)
        self.raw = RawText(desk, "raw message")
        self.title = label("Raw")
        bold = self.title.font()
        bold.setBold(True)
        self.title.setFont(bold)
        right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(3)
        beside.addWidget(self.title)
        beside.addWidget(self.raw)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(Splitter(desk, f"{name}-view", Qt.Orientation.Horizontal, (self.fields, right), (500, 500)))
        self.fields.table.moved_to.connect(lambda _: self._reveal())

    @property
    def has_focus(self) -> bool:
        return self.fields.table.hasFocus() or self.raw.hasFocus()

    def show_id(self, message_id: int) -> None:
        self._wanted = message_id
        if message_id:
            self.desk.tasks.spawn(self._load(message_id))
        else:
            self.raw.show_text("")
            self.fields.show_rows([])

    async def _load(self, message_id: int) -> None:
        row = await self.desk.tasks.run(loads.message, self.desk.backend, message_id)
        if self._wanted == message_id:
            self.show_message(row)

    def show_message(self, row: MessageRow) -> None:
        self.raw.show_text(shown(row.raw))
        self.fields.show_rows(field_lines(row.raw))
        self.fields.note.say(row.reason)

    def _reveal(self) -> None:
        line = self.fields.table.current_row
        if line is not None and self.fields.table.hasFocus():
            self.raw.reveal(line.start, len(line.text))
