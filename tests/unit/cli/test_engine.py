from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from radrecon.cli import commands, engine_stop
from radrecon.config import Config
from radrecon.store.database import Store
from tests.unit.cli.conftest import Radrecon


def test_flags_win_over_the_file_and_the_rest_stays(
    radrecon: Radrecon, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def main(config: Config, url: str, ready_file: Path | None, config_file: str) -> int:
        seen.extend((config, url, ready_file, config_file))
        return 0

    monkeypatch.setattr("radrecon.services.engine.main", main)
    file = tmp_path / "radrecon.toml"
    file.write_text('[engine]\nmllp_port = 1000\nae_title = "FILE"\n[site]\nname = "S"\n', "utf-8")
    said = radrecon("engine", "--config", str(file), "--mllp-port", "0", "--ready-file", str(tmp_path / "ready"))
    assert said.code == 0, said.err
    config, url, ready_file, config_file = seen
    assert (config.engine.mllp_port, config.engine.ae_title, config.site.name) == (0, "FILE", "S")
    assert (url, ready_file) == (database, tmp_path / "ready")
    assert config_file == str(file), "a person who edits another one is to see it"


def test_a_wrong_key_in_the_file_is_named(radrecon: Radrecon, tmp_path: Path) -> None:
    file = tmp_path / "radrecon.toml"
    file.write_text("[engine]\nmlp_port = 1\n", "utf-8")
    said = radrecon("engine", "--config", str(file))
    assert said.code == 1
    assert "engine.mlp_port: no such setting" in said.err


def test_there_must_be_an_engine_to_stop(radrecon: Radrecon, store: Store, tmp_path: Path) -> None:
    said = radrecon("engine", "--stop")
    assert (said.code, said.err) == (1, "radrecon: no engine runs on this database\n")
    nowhere = radrecon("engine", "--stop", "--database", str(tmp_path / "none.sqlite3"))
    assert nowhere.err.startswith("radrecon: no database at ")


def test_an_engine_that_does_not_stop_is_not_waited_for_for_ever(
    radrecon: Radrecon, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_stop, "engine_lives", lambda _: True)
    monkeypatch.setattr(engine_stop, "PATIENCE", timedelta(seconds=0))
    said = radrecon("engine", "--stop")
    assert said.code == 1
    assert "has not stopped within 0 s" in said.err


def test_ports_and_titles_are_checked_where_they_are_typed() -> None:
    parsed = commands.parse(["engine", "--dicom-port", "0", "--ae-title", " X "])
    assert (parsed.dicom_port, parsed.ae_title) == (0, "X")


def test_two_listeners_of_the_command_line_cannot_share_a_port(radrecon: Radrecon) -> None:
    said = radrecon("engine", "--mllp-port", "5000", "--dicom-port", "5000")
    assert said.code == 1
    assert said.err.strip().endswith("command line: engine: two listeners cannot share port 5000")
