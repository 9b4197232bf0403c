"""A pane says what an empty list means only once the list has been asked for."""

from __future__ import annotations

from radrecon.ui.main_window import MainWindow
from radrecon.ui.models import columns
from radrecon.ui.widgets.pane import FILTERED, LOADING, Pane


async def test_nothing_is_well_before_it_has_been_asked(window: MainWindow) -> None:
    pane = Pane(window.desk, "trial", "Trial", columns.CASES, empty="✓ None")
    assert (pane.table.empty, pane.count.text()) == (LOADING, "")
    pane.show_rows([])
    assert (pane.table.empty, pane.count.text()) == ("✓ None", "0")


async def test_what_a_page_says_of_an_empty_list_stays(window: MainWindow) -> None:
    pane = Pane(window.desk, "trial", "Trial", columns.CASES, empty="✓ None")
    pane.show_rows([])
    pane.means("○ No PACS is configured")
    pane.show_rows([])
    assert pane.table.empty == "○ No PACS is configured"


async def test_a_list_that_a_filter_empties_says_so_and_no_more(window: MainWindow) -> None:
    pane = Pane(window.desk, "trial", "Trial", columns.CASES, empty="✓ None")
    pane.means("✓ Nothing waits")
    assert pane.table.empty == LOADING
    pane.show_rows([], filtered=True)
    pane.means("○ 17 studies nobody can read")
    assert pane.table.empty == FILTERED
    pane.show_rows([])
    assert pane.table.empty == "○ 17 studies nobody can read"
