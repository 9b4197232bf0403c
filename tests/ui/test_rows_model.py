"""Rows replaced in place: whatever comes, the model ends equal and a held index follows its row."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication

from radrecon.ui.models.rows_model import Column, RowsModel, _ranges
from tests.ui.fake_hospital import NOW


@dataclass(frozen=True)
class Line:
    id: int
    text: str


COLUMNS = (
    Column[Line]("Text", lambda r, now: r.text),
    Column[Line]("Id", lambda r, now: str(r.id), sort=lambda r: r.id),
)
rows = st.lists(st.builds(Line, st.integers(1, 300), st.sampled_from("abc")), max_size=150, unique_by=lambda r: r.id)


def model(lines: list[Line]) -> RowsModel[Line]:
    made = RowsModel(COLUMNS, NOW)
    made.replace(lines)
    return made


@given(rows, rows)
def test_the_model_ends_with_the_new_rows(qapp: QApplication, before: list[Line], after: list[Line]) -> None:
    made = model(before)
    made.replace(after)
    assert made.rows == after
    assert [made.row_of(row.id) for row in after] == list(range(len(after)))


@given(rows.filter(bool), st.randoms())
def test_a_held_index_follows_its_row(qapp: QApplication, before: list[Line], random: object) -> None:
    made = model(before)
    kept = before[len(before) // 2]
    held = QPersistentModelIndex(made.index(made.row_of(kept.id), 0))
    after = [row for row in reversed(before) if row.id % 3 or row is kept][:40]
    after = after if kept in after else [*after, kept]
    made.replace([*after, Line(1000, "new")])
    if held.isValid():
        assert made.rows[held.row()] == kept


def test_a_persons_order_holds_for_rows_that_come_later(qapp: QApplication) -> None:
    made = model([Line(1, "b"), Line(2, "a")])
    made.sort(1, Qt.SortOrder.DescendingOrder)
    made.replace([Line(1, "b"), Line(2, "a"), Line(3, "c")])
    assert [row.id for row in made.rows] == [3, 2, 1]


def test_equal_rows_change_nothing(qapp: QApplication) -> None:
    made = model([Line(1, "a"), Line(2, "b")])
    heard: list[object] = []
    for signal in (made.dataChanged, made.modelReset, made.layoutChanged, made.rowsInserted, made.rowsRemoved):
        signal.connect(lambda *a: heard.append(a))
    made.replace([Line(1, "a"), Line(2, "b")])
    assert heard == []


def test_text_is_one_line_and_tab_separated(qapp: QApplication) -> None:
    made = model([Line(1, "two\nlines\tand a tab")])
    assert made.table_text([0]) == "Text\tId\ntwo lines and a tab\t1"


def test_runs_of_neighbours() -> None:
    assert list(_ranges([1, 2, 3, 7, 9, 10])) == [(1, 3), (7, 7), (9, 10)]
    assert list(_ranges([])) == []
