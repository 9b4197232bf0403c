"""An engine is started where none lives, and attached to where one does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from radrecon.model.errors import SchemaMismatch, Trouble
from radrecon.store import life, schema
from radrecon.store.database import Store, open_store
from radrecon.ui import engine_start
from radrecon.ui.store_backend import StoreBackend


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path / 'desk.sqlite3'}")
    yield made
    made.close()


@pytest.fixture
def store(fresh: Store) -> Store:
    schema.upgrade(fresh)
    return fresh


def dying(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    program = [sys.executable, "-c", f"import sys; print({words!r}, file=sys.stderr); sys.exit(1)"]
    monkeypatch.setattr(engine_start, "command", lambda config: program)


def test_a_database_that_is_not_made_yet_does_not_fit(fresh: Store) -> None:
    assert not engine_start.schema_fits(fresh)


def test_a_database_of_this_program_fits(store: Store) -> None:
    assert engine_start.schema_fits(store)


def test_the_engine_is_started_with_the_same_configuration() -> None:
    assert engine_start.command("/etc/site.toml")[1:] == ["-m", "radrecon", "engine", "--config", "/etc/site.toml"]
    assert engine_start.command()[1:] == ["-m", "radrecon", "engine"]


def test_the_engine_is_started_on_the_same_database_whose_password_no_list_of_processes_shows(tmp_path: Path) -> None:
    asked = "import os, sys; print(os.environ['RADRECON_DATABASE'], sys.argv[1:], file=sys.stderr)"
    url = "postgresql://radrecon:secret@pacs-db/radrecon"
    engine_start.start([sys.executable, "-c", asked], url, tmp_path / "engine.log").wait(20)
    assert (tmp_path / "engine.log").read_text("utf-8").strip() == f"{url} []"


def test_an_engine_that_dies_at_once_is_trouble_in_its_own_words(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dying(monkeypatch, "cannot listen on 127.0.0.1: Address already in use")
    with pytest.raises(Trouble, match=r"did not start\. cannot listen on") as caught:
        engine_start.attach(store, StoreBackend(store), log=tmp_path / "log" / "engine.log")
    assert not isinstance(caught.value, SchemaMismatch)


def test_without_an_engine_a_new_database_cannot_be_shown(
    fresh: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dying(monkeypatch, "")
    with pytest.raises(SchemaMismatch, match="Run `radrecon engine`"):
        engine_start.attach(fresh, StoreBackend(fresh), log=tmp_path / "engine.log")


def test_an_engine_starts_also_where_its_log_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    process = engine_start.start([sys.executable, "-c", ""], "sqlite://", tmp_path / "file" / "engine.log")
    assert process.wait(20) == 0


def test_an_engine_that_lives_is_attached_to(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine_start, "start", lambda *_: pytest.fail("a second engine was started"))
    with store.transaction() as conn:
        life.announce(conn, state="running", host="h", pid=1, version="0", endpoints={})
    assert engine_start.attach(store, StoreBackend(store), log=tmp_path / "engine.log") == "attached"


def no_engine_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_start, "start", lambda *_: pytest.fail("an engine was started"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells owners in another way")
def test_no_engine_is_started_on_another_users_file(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The service would not be able to write what this engine leaves behind."""
    no_engine_of_ours(monkeypatch)
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    with pytest.raises(Trouble, match="systemctl start radrecon-engine") as caught:
        engine_start.attach(store, StoreBackend(store), log=tmp_path / "engine.log")
    assert not isinstance(caught.value, SchemaMismatch)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells owners in another way")
def test_a_services_database_that_is_not_made_yet_cannot_be_shown(
    fresh: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    no_engine_of_ours(monkeypatch)
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    with pytest.raises(SchemaMismatch, match="systemctl start radrecon-engine"):
        engine_start.attach(fresh, StoreBackend(fresh), log=tmp_path / "engine.log")


def test_a_database_server_is_a_services_where_the_computers_configuration_names_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine = tmp_path / "radrecon.toml"
    machine.write_text('database = "postgresql://radrecon@/radrecon"', "utf-8")
    monkeypatch.setattr(engine_start, "MACHINE_FILE", machine)
    assert engine_start.belongs_to_a_service(Store("postgresql://radrecon@/radrecon"))
    assert not engine_start.belongs_to_a_service(Store("postgresql://radrecon@/other"))
