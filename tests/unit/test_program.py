"""How this program is called again."""

from __future__ import annotations

import subprocess
import sys

import pytest

from radrecon import __version__, program


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/usr/lib/radrecon/radrecon")


def test_the_command_line_runs_this_program() -> None:
    done = subprocess.run(program.command("--version"), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"radrecon {__version__}"


@pytest.mark.usefixtures("frozen")
def test_a_frozen_package_runs_itself() -> None:
    assert program.command("worker", "--database", "x") == ["/usr/lib/radrecon/radrecon", "worker", "--database", "x"]


@pytest.mark.usefixtures("frozen")
def test_children_of_a_windowed_program_are_its_console_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/programs/radreconw.exe")
    assert program.command("engine") == ["/programs/radrecon.exe", "engine"]


def test_from_source_the_environment_is_passed_on() -> None:
    assert program.foreign_environment({"LD_LIBRARY_PATH": "/mine"}) == {"LD_LIBRARY_PATH": "/mine"}


@pytest.mark.usefixtures("frozen")
def test_others_do_not_get_the_libraries_of_a_frozen_package() -> None:
    bundle = {"LD_LIBRARY_PATH": "/usr/lib/radrecon/_internal", "HOME": "/h"}
    assert program.foreign_environment(bundle) == {"HOME": "/h"}
    before = program.foreign_environment({**bundle, "LD_LIBRARY_PATH_ORIG": "/mine"})
    assert before == {"LD_LIBRARY_PATH": "/mine", "HOME": "/h"}
