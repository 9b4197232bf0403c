"""Outbox, worklist, messages, studies."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt

from radrecon.ui.main_window import MainWindow
from radrecon.ui.pages.messages import MessagesPage
from radrecon.ui.pages.outbox import OutboxPage
from radrecon.ui.pages.page import Place
from radrecon.ui.pages.studies import StudiesPage
from radrecon.ui.pages.worklist import WorklistPage
from radrecon.ui.widgets.cells import PADDING
from radrecon.ui.widgets.rows_table import RowsTable
from radrecon.ui.widgets.steps import GAP
from tests.ui.conftest import settled, until
from tests.ui.fake_backend import FakeBackend
from tests.ui.keyboard import press, write


async def test_a_delivery_in_trouble_is_retried_by_its_key(window: MainWindow, backend: FakeBackend) -> None:
    await press(window, "g", "o")
    page = window.page
    assert isinstance(page, OutboxPage)
    page.table.go_to(2)
    assert page.retry_button.isEnabled()
    await press(window, "r", "p")
    assert (backend.retried, backend.parked) == ([2], [2])


async def test_an_undo_is_not_offered_to_be_undone(window: MainWindow, backend: FakeBackend) -> None:
    backend.delivery_rows = [replace(row, verb="undo" if row.id == 2 else row.verb) for row in backend.delivery_rows]
    await press(window, "g", "o")
    page = window.page
    assert isinstance(page, OutboxPage)
    page.table.go_to(2)
    assert not page.undo_button.isEnabled()
    page.table.go_to(1)
    assert page.undo_button.isEnabled()


async def test_a_delivery_that_moves_on_is_seen_moving(window: MainWindow, backend: FakeBackend) -> None:
    await press(window, "g", "o")
    page = window.page
    assert isinstance(page, OutboxPage)
    backend.delivery_rows = [replace(backend.delivery_rows[0], state="filed"), *backend.delivery_rows[1:]]
    backend.notify("deliveries")
    await until(lambda: page.table.rows_model.rows[0].state == "filed", "the new state")
    assert page.table.current_id == 1


async def test_a_peers_words_are_shown_whole_below_the_list(window: MainWindow, backend: FakeBackend) -> None:
    said = "0xA701 Refused: out of resources, " * 6
    backend.delivery_rows = [replace(row, words=said if row.id == 2 else "") for row in backend.delivery_rows]
    await press(window, "g", "o")
    page = window.page
    assert isinstance(page, OutboxPage)
    page.table.go_to(2)
    assert page.words.isVisible()
    assert said.strip() in page.words.text()
    page.table.go_to(1)
    assert not page.words.isVisible()


async def test_what_identifies_a_patient_and_a_state_is_never_cut_off(window: MainWindow) -> None:
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(1366, 768)
    for key, name, head, text in (
        ("w", "steps", "Born", "1983-03-28 M"),
        ("w", "steps", "Accession", "A6361720"),
        ("m", "list", "State", "acknowledged"),
        ("m", "list", "Type", "ADT^A40"),
    ):
        await press(window, "g", key)
        assert _room(getattr(window.page, name).table, head) >= _wide(window, text), head
    await press(window, "g", "o")
    table = window.page.table  # type: ignore[attr-defined]
    assert _room(table, "State") >= 6 * GAP + 6 + _wide(window, "acknowledged, not provable")
    assert _room(table, "Correction") >= _wide(window, "acknowledged")


def _room(table: RowsTable, head: str) -> int:
    place = next(place for place, column in enumerate(table.columns) if column.name == head)
    return table.columnWidth(place) - 2 * PADDING


def _wide(window: MainWindow, text: str) -> int:
    return window.fontMetrics().horizontalAdvance(text)


async def test_the_worklist_shows_what_one_station_sees(window: MainWindow) -> None:
    await press(window, "g", "w")
    page = window.page
    assert isinstance(page, WorklistPage)
    page.pick("CT2")
    await settled(window)
    stations = {row.scheduled_station_ae_title for row in page.steps.table.rows_model.rows}
    assert stations == {"CT2"}
    assert "CT2 last asked" in page.asked_last.text()
    assert "got 14" in page.asked_last.text()


async def test_keys_work_on_the_list_at_once_and_f_goes_to_the_one_box(window: MainWindow) -> None:
    await press(window, "g", "w")
    page = window.page
    assert isinstance(page, WorklistPage)
    assert window.focusWidget() is page.steps.table
    await press(window, "f")
    assert window.focusWidget() is page.box
    await write(window, "fg")
    assert page.box.text() == "fg"


async def test_the_one_box_says_why_a_patient_is_not_on_the_list(window: MainWindow) -> None:
    await press(window, "g", "w")
    page = window.page
    assert isinstance(page, WorklistPage)
    page.box.setFocus()
    await write(window, "nobody")
    await press(window, "Enter")
    assert page.answer.text().startswith("▲  No order received")
    page.box.setText("A102001")
    await press(window, "Enter")
    assert page.answer.text().startswith("✓  FISCHER, ANNA MARIE 1960-05-17 F: On the list of CT1")


async def test_moving_through_messages_shows_raw_and_fields(window: MainWindow) -> None:
    await press(window, "g", "m", "j")
    page = window.page
    assert isinstance(page, MessagesPage)
    assert page.raw.toPlainText().startswith("MSH|^~\\&|HIS")
    names = {row.where: row.name for row in page.fields.table.rows_model.rows}
    assert names["PID-5"] == "Patient name"


async def test_a_chosen_field_is_marked_in_the_raw_text(window: MainWindow) -> None:
    await press(window, "g", "m", "Enter", "j", "j")
    page = window.page
    assert isinstance(page, MessagesPage)
    start, length = page.raw.marks[0]
    assert page.raw.toPlainText()[start : start + length] == page.fields.table.current_row.text


async def test_a_message_shows_what_it_did_and_leads_to_its_kin(window: MainWindow) -> None:
    await press(window, "g", "m")
    page = window.page
    assert isinstance(page, MessagesPage)
    lines = [line.effect.text for line in page.effects.table.rows_model.rows]
    assert lines[0].startswith("FISCHER^ANNA MARIE")
    assert "character set guessed: 8859/1" in page.fields.note.text()
    page.effects.table.setFocus()
    page.effects.table.go_to(len(lines))
    await press(window, "Enter")
    assert page.list.table.current_id == 5


async def test_free_text_says_how_far_it_was_looked_for(window: MainWindow) -> None:
    await press(window, "g", "m")
    page = window.page
    assert isinstance(page, MessagesPage)
    window.set_query("text:HARBOUR")
    await settled(window)
    assert {row.message_type for row in page.list.table.rows_model.rows} == {"ADT^A08"}
    assert page.list.note.text() == "indexed up to message 1,840 of 1,843"


async def test_messages_are_replayed_with_a_reason(window: MainWindow, backend: FakeBackend) -> None:
    await press(window, "g", "m", "j", "j", "j")
    await press(window, "Ctrl+R")
    await write(window, "the order was missing")
    await press(window, "Enter")
    assert backend.replayed == [([4], "the order was missing")]
    assert "1 message applied again" in window.banner.text


async def test_a_message_is_edited_and_replayed(window: MainWindow, backend: FakeBackend) -> None:
    await press(window, "g", "m", "j", "j", "j", "Ctrl+E")
    await write(window, "PID-3.1=77 PID-5.2=ANNA MARIE")
    await press(window, "Enter")
    assert backend.edited == [(4, {"PID-3.1": "77", "PID-5.2": "ANNA MARIE"})]
    assert "not applied; the first: PID-3 is empty" in window.banner.text


async def test_what_was_sent_is_not_replayed(window: MainWindow, backend: FakeBackend) -> None:
    await press(window, "g", "m", "j", "j")
    page = window.page
    assert isinstance(page, MessagesPage)
    assert not page.replay_button.isEnabled()
    await press(window, "Ctrl+R")
    assert backend.replayed == []
    assert "Select messages that came in" in window.banner.text


async def test_enter_on_a_study_opens_its_case_or_asks_why_one_is_opened(
    window: MainWindow, backend: FakeBackend
) -> None:
    await press(window, "g", "s")
    page = window.page
    assert isinstance(page, StudiesPage)
    page.table.go_to(101)
    await press(window, "Enter")
    assert window.page.name == "case"
    window.go(Place("studies"))
    page.table.go_to(150)
    await press(window, "Enter")
    await write(window, "the other knee was ordered")
    await press(window, "Enter")
    assert backend.investigated == [(150, "the other knee was ordered")]
    assert window.page.name == "case"
