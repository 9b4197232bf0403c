"""First start: what is watched since when, and per feed a bar of how much of it can be judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from radrecon.model.rows import PacsStateRow, Summary
from radrecon.ui.desk import Desk
from radrecon.ui.plain import one_line
from radrecon.ui.sentences import observing
from radrecon.ui.times import local

BAR = 72


@dataclass(frozen=True)
class Feed:
    """`share` of the bar is filled; None where nothing is known yet."""

    name: str
    share: float | None
    words: str


def feeds(summary: Summary, pacs: Sequence[PacsStateRow], now: datetime) -> list[Feed]:
    heard = summary.coverage_from
    orders = Feed("orders", 1.0 if heard else None, f"heard since {local(heard, now)}" if heard else "none heard yet")
    judged = max(summary.studies - summary.studies_not_judged, 0)
    share = judged / summary.studies if summary.studies else None
    looked = [Feed(p.name, share if p.baseline_done else None, _looked(p, judged, summary.studies)) for p in pacs]
    return [orders, *looked]


def _looked(state: PacsStateRow, judged: int, studies: int) -> str:
    if not state.baseline_done:
        return f"first look under way, {state.studies:,} seen"
    return f"{judged:,} of {studies:,} studies judged"


class Coverage(QWidget):
    """One line; hidden once sending is on somewhere."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.line, self._feeds = desk, "", list[Feed]()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_rows(self, summary: Summary, pacs: Sequence[PacsStateRow], now: datetime) -> None:
        self.line, self._feeds = observing(summary, pacs), feeds(summary, pacs, now)
        self.setAccessibleName(" ".join([self.line, *(f"{feed.name}: {feed.words}." for feed in self._feeds)]))
        self.setVisible(bool(self.line))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, 2 * self.fontMetrics().height() + 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, metrics = QPainter(self), self.desk.theme, self.fontMetrics()
        painter.fillRect(self.rect(), theme.color("raised"))
        painter.fillRect(0, 0, 4, self.height(), theme.color("muted"))
        painter.setPen(theme.color("text"))
        half = self.height() // 2
        top = QRect(14, 2, self.width() - 20, half)
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, f"○ {one_line(self.line)}")
        left = 14
        for feed in self._feeds:
            left = self._feed(painter, feed, left, half, metrics.height())

    def _feed(self, painter: QPainter, feed: Feed, left: int, top: int, height: int) -> int:
        theme, metrics = self.desk.theme, self.fontMetrics()
        box = QRect(left, top, self.width() - left, height + 4)
        painter.setPen(theme.color("muted"))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, one_line(feed.name))
        left += metrics.horizontalAdvance(feed.name) + 8
        bar = QRect(left, top + (height + 4) // 2 - 4, BAR, 8)
        if feed.share is not None:
            painter.fillRect(bar.adjusted(0, 0, -round(BAR * (1 - feed.share)), 0), theme.color("good"))
        painter.setPen(QPen(theme.color("muted"), 1))
        painter.drawRect(bar)
        left += BAR + 8
        painter.drawText(QRect(left, top, self.width(), height + 4), Qt.AlignmentFlag.AlignVCenter, feed.words)
        return left + metrics.horizontalAdvance(feed.words) + 26
