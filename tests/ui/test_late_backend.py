"""The window shows before the database is opened, and says what is wrong with it."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from radrecon.cli import desk
from radrecon.model.errors import SchemaMismatch, Trouble
from radrecon.store import life, schema
from radrecon.store.database import open_store
from radrecon.ui.late_backend import LateBackend

EARLY = """
import sys
import radrecon.__main__, radrecon.cli.desk, radrecon.ui.app
late = {"sqlalchemy", "pydantic", "httpx", "pynetdicom", "pydicom", "alembic", "jinja2"} & set(sys.modules)
sys.exit(f"loaded before the window shows: {late}" if late else 0)
"""


def test_heavy_libraries_are_not_loaded_before_the_window_shows() -> None:
    done = subprocess.run([sys.executable, "-c", EARLY], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_it_is_opened_when_it_is_first_asked_and_once(tmp_path: Path) -> None:
    url, asked = f"sqlite:///{tmp_path / 'x.sqlite3'}", list[int]()
    store = open_store(url)
    schema.upgrade(store)
    with store.transaction() as conn:
        life.announce(conn, state="running", host="h", pid=1, version="0", endpoints={})
    store.close()

    def where() -> str:
        asked.append(1)
        return url

    late = LateBackend(where)
    assert asked == []
    assert late.attach("") == "attached"
    assert late.engine_state().state == "running"
    assert asked == [1]
    late.close()


def test_a_configuration_that_cannot_be_read_is_said_by_the_window() -> None:
    def where() -> str:
        raise Trouble("radrecon.toml: engine.prot: no such setting")

    late = LateBackend(where)
    with pytest.raises(SchemaMismatch, match="no such setting"):
        late.attach("")
    late.close()


def test_a_configuration_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="no such file"):
        desk.run(argparse.Namespace(config=str(tmp_path / "none.toml"), database=None))
