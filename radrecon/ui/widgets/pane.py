"""A titled table: the word, how many, and what an empty list means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from radrecon.ui.desk import Desk
from radrecon.ui.models.rows_model import Column
from radrecon.ui.plain import label
from radrecon.ui.widgets.elided import Elided
from radrecon.ui.widgets.rows_table import RowsTable

LOADING = "Loading …"
FILTERED = "Nothing fits the filter"


class Pane(QWidget):
    """Title line above a RowsTable. What an empty list means is not said before it has been asked for, nor where a
    filter is what empties it.
    """

    def __init__(
        self,
        desk: Desk,
        name: str,
        title: str,
        columns: Sequence[Column[Any]],
        *,
        lines: int = 1,
        below: Callable[[Any, datetime], str] | None = None,
        empty: str = "",
    ) -> None:
        super().__init__()
        self.title, self.count = label(title), label("", f"number of {title}")
        self.note = Elided(f"about {title}")
        bold = self.title.font()
        bold.setBold(True)
        self.title.setFont(bold)
        for made in (self.count, self.note):
            made.setProperty("muted", True)
        self.head = QWidget()
        head = QHBoxLayout(self.head)
        head.setContentsMargins(2, 0, 2, 0)
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.count)
        head.addWidget(self.note, 1)
        self.table = RowsTable(desk, name, columns, lines=lines, below=below)
        self.table.setAccessibleName(title)
        self.table.empty, self._empty, self._filtered = LOADING, empty, False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.head)
        column.addWidget(self.table)

    def means(self, empty: str) -> None:
        """What an empty list means from now on."""
        self._empty = empty
        if self.table.empty != LOADING:
            self.table.empty = FILTERED if self._filtered else empty

    def show_rows(self, rows: Sequence[Any], limit: int = 0, *, filtered: bool = False) -> None:
        self._filtered = filtered
        self.table.empty = FILTERED if filtered else self._empty
        self.table.rows_model.replace(rows)
        more = "+" if limit and len(rows) >= limit else ""
        self.count.setText(f"{len(rows):,}{more}")
