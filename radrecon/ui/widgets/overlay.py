"""Panels over the window that never block it: the command palette, the sheet of keys, a question with a text field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from radrecon.store.query_text import fold
from radrecon.ui.desk import Desk
from radrecon.ui.keys import KEYS
from radrecon.ui.plain import label, one_line

Index = QModelIndex | QPersistentModelIndex


class Overlay(QFrame):
    """A panel in the upper middle of its window; Esc closes it and gives the focus back."""

    closed = Signal()

    def __init__(self, window: QWidget, name: str, width: int) -> None:
        super().__init__(window)
        self.setProperty("panel", True)
        self.setAccessibleName(name)
        self.setAutoFillBackground(True)
        self._around, self._width = window, width
        self._before: QWidget | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(14, 12, 14, 12)
        window.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.place()
        return False

    def place(self) -> None:
        window = self._around
        width = min(self._width, window.width() - 40)
        height = min(self.sizeHint().height(), window.height() - 80)
        self.setGeometry((window.width() - width) // 2, 52, width, height)

    def open(self) -> None:
        self._before = self._around.focusWidget()
        self.place()
        self.show()
        self.raise_()

    def dismiss(self) -> None:
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            event.ignore()


@dataclass(frozen=True)
class Command:
    """One entry of the palette; `available` is asked when the palette opens."""

    text: str
    key: str
    call: Callable[[], object]
    available: Callable[[], bool] = lambda: True


class PaletteLine(QLineEdit):
    """Up and Down move in the list below; Enter runs."""

    moved = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step:
            self.moved.emit(step)
        else:
            super().keyPressEvent(event)


class CommandDelegate(QStyledItemDelegate):
    """A command's words at the left, its key at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, option.fontMetrics.height() + 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        command: Command = index.data(Qt.ItemDataRole.UserRole)
        here = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(option.rect, option.palette.highlight() if here else option.palette.base())
        room, middle = option.rect.adjusted(8, 0, -8, 0), Qt.AlignmentFlag.AlignVCenter
        painter.setPen(option.palette.text().color())
        painter.drawText(room, middle, one_line(command.text))
        painter.setPen(option.palette.placeholderText().color())
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, command.key)


class Palette(Overlay):
    """Every command by name; words may come in any order."""

    def __init__(self, desk: Desk, window: QWidget, commands: Callable[[], Sequence[Command]]) -> None:
        super().__init__(window, "command palette", 560)
        self._all, self._commands = commands, list[Command]()
        self.line = PaletteLine()
        self.line.setPlaceholderText("Type a command")
        self.line.setAccessibleName("command")
        self.list = QListWidget()
        self.list.setAccessibleName("commands")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setItemDelegate(CommandDelegate(self.list))
        self.none = label("No command has these words")
        self.none.setProperty("muted", True)
        for widget in (self.line, self.none, self.list):
            self.column.addWidget(widget)
        self.line.textChanged.connect(self.narrow)
        self.line.returnPressed.connect(self.run_current)
        self.line.moved.connect(self._move)
        self.list.itemActivated.connect(self.run_current)

    def open(self) -> None:
        self._commands = [command for command in self._all() if command.available()]
        self.line.clear()
        self.narrow("")
        super().open()
        self.line.setFocus()

    def narrow(self, text: str) -> None:
        words = fold(text).split()
        self.list.clear()
        for command in self._commands:
            if all(word in fold(command.text) for word in words):
                item = QListWidgetItem(one_line(command.text))
                item.setData(Qt.ItemDataRole.UserRole, command)
                self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.none.setVisible(not self.list.count())

    def _move(self, step: int) -> None:
        if self.list.count():
            self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())

    def run_current(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            command: Command = item.data(Qt.ItemDataRole.UserRole)
            self.dismiss()
            command.call()


class KeysSheet(Overlay):
    """All keys and what they do."""

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__(window, "keys", 980)
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(3)
        half = (len(KEYS) + 2) // 2
        rows = [("1 – 9", "choose a candidate", "case"), *((desk.keys.text(k.name), k.text, k.where) for k in KEYS)]
        for place, (keys, text, where) in enumerate(rows):
            row, side = place % half, 3 * (place // half)
            for column, (word, muted) in enumerate(((keys, False), (text, False), (where, True))):
                made = label(word)
                made.setProperty("muted", muted)
                grid.addWidget(made, row, side + column)
        self.column.addWidget(label("Keys", "title"))
        self.column.addLayout(grid)
        note = label("Single letters do nothing inside text fields.  Esc closes this.")
        note.setProperty("muted", True)
        self.column.addWidget(note)

    def open(self) -> None:
        super().open()
        self.setFocus()


class Prompt(Overlay):
    """A question with one line of answer; Enter answers."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, "question", 560)
        self._answer: Callable[[str], object] = lambda _: None
        self.question = label("", "question", wraps=True)
        self.line = QLineEdit()
        self.line.setAccessibleName("answer")
        self.go = QPushButton("Enter")
        self.go.setProperty("primary", True)
        row = QHBoxLayout()
        row.addWidget(self.line, 1)
        row.addWidget(self.go)
        self.column.addWidget(self.question)
        self.column.addLayout(row)
        self.line.textChanged.connect(lambda text: self.go.setEnabled(bool(text.strip())))
        self.line.returnPressed.connect(self.answer)
        self.go.clicked.connect(self.answer)

    def ask(self, question: str, go: str, answer: Callable[[str], object]) -> None:
        self._answer = answer
        self.question.setText(one_line(question))
        self.go.setText(go)
        self.line.clear()
        self.go.setEnabled(False)
        self.open()
        self.line.setFocus()

    def answer(self) -> None:
        text = self.line.text().strip()
        if text:
            self.dismiss()
            self._answer(text)
