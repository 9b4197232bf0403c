"""Triage: order, highlights, live changes, thousands of rows.

Also rows_table and cells, which its panes are made of.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication

from radrecon.model.rows import CaseRow
from radrecon.ui import loads
from radrecon.ui.main_window import MainWindow
from radrecon.ui.models.rows_model import CHIPS_ROLE
from radrecon.ui.pages.page import Place
from radrecon.ui.pages.triage import WELL, TriagePage
from tests.ui.conftest import settled, until
from tests.ui.fake_backend import FakeBackend
from tests.ui.fake_hospital import EVIL, case, study
from tests.ui.keyboard import press, write


def page(window: MainWindow) -> TriagePage:
    found = window.pages["triage"]
    assert isinstance(found, TriagePage)
    return found


async def test_stat_comes_first_and_then_the_longest_wait(window: MainWindow) -> None:
    ids = [row.id for row in page(window).unassigned.table.rows_model.rows]
    assert ids[0] == 1
    assert ids[-1] == 3  # still arriving
    assert [row.priority for row in page(window).orders.table.rows_model.rows][:3] == ["STAT"] * 3


async def test_a_selected_study_highlights_its_candidate_orders_with_chips(window: MainWindow) -> None:
    page(window).unassigned.table.go_to(1)
    chips = page(window).orders.table.rows_model.highlighted
    assert set(chips) == {1, 8}
    assert chips[1][:2] == ("97 %", "MRN =")
    assert "+4 min" in chips[1]
    place = page(window).orders.table.rows_model.row_of(1)
    assert page(window).orders.table.rows_model.index(place, 1).data(CHIPS_ROLE) == chips[1]


async def test_enter_on_a_candidate_opens_the_case_with_that_link_proposed(window: MainWindow) -> None:
    page(window).unassigned.table.go_to(1)
    page(window).orders.table.enter()
    page(window).orders.table.go_to(8)
    await press(window, "Enter")
    assert window.page.name == "case"
    assert window.page.case_id == 1  # type: ignore[attr-defined]
    assert window.page.chosen == 8  # type: ignore[attr-defined]


async def test_a_selected_order_highlights_the_cases_it_may_solve(window: MainWindow) -> None:
    page(window)._anchor = None
    page(window).orders.table.rows_model.highlight({})
    page(window).orders.table.setFocus()
    page(window).orders.table.go_to(15)
    assert set(page(window).mismatches.table.rows_model.highlighted) == {5}
    assert page(window).unassigned.table.rows_model.highlighted == {}


async def test_a_change_elsewhere_shows_up_and_the_selection_stays(window: MainWindow, backend: FakeBackend) -> None:
    table = page(window).unassigned.table
    table.go_to(3)
    extra = case(90, "unassigned_study", "new", study(20), priority="STAT", severity=3)
    backend.case_rows = [extra, *backend.case_rows]
    backend.notify("cases")
    await until(lambda: table.rows_model.row_of(90) >= 0, "the new case")
    assert table.current_id == 3
    assert table.selected_ids == [3]


async def test_five_thousand_rows_reload_without_losing_the_place(window: MainWindow, backend: FakeBackend) -> None:
    first = study(1)
    backend.case_rows = [case(n, "unassigned_study", "no order", first) for n in range(1, 5001)]
    window.refresh()
    await settled(window)
    table = page(window).unassigned.table
    table.go_to(2500)
    table.verticalScrollBar().setValue(table.verticalScrollBar().maximum() // 2)
    scroll = table.verticalScrollBar().value()
    for rows in (
        [replace(row, cause="again") for row in backend.case_rows],
        backend.case_rows[:-100],
        [row for row in backend.case_rows if row.id % 2 == 0],
    ):
        backend.case_rows = rows
        window.refresh()
        await settled(window)
        assert len(table.rows_model.rows) == len(rows)
        assert table.current_id == 2500
    assert scroll > 0
    assert table.verticalScrollBar().value() > 0


async def test_markup_in_a_name_stays_text(window: MainWindow) -> None:
    model = page(window).mismatches.table.rows_model
    place = model.row_of(6)
    assert str(model.index(place, 1).data()).startswith("<img src /etc/passwd>") or EVIL in str(
        model.index(place, 1).data()
    )
    tip = model.data(model.index(place, 1), 3)
    assert "<img" not in tip
    assert "&lt;img" in tip
    window.go(Place("case", 6))
    await settled(window)
    assert "<img" in window.page.heading.text()  # type: ignore[attr-defined]


async def test_dismissing_several_asks_for_one_reason(window: MainWindow, backend: FakeBackend) -> None:
    table = page(window).unassigned.table
    table.enter()
    table.go_to(1)
    await press(window, "j", "Shift+x", "d")
    assert window.prompt.isVisible()
    await write(window, "phantom")
    await press(window, "Enter")
    assert [reason for _, reason in backend.dismissed] == ["phantom"] * len(backend.dismissed)
    assert len(backend.dismissed) >= 1
    assert not window.prompt.isVisible()


async def test_copy_gives_a_tab_separated_table(window: MainWindow) -> None:
    page(window).unassigned.table.enter()
    page(window).unassigned.table.go_to(1)
    await press(window, "Ctrl+C")
    head, line = QGuiApplication.clipboard().text().split("\n")
    assert head.split("\t")[:4] == ["Age", "For", "Patient", "MRN"]
    assert line.split("\t")[2:5] == ["FISHER, ANNA", "4471023 · HOSP", "A102010"]


async def test_zero_is_a_tick_and_a_word(window: MainWindow, backend: FakeBackend) -> None:
    backend.case_rows, backend.delivery_rows, backend.message_rows = [], [], []
    window.refresh()
    await settled(window)
    said = [button.text() for button in page(window).sentences if button.isVisible()]
    assert said == [f"✓  {WELL}"]


async def test_a_first_start_is_calm_and_true(window: MainWindow, backend: FakeBackend) -> None:
    backend.case_rows, backend.order_rows, backend.delivery_rows, backend.message_rows = [], [], [], []
    backend.pacs = [replace(backend.pacs[0], send=False)]
    backend.not_judged = 100_000
    window.refresh()
    await settled(window)
    said = [button.text() for button in page(window).sentences if button.isVisible()]
    assert said[0] == "○  No study is judged yet"
    assert "○  No order heard yet" in said
    assert page(window).coverage.isVisible()
    assert "Observe only" in page(window).coverage.line
    assert "100,000 studies" in page(window).coverage.line
    assert page(window).unassigned.table.rows_model.rows == []


async def test_a_reload_leaves_the_orders_where_a_person_has_scrolled_them(
    window: MainWindow, backend: FakeBackend
) -> None:
    window.resize(1000, 420)
    page(window).unassigned.table.go_to(1)
    bar = page(window).orders.table.verticalScrollBar()
    bar.setValue(bar.maximum())
    before = bar.value()
    assert before > 0
    page(window).reload()
    await settled(window)
    assert bar.value() == before


async def test_going_to_the_orders_arrives_at_the_best_candidate(window: MainWindow) -> None:
    page(window).unassigned.table.go_to(1)
    await press(window, "Ctrl+Left")
    assert page(window).orders.table.current_id == 1
    await press(window, "Enter")
    assert (window.page.name, window.page.chosen) == ("case", 1)  # type: ignore[attr-defined]


async def test_an_order_without_a_case_is_named(window: MainWindow) -> None:
    page(window)._anchor = None
    page(window).orders.table.rows_model.highlight({})
    page(window).orders.table.enter()
    orders = page(window).orders.table.rows_model.rows
    free = next(o for o in orders if not any(c.get("order_id") == o.id for k in _cases(window) for c in k.candidates)
                and not any(k.order_id == o.id for k in _cases(window)))  # fmt: skip
    page(window).orders.table.go_to(free.id)
    await press(window, "Enter")
    assert free.accession_number in window.banner.text


def test_before_the_first_load_one_line_says_so_and_no_button_is_empty(window: MainWindow) -> None:
    fresh = TriagePage(window.desk)
    shown = [button.text() for button in fresh.sentences if not button.isHidden()]
    assert shown == ["○  Loading …"]
    fresh.deleteLater()


async def test_orders_beyond_the_limit_are_owned_up_to(
    window: MainWindow, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not page(window).orders.count.text().endswith("+")
    monkeypatch.setattr(loads, "ORDER_LIMIT", 5)
    page(window).reload()
    await settled(window)
    assert page(window).orders.count.text() in ("4+", "5+")


def _cases(window: MainWindow) -> list[CaseRow]:
    return [*page(window).unassigned.table.rows_model.rows, *page(window).mismatches.table.rows_model.rows]
