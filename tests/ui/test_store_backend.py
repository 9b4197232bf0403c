"""The desk on a real database: empty, calm, and live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QSettings

from radrecon.config import Config, PacsConfig
from radrecon.model.errors import NotFound
from radrecon.store import pacs, studies
from radrecon.store import settings as settings_of_store
from radrecon.store.database import Store, changed, open_store
from radrecon.ui import app as desk_app
from radrecon.ui import main_window
from radrecon.ui.pages.page import Place
from radrecon.ui.store_backend import StoreBackend
from tests.builders import study
from tests.ui.conftest import settled, until
from tests.ui.fake_hospital import NOW


@pytest.fixture
def store(clean_sqlite: str) -> Iterator[Store]:
    made = open_store(clean_sqlite)
    yield made
    made.close()


async def test_every_screen_opens_on_an_empty_database(
    store: Store, settings: QSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main_window, "ENGINE_TICKS", 1_000_000)  # who looks for long is told, rightly, of no engine
    window = await desk_app.open_desk(store, settings=settings)
    await settled(window)
    for name in ("worklist", "studies", "messages", "outbox", "decisions", "triage"):
        window.go(Place(name))
        await settled(window)
        assert not window.banner.isVisible(), window.banner.text
    assert "▲ no engine" in window.strip.texts
    window.close()
    await desk_app.closed(window)


async def test_what_another_process_changes_reloads_the_page(store: Store, settings: QSettings) -> None:
    window = await desk_app.open_desk(store, settings=settings)
    await settled(window)
    loads: list[int] = []
    window.page.loaded.connect(lambda: loads.append(1))
    other = open_store(store.url.render_as_string())
    with other.transaction() as conn:
        changed(conn, "cases")
    other.close()
    await until(lambda: loads, "the reload")
    window.close()
    await desk_app.closed(window)


async def test_thousands_of_studies_and_no_order_are_calm_and_true(store: Store, settings: QSettings) -> None:
    with store.transaction() as conn:
        config = Config(pacs=[PacsConfig(name="main", ae_title="MAIN", port=104)])
        settings_of_store.save_config(conn, config)
        settings_of_store.start_watching(conn, NOW.date())
        pacs.note(conn, "main", up=True, last_success=NOW, baseline_done=True, send=False)
        for number in range(3000):
            found = study(f"1.2.{number}", f"A{number}")
            one = studies.insert(conn, found, at=NOW, baseline=True)
            studies.set_judged(conn, one, False, "before the watch")
    window = await desk_app.open_desk(store, settings=settings)
    await settled(window)
    page: Any = window.page
    said = [sentence.text() for sentence in page.sentences if sentence.isVisible()]
    assert said == [
        "○  No study is judged yet",
        "○  No identity compared yet",
        "○  No order heard yet",
        "✓  No correction waits",
    ]
    assert page.coverage.line.startswith("Observe only: nothing is sent. Watching from 2026-")
    assert "3,000 studies from before are not judged" in page.coverage.line
    assert [len(pane.table.rows_model.rows) for pane in page.panes] == [0, 0, 0, 0]
    assert "bad" not in {sentence.property("tone") for sentence in page.sentences}
    window.close()
    await desk_app.closed(window)


def test_a_case_that_is_not_there_is_trouble(store: Store) -> None:
    with pytest.raises(NotFound):
        StoreBackend(store).case_detail(1)
