"""A dense, sortable table for the keyboard: j/k move, x and Shift+x select, Enter opens, copy gives tabs.

Sort, column widths and scroll are remembered; a reload keeps what is selected by id, even where the model was reset.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QByteArray, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from radrecon.ui.desk import Desk
from radrecon.ui.models.rows_model import Column, RowsModel, key
from radrecon.ui.widgets.cells import PADDING, CellDelegate

Select = QItemSelectionModel.SelectionFlag


class RowsTable(QTableView):
    """Shows a RowsModel. `opened` and `moved_to` carry the row's id."""

    opened = Signal(int)
    moved_to = Signal(int)

    def __init__(
        self,
        desk: Desk,
        name: str,
        columns: Sequence[Column[Any]],
        *,
        lines: int = 1,
        below: Callable[[Any, datetime], str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.desk, self.columns = desk, tuple(columns)
        self.rows_model: RowsModel[Any] = RowsModel(columns, desk.now(), self, below)
        self.setObjectName(name)
        self.setAccessibleName(name)
        mono = frozenset(place for place, column in enumerate(columns) if column.mono)
        self.cells = CellDelegate(desk, self, lines=lines, mono=mono)
        self.setItemDelegate(self.cells)
        self._look()
        self.setModel(self.rows_model)
        self._own_widths = False
        self._empty = ""
        self._kept: tuple[int, int, set[int], int] = (-1, 0, set(), 0)
        self._place, self._bare = -1, False
        self._widths()
        self._wire()
        self._keys()

    def _look(self) -> None:
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.cells.row_height(self.font()))
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setTextElideMode(Qt.TextElideMode.ElideRight)
        head.setMinimumSectionSize(24)

    def _wire(self) -> None:
        head = self.horizontalHeader()
        self.setSortingEnabled(False)
        head.setSectionsClickable(True)
        head.setSortIndicatorShown(True)
        head.setSortIndicatorClearable(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._restore()
        head.sortIndicatorChanged.connect(self._sort)
        head.sectionResized.connect(self._resized)
        self._saver = QTimer(self, singleShot=True, interval=500)
        self._saver.timeout.connect(self._save)
        self.activated.connect(lambda index: self.opened.emit(self._id(index.row())))
        self.rows_model.modelAboutToBeReset.connect(self._keep)
        self.rows_model.modelReset.connect(self._bring_back)
        for coming in (self.rows_model.rowsAboutToBeInserted, self.rows_model.layoutAboutToBeChanged):
            coming.connect(lambda *_: self._mark_place())
        for done in (self.rows_model.rowsInserted, self.rows_model.rowsRemoved, self.rows_model.layoutChanged):
            done.connect(lambda *_: self._hold_place())

    def _keys(self) -> None:
        keys = self.desk.keys
        keys.bind("next", self, lambda: self.step(1))
        keys.bind("previous", self, lambda: self.step(-1))
        keys.bind("select", self, self.toggle)
        keys.bind("range", self, self.select_range)
        keys.bind("copy", self, self.copy)

    @property
    def empty(self) -> str:
        """What an empty list means."""
        return self._empty

    @empty.setter
    def empty(self, text: str) -> None:
        if text != self._empty:
            self._empty = text
            self.viewport().update()

    # what is current

    @property
    def current_id(self) -> int:
        return self._id(self.currentIndex().row())

    @property
    def selected_ids(self) -> list[int]:
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        return [self._id(row) for row in rows] or ([self.current_id] if self.current_id else [])

    @property
    def current_row(self) -> Any:
        return self.rows_model.at(self.currentIndex().row())

    def _id(self, row: int) -> int:
        found = self.rows_model.at(row)
        return key(found) if found is not None else 0

    def currentChanged(self, current: Any, previous: Any) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        self.moved_to.emit(self._id(current.row()))

    def go_to(self, row_id: int) -> bool:
        """Make this row current and visible; False if it is not here."""
        place = self.rows_model.row_of(row_id)
        if place >= 0:
            self.selectRow(place)
            self.scrollTo(self.rows_model.index(place, 0))
        return place >= 0

    def step(self, by: int) -> None:
        last = len(self.rows_model.rows) - 1
        if last >= 0:
            at = self.currentIndex().row()
            self.selectRow(min(max(at + by, 0), last) if at >= 0 else 0)

    def enter(self) -> None:
        """Take the focus, with some row current and seen."""
        self.setFocus()
        if not self.currentIndex().isValid():
            self.step(1)
        self.scrollTo(self.currentIndex())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt makes the first row current where none is; it is selected too, as every row that keys act on."""
        super().focusInEvent(event)
        self._select_current()

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Home and End mean rows: no list here is read by columns."""
        last = len(self.rows_model.rows) - 1
        ends = {QAbstractItemView.CursorAction.MoveHome: 0, QAbstractItemView.CursorAction.MoveEnd: last}
        if action in ends and last >= 0:
            return self.rows_model.index(ends[action], max(self.currentIndex().column(), 0))
        return super().moveCursor(action, modifiers)

    def toggle(self) -> None:
        if self.currentIndex().isValid():
            self.selectionModel().select(self.currentIndex(), Select.Toggle | Select.Rows)

    def select_range(self) -> None:
        """From the first selected row to the current one."""
        rows = [index.row() for index in self.selectionModel().selectedRows()]
        at = self.currentIndex().row()
        for row in range(min([*rows, at]), max([*rows, at]) + 1) if at >= 0 else ():
            self.selectionModel().select(self.rows_model.index(row, 0), Select.Select | Select.Rows)

    def copy(self) -> None:
        places = [self.rows_model.row_of(row_id) for row_id in self.selected_ids]
        if places:
            QGuiApplication.clipboard().setText(self.rows_model.table_text(places))

    # reset

    def _select_current(self) -> None:
        """Where nothing is selected, what is current is."""
        if self.currentIndex().isValid() and not self.selectionModel().hasSelection():
            self.selectionModel().select(self.currentIndex(), Select.Select | Select.Rows)

    def rowsAboutToBeRemoved(self, parent: QModelIndex | QPersistentModelIndex, first: int, last: int) -> None:
        """A queue goes on with the row after the one that went; Qt would step back."""
        self._mark_place()
        at, following = self.currentIndex().row(), self.rows_model.index(last + 1, 0)
        if first <= at <= last and following.isValid():
            self.selectionModel().setCurrentIndex(following, Select.NoUpdate)
        super().rowsAboutToBeRemoved(parent, first, last)

    def _mark_place(self) -> None:
        """Where on the screen the current row stands, before rows come or go; -1 where it is not seen."""
        self._bare = self.currentIndex().isValid() and not self.selectionModel().hasSelection()
        area = self.visualRect(self.currentIndex())
        seen = self.currentIndex().isValid() and self.viewport().rect().contains(area.center())
        self._place = area.top() if seen else -1

    def _hold_place(self) -> None:
        """A list that was scrolled stays where the current row is; one at its top shows what is new there."""
        if not self._bare:  # whoever takes a row out of the selection wants it so
            self._select_current()
        if self._place < 0 or not self.currentIndex().isValid():
            return
        bar = self.verticalScrollBar()
        self.updateGeometries()
        moved = self.visualRect(self.currentIndex()).top() - self._place
        if bar.value() > 0:
            bar.setValue(bar.value() + moved)
        self.scrollTo(self.currentIndex())

    def _keep(self) -> None:
        row = self.currentIndex().row()
        self._kept = (row, self.current_id, set(self.selected_ids), self.verticalScrollBar().value())

    def _bring_back(self) -> None:
        row, current, selected, scroll = self._kept
        for row_id in selected:
            place = self.rows_model.row_of(row_id)
            if place >= 0:
                self.selectionModel().select(self.rows_model.index(place, 0), Select.Select | Select.Rows)
        place = self.rows_model.row_of(current)
        if place >= 0:
            self.selectionModel().setCurrentIndex(self.rows_model.index(place, 0), Select.NoUpdate)
        elif row >= 0 and self.rows_model.rows:
            self.selectRow(min(row, len(self.rows_model.rows) - 1))  # it is gone: work goes on where it was
        self.verticalScrollBar().setValue(scroll)

    # sort, widths

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        self.rows_model.sort(column, order)
        self._save_soon()

    def _resized(self) -> None:
        """Only what a person drags is remembered; what the window's size does is not."""
        if self.horizontalHeader().underMouse() and QGuiApplication.mouseButtons():
            self._own_widths = True
            self._save_soon()

    def _widths(self) -> None:
        for place, column in enumerate(self.columns):
            if column.width:
                self.setColumnWidth(place, self._natural(column))
            else:
                self.horizontalHeader().setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)

    def _restore(self) -> None:
        state = self.desk.settings.value(f"table/{self.objectName()}")
        if isinstance(state, QByteArray) and self.desk.settings.value(self._count_key, 0, int) == len(self.columns):
            head = self.horizontalHeader()
            self._own_widths = head.restoreState(state)
            self.rows_model.sort(head.sortIndicatorSection(), head.sortIndicatorOrder())

    @property
    def _count_key(self) -> str:
        return f"table/{self.objectName()}-columns"

    def _save_soon(self) -> None:
        self._saver.start()

    def _save(self) -> None:
        self.desk.settings.setValue(f"table/{self.objectName()}", self.horizontalHeader().saveState())
        self.desk.settings.setValue(self._count_key, len(self.columns))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.verticalHeader().setDefaultSectionSize(self.cells.row_height(self.font()))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.rows_model.rows and self.empty:
            painter = QPainter(self.viewport())
            painter.setPen(self.desk.theme.color("muted"))
            room = self.viewport().rect().adjusted(12, 12, -12, -12)
            painter.drawText(room, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, self.empty)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A banner takes room from below: what was current and seen stays seen."""
        current = self.currentIndex()
        seen = current.isValid() and 0 <= self.visualRect(current).center().y() < event.oldSize().height()
        super().resizeEvent(event)
        self._fit()
        if seen:
            self.scrollTo(current)

    def _fit(self) -> None:
        """Where the window is narrow, fixed columns shrink together so that the stretching ones keep their share."""
        if self._own_widths or not any(column.width == 0 for column in self.columns):
            return
        rigid = sum(self._natural(column) for column in self.columns if column.rigid)
        wanted = sum(self._natural(column) for column in self.columns if not column.rigid)
        least = sum(column.least for column in self.columns if not column.width) * self._unit
        room = max(self.viewport().width() - rigid - least, 60)
        share = min(1.0, room / wanted) if wanted else 1.0
        for place, column in enumerate(self.columns):
            if column.width and not column.rigid:
                self.setColumnWidth(place, round(self._natural(column) * share))

    def _natural(self, column: Column[Any]) -> int:
        return column.width * self._unit + 2 * PADDING if column.width else 0

    @property
    def _unit(self) -> int:
        return self.fontMetrics().horizontalAdvance("0")
