"""How cells are drawn: one or two lines of plain text, a tone with its glyph, chips where a row is highlighted."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from radrecon.ui.desk import Desk
from radrecon.ui.models.rows_model import BELOW_ROLE, BOLD_ROLE, CHIPS_HERE_ROLE, CHIPS_ROLE, SECOND_ROLE, TONE_ROLE

Index = QModelIndex | QPersistentModelIndex
PADDING = 6
Display = Qt.ItemDataRole.DisplayRole


class CellDelegate(QStyledItemDelegate):
    """Draws text itself: nothing that came from outside is ever laid out as rich text."""

    def __init__(self, desk: Desk, parent: QAbstractItemView, *, lines: int = 1, mono: frozenset[int] = frozenset()):
        super().__init__(parent)
        self.desk, self.lines, self.mono = desk, lines, mono

    def row_height(self, font: QFont) -> int:
        return QFontMetrics(font).height() * self.lines + (6 if self.lines == 1 else 5)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        view = self.parent()
        font = view.font() if isinstance(view, QAbstractItemView) else QFont()
        text = max(str(index.data(Display) or ""), str(index.data(SECOND_ROLE) or ""), key=len)
        return QSize(QFontMetrics(font).horizontalAdvance(text) + 2 * PADDING, self.row_height(font))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        self.paint_ground(painter, option, index)
        rect: QRect = option.rect.adjusted(PADDING, 1, -PADDING, -1)
        self.paint_text(painter, rect, option, index)
        painter.restore()

    def paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Selection, highlight, hairline; a bar at the left says both without colour."""
        theme, rect = self.desk.theme, option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        chips = index.data(CHIPS_ROLE)
        painter.fillRect(rect, theme.color("selection" if selected else "candidate" if chips is not None else "base"))
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if index.column() == 0 and self._current(index):
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), theme.color("accent"))
        elif index.column() == 0 and chips is not None:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), theme.color("warn"))

    def _current(self, index: Index) -> bool:
        view = self.parent()
        return isinstance(view, QAbstractItemView) and view.currentIndex().row() == index.row()

    def paint_text(self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem, index: Index) -> None:
        font: QFont = option.font
        if index.column() in self.mono:
            font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
            font.setPointSizeF(option.font.pointSizeF())
        if index.data(BOLD_ROLE):
            font = QFont(font)
            font.setBold(True)
        if self.lines == 1:
            self._line(painter, rect, str(index.data(Display) or ""), index, font, self._tone(index))
            return
        below = index.data(BELOW_ROLE)
        if below is not None:
            line = rect.height() // self.lines
            self._below(painter, rect.adjusted(0, rect.height() - line, 0, 0), option, index, str(below), small(font))
            rect = rect.adjusted(0, 0, 0, -line)
        second = index.data(SECOND_ROLE)
        half = rect.height() // 2
        top, bottom = QRect(rect.x(), rect.y(), rect.width(), half), rect.adjusted(0, half, 0, 0)
        self._line(painter, top, str(index.data(Display) or ""), index, font, self._tone(index))
        if index.data(CHIPS_ROLE) and (back := self._back_to_chips(index)) is not None:
            self._chips(painter, option.rect, bottom.adjusted(-back, 0, 0, 0), index.data(CHIPS_ROLE), font)
        elif second is None:
            self._spill(painter, bottom, index, small(font))
        else:
            room = bottom.adjusted(0, 0, self._next_width(index), 0)
            painter.setClipRect(option.rect)
            self._line(painter, room, str(second), index, small(font), self.desk.theme.color("muted"))
            painter.setClipping(False)

    def _below(
        self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem, index: Index, text: str, font: QFont
    ) -> None:
        """This cell's part of the line under the whole row."""
        view = self.parent()
        if isinstance(view, QTableView):
            left, right = view.columnViewportPosition(0) + PADDING, view.viewport().width() - PADDING
            painter.setClipRect(option.rect)
            first = index.sibling(index.row(), 0)
            room = QRect(left, rect.y(), right - left, rect.height())
            self._line(painter, room, text, first, font, self.desk.theme.color("muted"))
            painter.setClipping(False)

    def _back_to_chips(self, index: Index) -> int | None:
        """How far to the left the chips begin; None in the columns before them."""
        view, back = self.parent(), 0
        for column in range(index.column(), -1, -1):
            if index.sibling(index.row(), column).data(CHIPS_HERE_ROLE):
                return back
            back += view.columnWidth(column - 1) if isinstance(view, QTableView) and column else 0
        return None

    def _chips(self, painter: QPainter, clip: QRect, rect: QRect, chips: tuple[str, ...], font: QFont) -> None:
        painter.setClipRect(clip)
        draw_chips(painter, rect, chips, font, self.desk.theme.color("chip"), self.desk.theme.color("chip_text"))
        painter.setClipping(False)

    def _next_width(self, index: Index) -> int:
        """How far the second line may run on below the next column, which has none of its own."""
        follower = index.sibling(index.row(), index.column() + 1)
        view = self.parent()
        free = follower.isValid() and follower.data(SECOND_ROLE) is None
        return view.columnWidth(follower.column()) if free and isinstance(view, QTableView) else 0

    def _spill(self, painter: QPainter, rect: QRect, index: Index, font: QFont) -> None:
        """The rest of the second line of the column before, as if there were no border."""
        before, view = index.sibling(index.row(), index.column() - 1), self.parent()
        text = before.data(SECOND_ROLE) if before.isValid() else None
        if text and isinstance(view, QTableView):
            painter.setClipRect(rect.adjusted(-PADDING, 0, PADDING, 0))
            room = rect.adjusted(-view.columnWidth(before.column()), 0, 0, 0)
            self._line(painter, room, str(text), before, font, self.desk.theme.color("muted"))
            painter.setClipping(False)

    def _tone(self, index: Index) -> QColor:
        return self.desk.theme.color(str(index.data(TONE_ROLE) or ""))

    def _line(self, painter: QPainter, rect: QRect, text: str, index: Index, font: QFont, color: QColor) -> None:
        painter.setFont(font)
        painter.setPen(color)
        side = (
            index.data(Qt.ItemDataRole.TextAlignmentRole) or Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, int(side) | int(Qt.TextFlag.TextSingleLine), shown)


def small(font: QFont) -> QFont:
    made = QFont(font)
    made.setPointSizeF(max(font.pointSizeF() * 0.92, 7.0))
    return made


def draw_chips(
    painter: QPainter, rect: QRect, chips: tuple[str, ...], font: QFont, ground: QColor, text: QColor
) -> None:
    """Chips from left to right; what does not fit is cut off by the caller's clip."""
    font = small(font)
    metrics = QFontMetrics(font)
    painter.setFont(font)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    left = rect.x()
    for chip in chips:
        width = metrics.horizontalAdvance(chip) + 8
        box = QRect(left, rect.y(), width, rect.height() - 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(text)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, chip)
        left += width + 4
