from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from radrecon.config import PacsConfig
from radrecon.model.errors import Trouble
from radrecon.sim.apart import run_apart
from radrecon.sim.pacs import free_port
from radrecon.sim.plan import HospitalPlan


def plan(pace: float = 5) -> HospitalPlan:
    """Nobody listens at any of its addresses."""
    return HospitalPlan(
        mllp=("127.0.0.1", free_port()),
        dicom=("127.0.0.1", free_port(), "RADRECON"),
        pacs=PacsConfig(name="p", ae_title="P", port=free_port()),
        opened=datetime(2026, 11, 22, 14, 30, tzinfo=UTC),
        pace=pace,
    )


async def test_the_tally_comes_back_from_the_child(tmp_path: Path) -> None:
    stop, told = asyncio.Event(), list[str]()

    def tell(what: str, facts: dict[str, Any]) -> None:
        told.append(what)
        stop.set()

    tally = await run_apart(plan(), stop, tell, tmp_path / "log")
    assert "trouble" in told
    assert tally.trouble
    assert tally.messages_sent == 0


async def test_a_child_that_fails_is_trouble_with_its_last_words(tmp_path: Path) -> None:
    nowhere = plan().model_copy(update={"zone": "Nowhere/Land"})
    with pytest.raises(Trouble, match=r"the simulated hospital failed: .*Nowhere"):
        await run_apart(nowhere, asyncio.Event(), lambda what, facts: None, tmp_path / "log")


async def test_a_cancelled_hospital_leaves_no_process_behind(tmp_path: Path) -> None:
    log = tmp_path / "log"
    work = asyncio.ensure_future(run_apart(plan(), asyncio.Event(), lambda what, facts: None, log))
    await asyncio.sleep(0.3)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
