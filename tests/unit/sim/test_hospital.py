from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate, islice
from typing import Any

import pytest

from radrecon.config import PacsConfig
from radrecon.sim import ward
from radrecon.sim.faults import FAULTS, OPENING
from radrecon.sim.hospital import arrivals, run
from radrecon.sim.pacs import free_port
from radrecon.sim.plan import HospitalPlan
from radrecon.sim.ris import RIS


def plan(pace: float = 5) -> HospitalPlan:
    return HospitalPlan(
        mllp=("127.0.0.1", free_port()),
        dicom=("127.0.0.1", free_port(), "RADRECON"),
        pacs=PacsConfig(name="p", ae_title="P", port=free_port()),
        opened=datetime(2026, 11, 22, 14, 30, tzinfo=UTC),
        pace=pace,
    )


def test_every_fault_has_arrived_within_the_first_half_minute() -> None:
    coming = list(islice(arrivals(plan()), 200))
    times = accumulate(pause for _, pause in coming)
    early = {scenario for (scenario, _), when in zip(coming, times, strict=True) if when < 25}
    assert set(FAULTS) <= early


def test_the_first_minute_is_lively_and_the_pace_comes_after_it() -> None:
    pauses = [pause for _, pause in islice(arrivals(plan(pace=8)), 200)]
    assert all(pause < 8 for pause in pauses[: len(OPENING)])
    assert pauses[-1] == 8


async def test_a_hospital_whose_peers_are_all_down_says_so_and_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ward, "RIS", partial(RIS, pause=0))
    told: list[tuple[str, dict[str, Any]]] = []
    stop = asyncio.Event()
    stop.set()
    tally = await run(plan(), stop, lambda what, facts: told.append((what, facts)))
    assert tally.messages_sent == 0
    assert any("no answer to ADT^A04" in line for line in tally.trouble)
    assert any(what == "trouble" for what, _ in told)
