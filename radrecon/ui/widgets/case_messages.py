"""The messages of one case: those that its timeline names, each with its fields and its raw text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from radrecon.model.rows import TimelineRow
from radrecon.ui.desk import Desk
from radrecon.ui.models.columns import CASE_MESSAGES, TimelineLine
from radrecon.ui.widgets.message_view import MessageView
from radrecon.ui.widgets.pane import Pane
from radrecon.ui.widgets.splitter import Splitter


class CaseMessages(QWidget):
    """A list beside the message that is current; `opened` carries the id of one that is wanted on its own page."""

    opened = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.list = Pane(desk, "case-messages", "Messages", CASE_MESSAGES, empty="No message names this case")
        self.list.head.hide()
        self.view = MessageView(desk, "case-message")
        self.table = self.list.table
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(Splitter(desk, "case-messages", Qt.Orientation.Horizontal, (self.list, self.view), (300, 700)))
        self.table.moved_to.connect(self.view.show_id)
        self.table.opened.connect(self.opened)

    def show_events(self, timeline: Sequence[TimelineRow]) -> None:
        """One line per message, told by the last event that names it; the newest first."""
        named = {row.message_id: TimelineLine(row.message_id, row) for row in timeline if row.message_id}
        self.list.show_rows(sorted(named.values(), key=lambda line: (line.row.at, line.id), reverse=True))
        if not self.table.currentIndex().isValid():
            self.table.step(1)

    def go_to(self, message_id: int) -> None:
        if message_id:
            self.table.go_to(message_id)

    def enter(self) -> None:
        self.table.enter()

    def escape(self) -> bool:
        """From the fields back to the list; False where the list had the keys already."""
        inside = self.view.has_focus
        if inside:
            self.table.setFocus()
        return inside
