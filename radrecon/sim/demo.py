"""The demo: a PACS, the engine, a simulated hospital and, with or without a window, somebody who puts things right.

Everything lives in a temporary folder and on loopback, and ends with the demo (see `caretaker`).
"""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from radrecon.config import PacsConfig, machine_zone
from radrecon.sim import clerk, pacs
from radrecon.sim.apart import run_apart
from radrecon.sim.caretaker import Caretaker
from radrecon.sim.history import fill_archive
from radrecon.sim.hospital import opening
from radrecon.sim.plan import HospitalPlan
from radrecon.sim.processes import ask, end, start_engine
from radrecon.sim.receiver import Receiver
from radrecon.sim.setting import AE_TITLE, configuration, quick, toml
from radrecon.sim.ward import Tell

StartDesk = Callable[[str], Awaitable[object]]
QUESTIONS = (
    ("messages", "--direction", "in"),
    ("worklist", "--queries"),
    ("studies",),
    ("cases", "--state", "all"),
    ("deliveries",),
)
# delivery states beyond which nothing more is to come; acknowledged is as far as a destination without proof goes
GOOD_ENDS = {"filed", "acknowledged"}


@dataclass(frozen=True)
class Stage:
    """What is up and running for the hospital to work on."""

    folder: Path
    database: str
    plan: HospitalPlan


async def run_demo(
    *,
    seconds: float | None = None,
    headless: bool = False,
    start_desk: StartDesk | None = None,
    tell: Tell = lambda what, facts: None,
    until: asyncio.Event | None = None,
    seed: int | None = None,
    pace: float = 5,
) -> dict[str, Any]:
    """Run until the window closes, the seconds are over or `until` is set; what the database then says happened.

    `start_desk` is given the database's URL and returns when its window is closed; headless has a clerk instead.
    """
    began, stop = time.monotonic(), until or asyncio.Event()
    async with AsyncExitStack() as stack:
        stage = await _raise_stage(stack, random.randrange(1 << 30) if seed is None else seed, pace, tell)
        hospital = asyncio.ensure_future(run_apart(stage.plan, stop, tell, stage.folder / "hospital.log"))
        other: Coroutine[Any, Any, Any]
        if headless or start_desk is None:
            other = clerk.work(stage.database, stop, tell)
        else:
            other = _desk_until(start_desk, stage.database, stop)
        await _play(hospital, asyncio.ensure_future(other), stop, seconds)
        return await summary(stage.database, time.monotonic() - began)


async def _play(
    hospital: asyncio.Future[Any], other: asyncio.Future[Any], stop: asyncio.Event, seconds: float | None
) -> None:
    """Let both go on until one of them or the time is over; an error of either is raised."""
    ending = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({hospital, other, ending}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.gather(hospital, other)
    finally:
        for task in (hospital, other, ending):
            task.cancel()
        await asyncio.gather(hospital, other, ending, return_exceptions=True)


async def _desk_until(start_desk: StartDesk, database: str, stop: asyncio.Event) -> None:
    """The desk, until its window is closed or the demo is over."""
    desk, ending = asyncio.ensure_future(start_desk(database)), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({desk, ending}, return_when=asyncio.FIRST_COMPLETED)
        if desk.done():
            desk.result()
    finally:
        desk.cancel()
        ending.cancel()
        await asyncio.gather(desk, ending, return_exceptions=True)


async def _raise_stage(stack: AsyncExitStack, seed: int, pace: float, tell: Tell) -> Stage:
    """PACS with a past, receivers, configuration, engine: in this order, and all of them end with the stack."""
    folder = Path(tempfile.mkdtemp(prefix="radrecon-demo-"))
    caretaker = Caretaker(folder)
    stack.push_async_callback(asyncio.to_thread, caretaker.close)
    stack.push_async_callback(asyncio.to_thread, _remove, folder)
    zone = machine_zone()
    opened = datetime.now(ZoneInfo(zone))
    archive = await _start_pacs(stack, folder / "pacs", caretaker)
    program = "Orthanc" if pacs.orthanc_program() else "a small one of our own, for Orthanc is not installed"
    tell("pacs", {"name": archive.name, "port": archive.port, "program": program})
    _, past = opening(seed, opened)
    await asyncio.to_thread(fill_archive, archive, past)
    receivers = [await _start_receiver(stack, name) for name in ("archive-adt", "vault-adt")]
    config = folder / "radrecon.toml"
    config.write_text(toml(configuration(archive, receivers[0].address, receivers[1].address, zone)), "utf-8")
    database = f"sqlite:///{folder / 'demo.sqlite3'}"
    engine, ready = await start_engine(config, database, folder, caretaker.watch)
    stack.push_async_callback(end, engine)
    tell("engine", {"mllp": ready["mllp"], "dicom": ready["dicom"], "database": database})
    dicom = (*ready["dicom"], ready.get("ae_title", AE_TITLE))
    plan = HospitalPlan(mllp=ready["mllp"], dicom=dicom, pacs=archive, opened=opened, seed=seed, pace=pace, zone=zone)
    return Stage(folder, database, plan)


async def _start_pacs(stack: AsyncExitStack, folder: Path, caretaker: Caretaker) -> PacsConfig:
    running = await asyncio.to_thread(pacs.start, folder)
    caretaker.watch(running.process.pid)
    stack.push_async_callback(asyncio.to_thread, running.stop)
    await asyncio.to_thread(running.ready)
    return quick(running.config)


async def _start_receiver(stack: AsyncExitStack, name: str) -> Receiver:
    receiver = Receiver(name)
    await receiver.start()
    stack.push_async_callback(receiver.close)
    return receiver


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


async def summary(database: str, seconds: float) -> dict[str, Any]:
    """What happened, from what everybody can ask the command line."""
    messages, queries, studies, cases, deliveries = [await ask(database, *question) for question in QUESTIONS]
    return {
        "messages_in": sum(message["direction"] == "in" for message in messages),
        "steps_served": sum(query["matches"] for query in queries),
        "studies_seen": len(studies),
        "cases": dict(Counter(case["kind"] for case in cases)),
        "corrections_filed": corrections_filed(deliveries),
        "seconds": round(seconds, 1),
    }


def corrections_filed(deliveries: Sequence[Mapping[str, Any]]) -> int:
    """Corrections with a delivery proved at its target, of which nothing is still under way or in trouble."""
    states: defaultdict[int, set[str]] = defaultdict(set)
    for delivery in deliveries:
        states[delivery["correction_id"]].add(delivery["state"])
    return sum("filed" in ends and ends <= GOOD_ENDS for ends in states.values())
