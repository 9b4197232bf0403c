from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from radrecon.cli import commands


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_every_command_has_its_module_and_its_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = import_module(f"radrecon.cli.{commands.COMMANDS[name].module}")
    assert callable(module.run)
    with pytest.raises(SystemExit) as leaving:
        commands.parse([name, "--help"])
    assert leaving.value.code == 0
    assert "--database" in capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        ["bogus"],
        ["cases", "--kind", "nonsense"],
        ["cases", "--limit", "0"],
        ["show", "case"],
        ["show", "case", "x"],
        ["show", "case", "99999999999999999999"],
        ["plan", "99999999999999999999", "link"],
        ["undo", "99999999999999999999"],
        ["investigate", "99999999999999999999", "--reason", "r"],
        ["replay", "99999999999999999999"],
        ["cases", "--limit", "99999999999999999999"],
        ["db", "prune", "--older-than", "9999999"],
        ["correct", "1", "link"],
        ["correct", "1", "teleport", "--reason", "r"],
        ["correct", "1", "link", "--reason", " "],
        ["plan", "1", "fix", "--set", "novalue"],
        ["report", "weekly"],
        ["engine", "--mllp-port", "70000"],
        ["engine", "--ae-title", "A" * 17],
        ["worklist", "--explain", "A1", "--queries"],
    ],
)
def test_wrong_usage_is_exit_code_2(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        commands.parse(line)
    assert leaving.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_no_command_is_the_desk() -> None:
    assert commands.parse([]).command == "desk"
    assert commands.parse(["--database", "x"]).database == "x"


@pytest.mark.parametrize("line", [["--database", "x", "cases"], ["cases", "--database", "x"]])
def test_the_database_may_be_named_before_or_behind_the_command(line: list[str]) -> None:
    parsed = commands.parse(line)
    assert (parsed.command, parsed.database, parsed.config) == ("cases", "x", None)


def test_the_worker_is_not_in_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        commands.parse(["--help"])
    listed = capsys.readouterr().out
    assert "deliveries" in listed
    assert "worker" not in listed


def test_a_list_needs_no_qt_no_dicom_and_no_peers() -> None:
    """The engine's machine may have no Qt; a list starts fast."""
    script = "import sys; from radrecon.cli import commands; commands.parse(['cases']);"
    script += "print([m for m in ('PySide6', 'pynetdicom', 'pydicom', 'httpx', 'alembic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
