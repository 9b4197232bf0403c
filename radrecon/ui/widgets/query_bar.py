"""One query bar for the current screen: it says while one types whether the query can be understood."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QPushButton, QWidget

from radrecon.ui import query
from radrecon.ui.desk import Desk
from radrecon.ui.widgets.elided import Elided

HINT = "Filter this screen:  fischer   mrn:123   modality:CT   age>2h   -station:CT2"
NO_FILTER = "Nothing on this screen is filtered"


class QueryLine(QLineEdit):
    """Esc empties it, then leaves it; Enter and Down leave it to the list."""

    left = Signal()

    def event(self, event: QEvent) -> bool:
        asked = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if asked and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()  # ours, before it means back
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class QueryBar(QWidget):
    """Emits `changed` with a parsed query a moment after the last key."""

    changed = Signal(object)
    left = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QueryLine()
        self.line.setAccessibleName("query")
        self.line.setPlaceholderText(HINT)
        self.line.setClearButtonEnabled(True)
        completer = QCompleter([f"{key}:" for key in query.KEYS] + ["age>", "age<"], self)
        completer.setCompletionMode(QCompleter.CompletionMode.InlineCompletion)
        self.line.setCompleter(completer)
        self.problem = Elided("problem with the query")
        self.problem.setProperty("tone", "bad")
        self.problem.hide()
        self.commands = QPushButton(f"Commands  {desk.keys.text('palette')}")
        self.help = QPushButton(f"Keys  {desk.keys.text('help')}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in ((self.line, 1), (self.problem, 1), (self.commands, 0), (self.help, 0)):
            row.addWidget(widget, stretch)
        for button in (self.commands, self.help):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._timer = QTimer(self, singleShot=True, interval=180)
        self._timer.timeout.connect(lambda: self.changed.emit(self.query))
        self.line.textChanged.connect(self._check)
        self.line.left.connect(self.left)

    @property
    def query(self) -> query.Query:
        return query.parse(self.line.text())

    def _check(self) -> None:
        problem = self.query.problem
        self.problem.say(f"▲ {problem}", problem)
        self.problem.setVisible(bool(problem))
        if not problem:
            self._timer.start()

    def show_query(self, text: str, *, can_filter: bool = True) -> None:
        """Put a page's own query back without asking for a reload."""
        self.line.setEnabled(can_filter)
        self.line.setPlaceholderText(HINT if can_filter else NO_FILTER)
        self.line.setText(text)  # with its signals, by which the line's own button for clearing comes and goes
        self._timer.stop()
        self.problem.hide()
