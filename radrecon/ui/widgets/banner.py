"""The banner: what went wrong, why, and what to do, in a line under the query bar. Never a modal box."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from radrecon.ui.desk import Desk
from radrecon.ui.plain import button_text, label, one_line

PASSING_MS = 8000  # good news goes by itself, trouble stays until it is read
GLYPHS = {"bad": "▲", "warn": "◆", "good": "✓"}


class Banner(QFrame):
    """One line with a glyph; an optional action. Hidden while there is nothing to say."""

    acted = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk, self.tone, self._stays = desk, "bad", True
        self.setAccessibleName("banner")
        self.words = label("", "message", wraps=True)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.action = QPushButton()
        self.action.setAccessibleName("what to do")
        self.close_button = QPushButton("Close  Esc")
        self.close_button.setAccessibleName("close the banner")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 5, 6, 5)
        row.addWidget(self.words, 1)
        row.addWidget(self.action)
        row.addWidget(self.close_button)
        self.action.clicked.connect(self.acted)
        self.close_button.clicked.connect(self.hide)
        self._passing = QTimer(self, singleShot=True, interval=PASSING_MS)
        self._passing.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        return self.words.text()

    def say(self, text: str, tone: str = "bad", action: str = "", *, stays: bool = False) -> None:
        """Good news goes by itself unless it `stays`."""
        self.tone, self._stays = tone, stays or bool(action) or tone == "bad"
        self.words.setText(f"{GLYPHS.get(tone, '')}  {one_line(text)}")
        self.action.setVisible(bool(action))
        self.action.setText(button_text(action))
        self.show()
        self.update()
        if tone == "good" and not stays:
            self._passing.start()
        else:
            self._passing.stop()

    def turned(self) -> None:
        """Another page is shown: a hint about the last one goes with it, trouble and what can be acted on stay."""
        if not self._stays:
            self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.desk.theme
        painter.fillRect(self.rect(), theme.color("raised"))
        painter.fillRect(0, 0, 4, self.height(), theme.color(self.tone))
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
