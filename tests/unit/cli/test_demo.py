from __future__ import annotations

from typing import Any

import pytest

from radrecon.cli import demo
from tests.unit.cli.conftest import Radrecon

HAPPENED = {"messages_in": 3, "steps_served": 1, "studies_seen": 2, "cases": {}, "corrections_filed": 1, "seconds": 0.5}


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the demo was asked for, without a hospital."""
    seen: list[dict[str, Any]] = []

    async def run_demo(**more: Any) -> dict[str, Any]:
        seen.append(more)
        more["tell"]("engine", {"pid": 1})
        return HAPPENED

    monkeypatch.setattr("radrecon.sim.demo.run_demo", run_demo)
    return seen


def test_headless_ends_with_one_object_and_says_nothing_else(radrecon: Radrecon, runs: list[dict[str, Any]]) -> None:
    said = radrecon("demo", "--headless", "--seconds", "2", "--json")
    assert (said.code, said.err) == (0, "")
    assert said.json == HAPPENED
    assert (runs[0]["seconds"], runs[0]["headless"]) == (2.0, True)


def test_for_people_it_tells_as_it_goes(radrecon: Radrecon, runs: list[dict[str, Any]]) -> None:
    said = radrecon("demo", "--headless")
    assert "corrections filed" in said.out
    assert "engine  pid=1" in said.err
    assert runs[0]["seconds"] == demo.HEADLESS_SECONDS


def test_without_a_screen_it_says_so_and_runs_headless(
    radrecon: Radrecon, runs: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    said = radrecon("demo", "--seconds", "1")
    assert "no screen" in said.err
    assert runs[0]["headless"] is True
