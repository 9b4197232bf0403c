"""The field-by-field comparison: order, study, person index, result; differences marked per character with a glyph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QGuiApplication, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from radrecon.ui.compare import IMAGES, Cell, FieldRow
from radrecon.ui.desk import Desk
from radrecon.ui.plain import one_line, tooltip
from radrecon.ui.theme import GLYPHS
from radrecon.ui.widgets.cells import PADDING, CellDelegate, small

Index = QModelIndex | QPersistentModelIndex
HEADS = ("", "Order (HL7)", IMAGES, "Person index (ADT)", "Result")
CELL_ROLE = Qt.ItemDataRole.UserRole + 20
OWNER_ROLE = Qt.ItemDataRole.UserRole + 21
LAST_OF_BLOCK_ROLE = Qt.ItemDataRole.UserRole + 22
MARK_WORDS = {"differs": "differs", "missing": "missing", "unimportant": "unimportant difference"}


class ComparisonModel(QAbstractTableModel):
    """FieldRows as a table."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[FieldRow, ...] = ()

    def replace(self, rows: Sequence[FieldRow]) -> None:
        same = [(row.field, row.middle, row.heads) for row in rows] == [
            (row.field, row.middle, row.heads) for row in self.rows
        ]
        if not same:
            self.beginResetModel()
        self.rows = tuple(rows)
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(HEADS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        shown = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return self.heads[section] if shown else None

    @property
    def heads(self) -> tuple[str, ...]:
        """The middle column is of images, or of what another system's worklist says; of two persons all are others."""
        if self.rows and self.rows[0].heads:
            return self.rows[0].heads
        return (*HEADS[:2], one_line(self.rows[0].middle) if self.rows else HEADS[2], *HEADS[3:])

    def cell(self, row: FieldRow, column: int) -> Cell:
        return (Cell(row.name), row.order, row.study, row.person, row.result)[column]

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        cell = self.cell(row, index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(cell.text)
        if role == CELL_ROLE:
            return cell
        if role == OWNER_ROLE:
            return row.owner if index.column() == 4 and cell.text else ""
        if role == LAST_OF_BLOCK_ROLE:
            return row.field == "patient_sex"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip("\n".join(filter(None, (one_line(cell.text), MARK_WORDS.get(cell.mark, ""), cell.note))))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            spoken = (
                self.heads[index.column()],
                one_line(cell.text) or "empty",
                MARK_WORDS.get(cell.mark, ""),
                cell.note,
            )
            return ", ".join(filter(None, spoken))
        return None


class DiffDelegate(CellDelegate):
    """Glyph, text with the differing characters marked, note or owner at the right."""

    def paint_ground(self, painter: QPainter, option: Any, index: Index) -> None:
        super().paint_ground(painter, option, index)
        if index.data(LAST_OF_BLOCK_ROLE):
            painter.setPen(QPen(self.desk.theme.color("muted"), 1))
            painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())

    def paint_text(self, painter: QPainter, rect: QRect, option: Any, index: Index) -> None:
        cell: Cell = index.data(CELL_ROLE)
        font = QFont(option.font)
        if index.column() == 0:
            self._line(painter, rect, cell.text, index, font, self.desk.theme.color("muted"))
            return
        metrics = QFontMetrics(font)
        glyph_width = metrics.horizontalAdvance("▲ ")
        side = self._side(painter, rect, cell.note or index.data(OWNER_ROLE) or "", font)
        tone = self.desk.theme.color(cell.mark if cell.mark in MARK_WORDS else "")
        if GLYPHS.get(cell.mark):
            painter.setPen(tone)
            painter.setFont(font)
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, GLYPHS[cell.mark])
        font.setBold(index.column() == 4)
        inner = rect.adjusted(glyph_width, 0, -side, 0)
        text = one_line(cell.text) or ("missing" if cell.mark == "missing" else "")
        self._marked(painter, inner, text, cell, font)

    def _side(self, painter: QPainter, rect: QRect, text: str, font: QFont) -> int:
        """A muted note at the right edge; its width."""
        if not text:
            return 0
        metrics = QFontMetrics(small(font))
        width = min(metrics.horizontalAdvance(text) + 3, rect.width() // 2)
        painter.setFont(small(font))
        painter.setPen(self.desk.theme.color("muted"))
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, shown)
        return width + PADDING

    def _marked(self, painter: QPainter, rect: QRect, text: str, cell: Cell, font: QFont) -> None:
        metrics, theme = QFontMetrics(font), self.desk.theme
        painter.setFont(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, rect.width())
        if shown == text:
            for start, end in cell.spans:
                left = rect.x() + metrics.horizontalAdvance(text[:start])
                width = max(metrics.horizontalAdvance(text[:end]) - metrics.horizontalAdvance(text[:start]), 3)
                painter.fillRect(QRect(left, rect.y() + 1, width, rect.height() - 2), theme.color("differs_mark"))
                painter.fillRect(QRect(left, rect.bottom() - 2, width, 2), theme.color("differs"))
        painter.setPen(theme.color(cell.mark if cell.mark in MARK_WORDS else ""))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)


class Comparison(QTableView):
    """Ten rows at most, all visible."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setAccessibleName("comparison of order, study and person index")
        self.fields = ComparisonModel(self)
        self.diff = DiffDelegate(desk, self)
        self.setItemDelegate(self.diff)
        self.setModel(self.fields)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        head = self.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        desk.keys.bind("copy", self, self.copy)

    def show_rows(self, rows: Sequence[FieldRow]) -> None:
        self.fields.replace(rows)
        self._settle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setColumnWidth(0, self.fontMetrics().horizontalAdvance("MRN, issuer  ") + 2 * PADDING)

    def _settle(self) -> None:
        height = self.diff.row_height(self.font()) + 4
        self.verticalHeader().setDefaultSectionSize(height)
        rows = self.fields.rowCount() * height
        self.setFixedHeight(rows + self.horizontalHeader().sizeHint().height() + 2)

    def next_difference(self, step: int) -> None:
        """Go to the next (1) or previous (-1) row in which something differs, round and round."""
        places = [place for place, row in enumerate(self.fields.rows) if row.differs]
        if places:
            at = self.currentIndex().row()
            ahead = [p for p in places if p > at] if step > 0 else [p for p in reversed(places) if p < at]
            self.selectRow((ahead or (places if step > 0 else places[::-1]))[0])
            self.setFocus()

    def copy(self) -> None:
        lines = [
            self.fields.heads,
            *((r.name, r.order.text, r.study.text, r.person.text, r.result.text) for r in self.fields.rows),
        ]
        QGuiApplication.clipboard().setText("\n".join("\t".join(map(one_line, line)) for line in lines))
