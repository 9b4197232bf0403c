"""The frame: keys, query bar, banner, palette, strip, what is remembered.

Also the panels of overlay, and elided, which keeps the window's width.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QTableView

from radrecon.model.errors import DatabaseDown, SchemaMismatch, Trouble
from radrecon.model.rows import EngineState, Recheck
from radrecon.ui import app as desk_app
from radrecon.ui.main_window import ENGINE_TICKS, MainWindow
from radrecon.ui.pages.page import Place, Question
from radrecon.ui.widgets.pane import FILTERED
from radrecon.ui.widgets.query_bar import HINT, NO_FILTER
from tests.ui.conftest import settled, until
from tests.ui.fake_backend import FakeBackend
from tests.ui.fake_hospital import NOW
from tests.ui.keyboard import press, write


async def test_g_and_a_letter_go_to_a_screen(window: MainWindow) -> None:
    for name in ("worklist", "studies", "messages", "outbox", "decisions", "triage"):
        await press(window, "g", name[0])
        assert window.page.name == name


async def test_single_letters_are_off_inside_text_fields(window: MainWindow) -> None:
    await press(window, "/")
    await write(window, "gm?jkx")
    assert window.page.name == "triage"
    assert window.query_bar.line.text() == "gm?jkx"


async def test_the_query_bar_filters_the_current_screen(window: MainWindow) -> None:
    await press(window, "g", "s", "/")
    await write(window, "name:rossi")
    await until(lambda: len(window.page.table.rows_model.rows) == 6, "the filter")  # type: ignore[attr-defined]
    await press(window, "Enter", "g", "t")
    assert window.query_bar.line.text() == ""
    await press(window, "g", "s")
    assert window.query_bar.line.text() == "name:rossi"


async def test_a_filter_that_nothing_fits_does_not_say_that_all_is_well(window: MainWindow) -> None:
    triage = window.page
    await press(window, "/")
    await write(window, "zzzz")
    panes = triage.panes  # type: ignore[attr-defined]
    await until(lambda: all(pane.table.empty == FILTERED for pane in panes), "the filter")
    triage.tick(NOW)
    assert {pane.table.empty for pane in panes} == {FILTERED}


async def test_a_screen_that_is_not_filtered_takes_no_filter(window: MainWindow) -> None:
    await press(window, "g", "d", "/")
    assert not window.query_bar.line.isEnabled()
    assert not window.query_bar.line.hasFocus()
    assert window.query_bar.line.placeholderText() == NO_FILTER
    await press(window, "g", "t", "/")
    assert window.query_bar.line.hasFocus()
    assert window.query_bar.line.placeholderText() == HINT


async def test_a_query_that_cannot_be_read_says_so_while_typing(window: MainWindow) -> None:
    window.query_bar.line.setText("colour:red")
    assert window.query_bar.problem.isVisible()
    assert "colour" in window.query_bar.problem.text()
    window.query_bar.line.setText("age>2h")
    assert not window.query_bar.problem.isVisible()


async def test_a_query_that_cannot_be_read_leaves_the_window_as_wide_as_it_is(window: MainWindow) -> None:
    window.resize(1366, 768)
    window.query_bar.line.setText("colour:red")
    await settled(window)
    assert window.minimumSizeHint().width() < 1366
    assert window.width() == 1366
    assert window.query_bar.line.width() > 400


async def test_no_word_from_outside_widens_the_window(window: MainWindow, backend: FakeBackend) -> None:
    long = "A" * 300
    backend.case_rows[0] = replace(backend.case_rows[0], patient_name=f"{long}^{long}", cause=long)
    window.resize(1366, 768)
    window.go(Place("case", backend.case_rows[0].id))
    window.banner.say(long)
    window.page.asked.emit(Question(long, "Yes", print))
    for page, words in (("worklist", "answer"), ("outbox", "words"), ("preview", "warnings")):
        shown = getattr(window.pages[page], words)
        shown.setText(long)
        shown.show()
    await settled(window)
    assert window.minimumSizeHint().width() <= 1366
    assert window.width() == 1366


async def test_a_key_that_a_pane_does_not_know_empties_it_and_leaves_the_others(window: MainWindow) -> None:
    window.set_query("kind:accession_collision")
    await settled(window)
    triage = window.page
    assert len(triage.others.table.rows_model.rows) == 1  # type: ignore[attr-defined]
    assert triage.orders.table.rows_model.rows == []  # type: ignore[attr-defined]
    assert not window.banner.isVisible()


async def test_the_palette_runs_a_command_by_its_words(window: MainWindow) -> None:
    await press(window, "Ctrl+K")
    await write(window, "outbox go")
    await press(window, "Enter")
    assert window.page.name == "outbox"
    assert not window.palette_panel.isVisible()


async def test_words_of_no_command_are_said_to_be_none(window: MainWindow) -> None:
    await press(window, "Ctrl+K")
    assert not window.palette_panel.none.isVisible()
    await write(window, "zzz")
    assert window.palette_panel.none.isVisible()


async def test_question_mark_shows_the_keys_and_escape_hides_them(window: MainWindow) -> None:
    await press(window, "?")
    assert window.keys_panel.isVisible()
    await press(window, "Esc")
    assert not window.keys_panel.isVisible()
    assert window.page.name == "triage"


async def test_escape_goes_back_the_way_one_came(window: MainWindow) -> None:
    await press(window, "g", "s")
    window.go(Place("case", 1))
    window.go(Place("messages", 1))
    await settled(window)
    await press(window, "Esc")
    assert window.page.name == "case"
    await press(window, "Esc")
    assert window.page.name == "studies"
    await press(window, "Esc")
    assert window.page.name == "triage"


async def test_a_key_can_be_rebound(backend: FakeBackend, settings: QSettings) -> None:
    settings.setValue("keys/go_outbox", "Ctrl+O")
    window = await desk_app.open_window(backend, settings)
    await settled(window)
    await press(window, "Ctrl+O")
    assert window.page.name == "outbox"
    window.close()
    await desk_app.end(window)


async def test_the_strip_says_each_state_in_words(window: MainWindow, backend: FakeBackend) -> None:
    assert "● engine running" in window.strip.texts
    assert "● HL7 2575 open" in window.strip.texts
    backend.engine = replace(backend.engine, state="lost", worker_alive=False)
    backend.pacs = [replace(backend.pacs[0], up=False, last_error="connection refused")]
    backend.notify("life")
    await until(lambda: "▲ engine lost: no heartbeat" in window.strip.texts, "the strip")
    assert "▲ ORTHANC down" in window.strip.texts
    assert "▲ HL7 2575 closed" in window.strip.texts


async def test_the_strip_says_how_far_a_look_at_everything_is(window: MainWindow, backend: FakeBackend) -> None:
    backend.engine = replace(backend.engine, recheck=Recheck("rules", 5, 10))
    backend.notify("life")
    await until(lambda: "● looking again: 5 of 10" in window.strip.texts, "the strip")
    backend.engine = replace(backend.engine, recheck=None)
    backend.notify("life")
    await until(lambda: "● looking again: 5 of 10" not in window.strip.texts, "the strip")


async def test_an_engine_that_never_was_is_said(window: MainWindow, backend: FakeBackend) -> None:
    backend.engine = EngineState("none")
    backend.notify("life")
    await until(lambda: "▲ no engine" in window.strip.texts, "the strip")


async def test_light_and_dark_are_switched_and_remembered(window: MainWindow, settings: QSettings) -> None:
    await press(window, "Ctrl+Shift+D")
    assert window.desk.theme.name == "dark"
    assert settings.value("theme") == "dark"


async def test_the_window_comes_back_as_it_was(backend: FakeBackend, settings: QSettings) -> None:
    heights = []
    for height in (560, None):
        window = await desk_app.open_window(backend, settings)
        window.desk.now = lambda: NOW
        if height:
            window.setWindowState(Qt.WindowState.WindowNoState)  # maximized at first: this screen is small
            window.resize(780, height)
        await settled(window)
        heights.append(window.height())
        window.close()
        await desk_app.end(window)
    assert heights == [560, 560]


async def test_every_control_has_a_name_for_screen_readers(window: MainWindow) -> None:
    controls = [w for kind in (QTableView, QLineEdit, QAbstractButton) for w in window.findChildren(kind)]
    nameless = [w for w in controls if not (w.accessibleName() or getattr(w, "text", str)())]
    inner = ("QTableCornerButton", "QToolButton", "QLineEditIconButton", "QAbstractButton")
    assert [w for w in nameless if w.metaObject().className() not in inner] == []


async def test_every_label_is_plain_text(window: MainWindow) -> None:
    labels = window.findChildren(QLabel)
    assert labels
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in labels)


async def test_where_the_engine_does_not_start_the_desk_shows_what_is_there_and_tries_again(
    backend: FakeBackend, settings: QSettings
) -> None:
    tries: list[int] = []

    def prepare() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise Trouble("The engine did not start. cannot listen on 127.0.0.1: Address already in use")

    window = await desk_app.open_window(backend, settings, prepare=prepare)
    await settled(window)
    assert "Address already in use" in window.banner.text
    assert window.page.unassigned.table.rows_model.rows  # type: ignore[attr-defined]
    window.banner.action.click()
    await settled(window)
    assert (len(tries), window.banner.isVisible()) == (2, False)
    window.close()
    await desk_app.end(window)


async def test_a_database_that_cannot_be_read_is_not_read(backend: FakeBackend, settings: QSettings) -> None:
    def prepare() -> None:
        raise SchemaMismatch("this database was written by a newer radrecon: update this program")

    window = await desk_app.open_window(backend, settings, prepare=prepare)
    await settled(window)
    window.tick(NOW)
    await settled(window)
    assert "newer radrecon" in window.banner.text
    assert not backend.threads, "nothing was asked of the database"
    window.close()
    await desk_app.end(window)


async def test_an_engine_that_ceases_is_told_once_and_forgotten_when_it_is_back(
    window: MainWindow, backend: FakeBackend
) -> None:
    backend.engine = replace(backend.engine, state="lost")
    window.tick(NOW)
    window.tick(NOW)
    await until(lambda: "heartbeat has stopped" in window.banner.text, "the banner")
    window.banner.hide()
    for _ in range(4):
        window.tick(NOW)
        await settled(window)
    assert not window.banner.isVisible(), "what was closed stays closed"
    backend.engine = replace(backend.engine, state="running")
    for _ in range(2):
        window.tick(NOW)
        await settled(window)
    assert "● engine running" in window.strip.texts


async def test_a_greeting_stays_until_it_is_closed(window: MainWindow) -> None:
    window.banner.say("welcome", "good", stays=True)
    assert not window.banner._passing.isActive()
    await press(window, "Esc")
    assert not window.banner.isVisible()


@pytest.mark.parametrize(
    ("width", "height", "maximized"), [(1366, 768, True), (1366, 740, True), (1280, 1024, True), (1920, 1080, False)]
)
async def test_the_first_window_fits_its_screen_with_all_of_its_bottom_strip(
    window: MainWindow, width: int, height: int, maximized: bool
) -> None:
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.first_size(QSize(width, height))
    assert window.isMaximized() is maximized
    if not maximized:
        assert window.size() == QSize(1366, 768)


async def test_a_hint_goes_with_its_page_and_trouble_stays(window: MainWindow) -> None:
    window.banner.say("Select messages that came in to replay them.", "warn")
    await press(window, "g", "w")
    assert not window.banner.isVisible()
    window.banner.say("no disk space", "bad")
    await press(window, "g", "m")
    assert window.banner.isVisible()
    window.banner.say("welcome", "good", stays=True)
    await press(window, "g", "t")
    assert window.banner.isVisible()


async def test_the_button_that_clears_the_query_goes_with_it(window: MainWindow) -> None:
    window.set_query("name:rossi")
    await settled(window)
    clears = window.query_bar.line.findChild(QAbstractButton)
    assert clears is not None
    await until(lambda: clears.property("opacity") == 1.0, "the button")
    await press(window, "g", "w")
    assert window.query_bar.line.text() == ""
    await until(lambda: clears.property("opacity") == 0.0, "an empty line without the button")
    window.query_bar.show_query("name:rossi")
    assert not window.query_bar._timer.isActive(), "what a page remembers asks for no reload"


async def test_what_is_in_trouble_counts_beside_the_outbox(window: MainWindow) -> None:
    assert window.shell is not None
    summary = replace(window.shell.summary, deliveries_unfinished=0, deliveries_in_trouble=1)
    window.show_shell(replace(window.shell, summary=summary))
    assert window.rail.buttons["outbox"].count == "1"


async def test_what_could_not_be_loaded_is_loaded_when_the_database_answers_again(
    window: MainWindow, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It tells of a change once: a list that missed it would show what is no longer true until the next one."""

    def lost(*_: object, **__: object) -> None:
        raise DatabaseDown("database: connection refused")

    with monkeypatch.context() as away:
        for call in ("cases", "orders", "summary", "engine_state"):
            away.setattr(backend, call, lost)
        backend.notify("cases")
        await until(lambda: "connection refused" in window.banner.text, "the trouble")
        await _look(window)
    backend.case_rows = [replace(row, state="closed") for row in backend.case_rows]
    await _look(window)
    assert window.pages["triage"].unassigned.table.rows_model.rows == []  # type: ignore[attr-defined]
    assert "answers again" in window.banner.text


async def test_the_words_of_a_correction_that_met_a_locked_database_stay(window: MainWindow) -> None:
    window.say_error(DatabaseDown("database: locked by another program; nothing was changed, try again"))
    await _look(window)
    assert "nothing was changed" in window.banner.text


async def _look(window: MainWindow) -> None:
    for _ in range(ENGINE_TICKS):
        window.tick(NOW)
    await settled(window)
