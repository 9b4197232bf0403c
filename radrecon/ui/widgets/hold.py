"""The hold before sending: a bar that fills, and a way back until it is full."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from radrecon.ui.desk import Desk


class Hold(QWidget):
    """Runs for some seconds unless cancelled."""

    done = Signal()
    cancelled = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk, self.seconds = desk, 0.0
        self._clock = QElapsedTimer()
        self._timer = QTimer(self, interval=100)
        self._timer.timeout.connect(self._tick)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def running(self) -> bool:
        return self._timer.isActive()

    def sizeHint(self) -> QSize:
        return QSize(200, self.fontMetrics().height() + 14)

    def start(self, seconds: float) -> None:
        self.seconds = seconds
        self._clock.start()
        self._timer.start()
        self.show()
        self._tick()

    def cancel(self) -> None:
        if self.running:
            self._timer.stop()
            self.hide()
            self.cancelled.emit()

    @property
    def left(self) -> float:
        return max(self.seconds - self._clock.elapsed() / 1000, 0.0)

    def _tick(self) -> None:
        words = f"Sending in {self.left:.0f} s"
        self.setAccessibleName(words)
        self.update()
        if self.left <= 0:
            self._timer.stop()
            self.hide()
            self.done.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, rect = QPainter(self), self.desk.theme, self.rect().adjusted(0, 0, -1, -1)
        share = 1 - self.left / self.seconds if self.seconds else 1.0
        painter.fillRect(rect, theme.color("raised"))
        painter.fillRect(
            QRect(rect.x(), rect.y(), round(rect.width() * share), rect.height()), theme.color("selection")
        )
        painter.setPen(QPen(theme.color("accent"), 1))
        painter.drawRect(rect)
        painter.setPen(theme.color("text"))
        words = f"Sending in {self.left:.0f} s.  {self.desk.keys.text('back')} cancels"
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)
