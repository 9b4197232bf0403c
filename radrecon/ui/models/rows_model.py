"""A table model over plain rows with an integer `id`: thousands of rows, replaced in place.

`replace` takes a whole new list and tells the views only what differs, so that selection, current row and scroll
position stay where they are while the list changes underneath.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from radrecon.ui.plain import one_line, tooltip

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex

SECOND_ROLE = Qt.ItemDataRole.UserRole + 1  # text of the cell's second line, None where the table has one line
TONE_ROLE = Qt.ItemDataRole.UserRole + 2  # colour token of the first line
CHIPS_ROLE = Qt.ItemDataRole.UserRole + 3  # why this row is highlighted; None where it is not
SPREAD_ROLE = Qt.ItemDataRole.UserRole + 4  # a number that a delegate draws
CHIPS_HERE_ROLE = Qt.ItemDataRole.UserRole + 5  # True in the column that shows the chips
BOLD_ROLE = Qt.ItemDataRole.UserRole + 6
BELOW_ROLE = Qt.ItemDataRole.UserRole + 7  # a line under the whole row, None where the table has none
MANY_RANGES = 64


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column. `text` and `second` are given the row and now.

    `width` is in digits, 0 takes what is left (several share it); a `rigid` one does not shrink in a narrow window;
    what takes the rest keeps `least`. Where the next column has no second line, this one's runs on below it.
    """

    name: str
    text: Callable[[Row, datetime], str]
    second_name: str = ""
    second: Callable[[Row, datetime], str] | None = None
    sort: Callable[[Row], Any] | None = None
    tone: Callable[[Row, datetime], str] | None = None
    spread: Callable[[Row], Any] | None = None
    width: int = 12
    live: bool = False
    right: bool = False
    mono: bool = False
    chips: bool = False
    rigid: bool = False
    least: int = 22
    bold: Callable[[Row], bool] | None = None


class RowsModel(QAbstractTableModel, Generic[Row]):
    """Rows and columns; `now` moves the live ages, `below` is a line of text under each whole row."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        now: datetime,
        parent: QObject | None = None,
        below: Callable[[Row, datetime], str] | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns, self.below = tuple(columns), below
        self.rows: list[Row] = []
        self.now = now
        self._places: dict[int, int] = {}
        self._chips: dict[int, tuple[str, ...]] = {}
        self._sorted: tuple[int, bool] | None = None

    # Qt's side

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.name
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        return self._cell(self.rows[index.row()], self.columns[index.column()], role)

    def _cell(self, row: Row, column: Column[Row], role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(column.text(row, self.now))
        if role == SECOND_ROLE:
            return one_line(column.second(row, self.now)) if column.second else None
        if role == TONE_ROLE:
            return column.tone(row, self.now) if column.tone else ""
        if role == CHIPS_ROLE:
            return self._chips.get(key(row))
        if role == CHIPS_HERE_ROLE:
            return column.chips
        if role == BOLD_ROLE:
            return column.bold(row) if column.bold else False
        if role == BELOW_ROLE:
            return one_line(self.below(row, self.now)) if self.below else None
        if role == SPREAD_ROLE:
            return column.spread(row) if column.spread else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            below = (one_line(self.below(row, self.now)),) if self.below else ()
            return tooltip("\n".join(filter(None, (*self.facts(row, column), *below))))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, self._spoken(row, column)))
        return None

    def facts(self, row: Row, column: Column[Row]) -> tuple[str, ...]:
        first = one_line(column.text(row, self.now))
        return (first, one_line(column.second(row, self.now))) if column.second else (first,)

    def _spoken(self, row: Row, column: Column[Row]) -> tuple[str, ...]:
        """A cell's facts; the first one speaks the line under the row too."""
        whole = self.below is not None and column is self.columns[0]
        return (*self.facts(row, column), *((one_line(self.below(row, self.now)),) if whole and self.below else ()))

    # rows

    def row_of(self, row_id: int) -> int:
        """Where the row with this id stands; -1 if it is not here."""
        return self._places.get(row_id, -1)

    def at(self, row: int) -> Row | None:
        return self.rows[row] if 0 <= row < len(self.rows) else None

    def replace(self, rows: Sequence[Row]) -> None:
        """Show these rows instead, in this order (or in the order that a person sorted by)."""
        wanted = self._in_order(list({key(row): row for row in rows}.values()))
        old, new = [key(row) for row in self.rows], [key(row) for row in wanted]
        if old == new:
            self._update(wanted)
        elif not old or not new or _scattered(old, new):
            self.beginResetModel()
            self._set(wanted)
            self.endResetModel()
        else:
            self._remove(set(new))
            self._reorder(new)
            self._insert(wanted)
            self._update(wanted)

    def _remove(self, keep: set[int]) -> None:
        gone = [place for place, row in enumerate(self.rows) if key(row) not in keep]
        for first, last in reversed(list(_ranges(gone))):
            self.beginRemoveRows(QModelIndex(), first, last)
            self._set(self.rows[:first] + self.rows[last + 1 :])
            self.endRemoveRows()

    def _insert(self, wanted: list[Row]) -> None:
        here = {key(row) for row in self.rows}
        fresh = [place for place, row in enumerate(wanted) if key(row) not in here]
        for first, last in _ranges(fresh):
            self.beginInsertRows(QModelIndex(), first, last)
            self._set(self.rows[:first] + wanted[first : last + 1] + self.rows[first:])
            self.endInsertRows()

    def _reorder(self, order: list[int]) -> None:
        rank = {row_id: place for place, row_id in enumerate(order)}
        arranged = sorted(self.rows, key=lambda row: rank[key(row)])
        if [key(row) for row in arranged] != [key(row) for row in self.rows]:
            self._arrange(arranged)

    def _arrange(self, arranged: list[Row]) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        ids = [key(self.rows[index.row()]) for index in before]
        self._set(arranged)
        self.changePersistentIndexList(
            before,
            [self.index(self._places[i], index.column()) for i, index in zip(ids, before, strict=True)],
        )
        self.layoutChanged.emit()

    def _update(self, wanted: list[Row]) -> None:
        changed = [place for place, row in enumerate(wanted) if row != self.rows[place]]
        if changed:
            self._set(wanted)
        for first, last in _ranges(changed):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))

    def _set(self, rows: list[Row]) -> None:
        self.rows = rows
        self._places = {key(row): place for place, row in enumerate(rows)}

    # order, clock, highlight

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 goes back to the order that the rows came in (at the next reload)."""
        self._sorted = (column, order == Qt.SortOrder.DescendingOrder) if column >= 0 else None
        self._arrange(self._in_order(self.rows))

    def _in_order(self, rows: list[Row]) -> list[Row]:
        if self._sorted is None or self._sorted[0] >= len(self.columns):
            return rows
        column, descending = self.columns[self._sorted[0]], self._sorted[1]
        by = column.sort or (lambda row: column.text(row, self.now).casefold())
        return sorted(rows, key=by, reverse=descending)

    def tick(self, now: datetime) -> None:
        self.now = now
        if not self.rows:
            return
        for place, column in enumerate(self.columns):
            if column.live:
                self.dataChanged.emit(self.index(0, place), self.index(len(self.rows) - 1, place))

    def highlight(self, chips: Mapping[int, tuple[str, ...]]) -> None:
        """Mark rows by id, each with the chips that say why."""
        touched = [place for i in {*self._chips, *chips} if (place := self.row_of(i)) >= 0]
        self._chips = dict(chips)
        for first, last in _ranges(sorted(touched)):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))

    @property
    def highlighted(self) -> dict[int, tuple[str, ...]]:
        return self._chips

    def table_text(self, places: Sequence[int]) -> str:
        """Rows as tab-separated text with headings, a column per fact."""
        heads = [name for c in self.columns for name in ((c.name, c.second_name) if c.second else (c.name,))]
        lines = [[fact for c in self.columns for fact in self.facts(self.rows[place], c)] for place in places]
        if self.below is not None:
            heads.append("Cause")
            for line, place in zip(lines, places, strict=True):
                line.append(one_line(self.below(self.rows[place], self.now)))
        return "\n".join("\t".join(cell.replace("\t", " ") for cell in line) for line in [heads, *lines])


def key(row: Any) -> int:
    return int(row.id)


def _alignment(column: Column[Any]) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _ranges(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Sorted places → runs of neighbours, first and last."""
    start = previous = None
    for place in places:
        if start is None or previous is None:
            start = place
        elif place != previous + 1:
            yield start, previous
            start = place
        previous = place
    if start is not None and previous is not None:
        yield start, previous


def _scattered(old: list[int], new: list[int]) -> bool:
    """Too many separate changes for views to follow one by one."""
    before, after = set(old), set(new)
    gone = [place for place, row_id in enumerate(old) if row_id not in after]
    fresh = [place for place, row_id in enumerate(new) if row_id not in before]
    return sum(1 for _ in _ranges(gone)) + sum(1 for _ in _ranges(fresh)) > MANY_RANGES
