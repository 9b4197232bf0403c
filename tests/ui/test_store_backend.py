"""The desk on a real database: empty, calm, and live."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from radrecon.model.errors import NotFound, Trouble
from radrecon.store import schema
from radrecon.store.database import Store, changed, open_store
from radrecon.ui import app as desk_app
from radrecon.ui import engine_start
from radrecon.ui.pages.page import Place
from radrecon.ui.store_backend import StoreBackend
from tests.ui.conftest import settled, until


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path / 'desk.sqlite3'}")
    schema.upgrade(made)
    yield made
    made.close()


async def test_every_screen_opens_on_an_empty_database(store: Store, settings: QSettings) -> None:
    window = await desk_app.open_desk(store, settings=settings)
    await settled(window)
    for name in ("worklist", "studies", "messages", "outbox", "triage"):
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


def test_a_case_that_is_not_there_is_trouble(store: Store) -> None:
    with pytest.raises(NotFound):
        StoreBackend(store).case_detail(1)


def test_an_older_schema_does_not_fit(tmp_path: Path) -> None:
    fresh = open_store(f"sqlite:///{tmp_path / 'fresh.sqlite3'}")
    assert not engine_start.schema_fits(fresh)
    fresh.close()


def test_a_fitting_schema_fits(store: Store) -> None:
    assert engine_start.schema_fits(store)


def test_the_engine_is_started_on_the_same_database() -> None:
    assert engine_start.command("sqlite:////tmp/x")[1:] == [
        "-m",
        "radrecon",
        "engine",
        "--database",
        "sqlite:////tmp/x",
    ]


def test_an_engine_that_dies_at_once_is_trouble(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_start, "command", lambda url: ["/bin/false"])
    with pytest.raises(Trouble, match="did not start"):
        engine_start.attach(store, StoreBackend(store), "sqlite://")


def test_an_engine_that_lives_is_attached_to(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_start, "start", lambda url: pytest.fail("a second engine was started"))
    from radrecon.store import life

    with store.transaction() as conn:
        life.announce(conn, state="running", host="h", pid=1, version="0", endpoints={})
    assert engine_start.attach(store, StoreBackend(store), "sqlite://") == "attached"
