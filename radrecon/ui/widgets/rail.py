"""The left rail: one entry per screen, each with its live count."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from radrecon.ui.desk import Desk
from radrecon.ui.icons import pixmap
from radrecon.ui.plain import tooltip


class RailButton(QAbstractButton):
    """Icon, word, count; the current one has a bar and bold type."""

    def __init__(self, desk: Desk, name: str, word: str, key: str) -> None:
        super().__init__()
        self.desk, self.name, self.word, self.count = desk, name, word, ""
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setText(word)
        self.setAccessibleName(word)
        self.setToolTip(tooltip(f"{word}  ({key})"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("Messages  00,000") + 46, self.fontMetrics().height() + 16)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def set_count(self, count: int, more: bool = False) -> None:
        self.count = (f"{count:,}" if count < 100_000 else f"{count // 1000:,} k") + ("+" if more else "")
        self.setAccessibleName(f"{self.word}, {count}{' or more' if more else ''}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.desk.theme
        rect, here = self.rect(), self.isChecked()
        if here or self.underMouse() or self.hasFocus():
            painter.fillRect(rect, theme.color("selection" if here else "raised"))
        if here:
            painter.fillRect(0, 0, 3, rect.height(), theme.color("accent"))
        color = theme.text if here else theme.muted
        middle = (rect.height() - 16) // 2
        painter.drawPixmap(12, middle, pixmap(self.name, color, 16, self.devicePixelRatioF()))
        font = self.font()
        font.setBold(here)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        painter.drawText(QRect(36, 0, rect.width() - 36, rect.height()), Qt.AlignmentFlag.AlignVCenter, self.word)
        painter.setFont(self.font())
        painter.setPen(theme.color("text" if here else "muted"))
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect.adjusted(0, 0, -10, 0), side, self.count)


class Rail(QWidget):
    """The entries, from top to bottom. `chosen` carries the page's name."""

    chosen = Signal(str)

    def __init__(self, desk: Desk, entries: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("screens")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(1)
        self.buttons: dict[str, RailButton] = {}
        for name, word, key in entries:
            button = RailButton(desk, name, word, key)
            button.clicked.connect(lambda _=False, name=name: self.chosen.emit(name))
            column.addWidget(button)
            self.buttons[name] = button
        column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def show_counts(self, counts: Mapping[str, int], more: Collection[str] = ()) -> None:
        """`more`: those of which no more were counted."""
        for name, count in counts.items():
            self.buttons[name].set_count(count, name in more)

    def mark(self, name: str) -> None:
        if name in self.buttons:
            self.buttons[name].setChecked(True)
            self.update()
