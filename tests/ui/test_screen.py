"""Without a screen the desk is one line, and the demo goes on without its window."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from radrecon.ui.screen import reason

NOBODY = ":4095"
TOLD_ANYWAY = "From 6.5.0, xcb-cursor0 or libxcb-cursor0 is needed to load the Qt xcb platform plugin."


def started(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    ways = ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY", "PYTEST_CURRENT_TEST")
    others = {name: value for name, value in os.environ.items() if name not in ways}
    return subprocess.run(
        [sys.executable, "-m", "radrecon", *arguments], env={**others, "HOME": str(tmp_path), **environment},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({}, "DISPLAY is not set"),
        ({"DISPLAY": NOBODY}, f"DISPLAY={NOBODY} cannot be opened"),
        ({"QT_QPA_PLATFORM": "nope"}, 'Could not find the Qt platform plugin "nope" in ""'),
    ],
)
def test_the_desk_says_that_there_is_no_screen(tmp_path: Path, environment: dict[str, str], why: str) -> None:
    said = started(tmp_path, **environment)
    assert said.returncode == 1
    assert said.stderr == (f"radrecon: there is no screen for the desk: {why}; radrecon --help lists what needs none\n")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_a_demo_whose_screen_cannot_be_opened_runs_headless(tmp_path: Path) -> None:
    said = started(tmp_path, "demo", "--seconds", "1", "--json", DISPLAY=NOBODY)
    assert said.returncode == 0, said.stderr
    assert f"the demo runs headless (DISPLAY={NOBODY} cannot be opened)" in said.stderr
    assert "messages_in" in json.loads(said.stdout)


def test_a_library_that_is_lacking_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    assert reason([TOLD_ANYWAY, "Could not load the Qt platform plugin"]) == TOLD_ANYWAY
    monkeypatch.setenv("QT_QPA_PLATFORM", "")
    monkeypatch.setenv("WAYLAND_DISPLAY", "")
    assert reason(["could not connect to display :0", TOLD_ANYWAY]) == "DISPLAY=:0 cannot be opened"
