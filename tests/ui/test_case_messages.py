"""The raw messages of a case, one key away.

Also message_view and raw_text, which it is made of.
"""

from __future__ import annotations

from radrecon.ui.main_window import MainWindow
from radrecon.ui.pages.case import CasePage
from radrecon.ui.pages.page import Place
from tests.ui.conftest import settled
from tests.ui.keyboard import press


async def opened(window: MainWindow) -> CasePage:
    window.go(Place("case", 1))
    await settled(window)
    page = window.page
    assert isinstance(page, CasePage)
    return page


async def test_a_case_shows_its_messages_with_field_names(window: MainWindow) -> None:
    page = await opened(window)
    await press(window, "r")
    assert page.messages.isVisible()
    assert not page.candidates.isVisible()
    fields = {line.where: line.name for line in page.messages.view.fields.table.rows_model.rows}
    assert fields["PID-5"] == "Patient name"
    assert "ORM^O01" in page.messages.view.raw.toPlainText()


async def test_each_message_is_listed_once(window: MainWindow) -> None:
    page = await opened(window)
    assert page.detail is not None
    page.messages.show_events([*page.detail.timeline, *page.detail.timeline])
    assert [line.id for line in page.messages.table.rows_model.rows] == [1]


async def test_escape_goes_back_to_the_candidates_and_then_home(window: MainWindow) -> None:
    page = await opened(window)
    await press(window, "r", "Esc")
    assert page.candidates.isVisible()
    assert page.candidates.table.hasFocus()
    await press(window, "Esc")
    assert window.page.name == "triage"
