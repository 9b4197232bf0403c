"""radrecon refusals and radrecon stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from radrecon.__main__ import main
from radrecon.store import refusals, schema
from radrecon.store.database import open_store
from tests.builders import NOW


@pytest.fixture(name="url")
def url_fixture(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'radrecon.sqlite3'}"
    store = open_store(url)
    schema.upgrade(store)
    with store.transaction() as conn:
        refusals.note(conn, {("10.0.0.9", "NMAP", "silent for too long"): 3}, NOW)
    store.close()
    return url


def test_refusals_as_json_and_as_a_table(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["refusals", "--json", "--database", url]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["address"], row["ae_title"], row["count"]) == ("10.0.0.9", "NMAP", 3)
    assert row["first_at"] == NOW.isoformat(timespec="milliseconds")
    assert main(["refusals", "--database", url]) == 0
    assert "silent for too long" in capsys.readouterr().out


def test_nothing_stored_is_said(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stored", "--database", url]) == 0
    assert "Nothing was stored here." in capsys.readouterr().out
