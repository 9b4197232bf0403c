"""The table of rows: what is current is selected, stays where it was, and Home and End mean rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from radrecon.ui.main_window import MainWindow
from radrecon.ui.models.rows_model import Column
from radrecon.ui.widgets.rows_table import RowsTable


@dataclass(frozen=True)
class Line:
    id: int
    text: str = "x"


COLUMNS = (Column[Line]("Id", lambda r, now: str(r.id), width=6), Column[Line]("Text", lambda r, now: r.text, width=0))


@pytest.fixture
def table(window: MainWindow) -> Iterator[RowsTable]:
    around = QWidget()
    made = RowsTable(window.desk, "lines", COLUMNS, parent=around)
    made.setFixedSize(300, 200)
    around.show()
    around.activateWindow()
    yield made
    around.close()


def lines(*numbers: int) -> list[Line]:
    return [Line(number) for number in numbers]


def seen_at(table: RowsTable) -> int:
    return table.visualRect(table.currentIndex()).top()


async def test_where_the_current_row_goes_the_next_is_current_and_selected(table: RowsTable) -> None:
    table.rows_model.replace(lines(1, 2, 3))
    table.go_to(2)
    table.rows_model.replace(lines(1, 3))
    assert table.current_id == 3
    assert [index.row() for index in table.selectionModel().selectedRows()] == [1]


async def test_work_goes_on_where_it_was_when_all_is_new(table: RowsTable) -> None:
    table.rows_model.replace(lines(*range(1, 200)))
    table.go_to(50)
    table.rows_model.replace(lines(*range(1, 200, 2)))  # too many changes to follow: the model is reset
    assert table.current_id == 99
    assert table.selectionModel().hasSelection()


async def test_a_row_that_somebody_took_out_of_the_selection_stays_out(table: RowsTable) -> None:
    table.rows_model.replace(lines(1, 2))
    table.go_to(1)
    table.toggle()
    table.rows_model.replace(lines(1, 2, 3))
    assert not table.selectionModel().hasSelection()


async def test_a_table_that_gets_the_focus_has_its_row_selected(table: RowsTable, qapp: QApplication) -> None:
    table.rows_model.replace(lines(1, 2))
    table.enter()
    assert table.current_id == 1
    assert table.selectionModel().hasSelection()


async def test_home_and_end_go_to_the_first_and_the_last_row(table: RowsTable) -> None:
    table.rows_model.replace(lines(*range(1, 60)))
    table.enter()
    QTest.keyClick(table, Qt.Key.Key_End)
    assert table.current_id == 59
    QTest.keyClick(table, Qt.Key.Key_Home)
    assert table.current_id == 1


async def test_a_list_that_was_scrolled_stays_under_the_eyes(table: RowsTable) -> None:
    table.rows_model.replace(lines(*range(100, 200)))
    table.go_to(150)
    before = seen_at(table)
    table.rows_model.replace(lines(*range(90, 200)))
    assert seen_at(table) == before
    table.rows_model.replace(lines(*range(95, 200)))
    assert seen_at(table) == before


async def test_a_list_at_its_top_shows_what_is_new_and_keeps_the_current_row_in_sight(table: RowsTable) -> None:
    table.rows_model.replace(lines(*range(100, 200)))
    table.go_to(100)
    table.rows_model.replace(lines(*range(99, 200)))
    assert table.verticalScrollBar().value() == 0
    table.rows_model.replace(lines(*range(50, 200)))
    assert table.viewport().rect().contains(table.visualRect(table.currentIndex()).center())


async def test_a_current_row_out_of_sight_is_not_scrolled_to(table: RowsTable) -> None:
    table.rows_model.replace(lines(*range(100, 200)))
    table.go_to(100)
    table.verticalScrollBar().setValue(table.verticalScrollBar().maximum())
    table.rows_model.replace(lines(*range(100, 201)))
    assert not table.viewport().rect().contains(table.visualRect(table.currentIndex()).center())


async def test_what_is_current_stays_in_sight_when_a_banner_takes_room(table: RowsTable, qapp: QApplication) -> None:
    table.rows_model.replace(lines(*range(100, 200)))
    table.go_to(199)
    assert table.viewport().rect().contains(table.visualRect(table.currentIndex()).center())
    table.setFixedSize(300, 120)
    qapp.processEvents()
    assert table.viewport().rect().contains(table.visualRect(table.currentIndex()).center())


async def test_columns_without_a_width_share_what_is_left(window: MainWindow) -> None:
    more = Column[Line]("More", lambda r, now: r.text, width=0)
    table = RowsTable(window.desk, "shared", (*COLUMNS, more), parent=None)
    table.resize(900, 300)
    table.show()
    widths = [table.columnWidth(place) for place in range(3)]
    table.close()
    assert abs(widths[1] - widths[2]) <= 1
    assert sum(widths) == table.viewport().width()
