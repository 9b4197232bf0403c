"""The demo's composition with a real PACS and a stand-in for radrecon's own programs."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest

from radrecon.sim import demo, processes

STAND_IN = """
import asyncio, json, os, pathlib, sys
from radrecon import config
from radrecon.sim.receiver import Receiver

def engine(arguments):
    wanted = dict(zip(arguments[::2], arguments[1::2]))
    loaded = config.load(pathlib.Path(wanted["--config"]))
    assert loaded.pacs and loaded.hl7_destination and wanted["--database"].startswith("sqlite:///")
    asyncio.run(serve(pathlib.Path(wanted["--ready-file"])))

async def serve(ready):
    receiver = Receiver("engine")
    await receiver.start()
    part = ready.with_suffix(".part")
    facts = {"mllp": receiver.address, "dicom": ["127.0.0.1", 9], "ae_title": "RADRECON", "pid": os.getpid()}
    part.write_text(json.dumps(facts))
    part.rename(ready)
    await asyncio.sleep(120)

if sys.argv[1] == "engine":
    engine(sys.argv[2:])
else:
    print("[]")
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN)
    monkeypatch.setattr(processes, "program", lambda *arguments: [sys.executable, str(script), *arguments])
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return []


def folder_of(told: list[tuple[str, dict[str, Any]]]) -> Path:
    """Where the demo kept its database."""
    url = next(facts["database"] for what, facts in told if what == "engine")
    return Path(urlparse(url).path).parent


def children() -> set[int]:
    """Ids of this process's children, where the system tells."""
    listing = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return {int(pid) for pid in listing.read_text().split()} if listing.exists() else set()


async def test_a_headless_demo_runs_until_it_is_told_and_leaves_nothing_behind(
    told: list[tuple[str, dict[str, Any]]],
) -> None:
    before, heard = children(), asyncio.Event()

    def tell(what: str, facts: dict[str, Any]) -> None:
        told.append((what, facts))
        if [one for one, _ in told].count("message") >= 3:
            heard.set()

    result = await demo.run_demo(until=heard, headless=True, tell=tell, seed=1)
    assert set(result) == {"messages_in", "steps_served", "studies_seen", "cases", "corrections_filed", "seconds"}
    assert [facts["ack"] for what, facts in told if what == "message"][:3] == ["AA"] * 3
    assert not folder_of(told).exists()
    assert children() <= before


async def test_a_demo_with_a_desk_lasts_as_long_as_its_window(told: list[tuple[str, dict[str, Any]]]) -> None:
    opened = asyncio.Event()

    async def desk(database: str) -> None:
        opened.set()
        while not any(what == "message" for what, _ in told):  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    await demo.run_demo(start_desk=desk, tell=lambda what, facts: told.append((what, facts)), seed=1)
    assert opened.is_set()
    assert not folder_of(told).exists()


async def test_a_demo_that_is_interrupted_ends_all_that_it_started(told: list[tuple[str, dict[str, Any]]]) -> None:
    before = children()
    running = asyncio.ensure_future(demo.run_demo(headless=True, tell=lambda what, facts: told.append((what, facts))))
    while not any(what == "message" for what, _ in told):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not folder_of(told).exists()
    assert children() <= before
