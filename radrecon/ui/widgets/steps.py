"""A delivery's states drawn as steps, with the word of the present one: a shape and a word, then a colour."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyleOptionViewItem

from radrecon.ui.models.rows_model import SPREAD_ROLE
from radrecon.ui.widgets.cells import PADDING, CellDelegate, Index

STEPS = ("queued", "sending", "written", "accepted", "acknowledged", "filed")
RADIUS, GAP = 3.5, 13


def reached(state: str) -> int:
    """How many of the six steps are done; -1 for a state that is off the path."""
    return STEPS.index(state) + 1 if state in STEPS else -1


def words(state: str, provable: bool) -> str:
    return "acknowledged, not provable" if state == "acknowledged" and not provable else state.replace("_", " ")


class StepsDelegate(CellDelegate):
    """Six dots, filled as far as the delivery came; a cross where it left the path."""

    def paint_text(self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem, index: Index) -> None:
        spread = index.data(SPREAD_ROLE)
        if spread is None:
            super().paint_text(painter, rect, option, index)
            return
        state, provable = spread
        self._dots(painter, rect, state, 5 if not provable else 6, index)
        left = rect.x() + 6 * GAP + PADDING
        self._line(
            painter, QRect(left, rect.y(), rect.right() - left, rect.height()), words(state, provable), index,
            option.font, self._tone(index),
        )  # fmt: skip

    def _dots(self, painter: QPainter, rect: QRect, state: str, total: int, index: Index) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, done = self.desk.theme, reached(state)
        tone, middle = self._tone(index) if done != 1 else theme.color("accent"), rect.center().y() + 1
        for place in range(total):
            center = QPointF(rect.x() + RADIUS + 1 + place * GAP, middle)
            filled = place < done
            painter.setPen(QPen(tone if filled or done < 0 else theme.color("muted"), 1.3))
            painter.setBrush(tone if filled else Qt.BrushStyle.NoBrush)
            if done < 0:
                painter.drawLine(center - QPointF(3, 3), center + QPointF(3, 3))
                painter.drawLine(center - QPointF(3, -3), center + QPointF(3, -3))
                return
            painter.drawEllipse(center, RADIUS, RADIUS)
