"""The hospital in a process of its own, so that making images never costs the desk's window a frame.

The child reads its plan as the first line of its input, works until the input ends (so it also ends with a parent that
dies), and writes one JSON object per line: what happens, and last the tally.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

import structlog

from radrecon.model.errors import Trouble
from radrecon.program import command
from radrecon.sim import hospital
from radrecon.sim.plan import HospitalPlan
from radrecon.sim.processes import end, last_line
from radrecon.sim.tally import Tally
from radrecon.sim.ward import Tell

LONGEST_LINE = 64 << 20


async def run_apart(plan: HospitalPlan, stop: asyncio.Event, tell: Tell, log: Path) -> Tally:
    """Like `hospital.run`, in a child process; its stray output goes to `log`. Raises Trouble if the child fails."""
    with log.open("ab") as lines:
        child = await asyncio.create_subprocess_exec(
            *command("simulate", "hospital"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=lines,
            limit=LONGEST_LINE,
            start_new_session=True,
        )
    closing = asyncio.ensure_future(_close_when(child, plan, stop))
    try:
        tally = await _listen(child, tell)
        await child.wait()
    finally:
        closing.cancel()
        await end(child)
    if tally is None:
        raise Trouble(f"the simulated hospital failed: {last_line(log.read_text('utf-8', 'replace'))}")
    return tally


async def _close_when(child: Process, plan: HospitalPlan, stop: asyncio.Event) -> None:
    assert child.stdin is not None
    child.stdin.write(plan.model_dump_json().encode() + b"\n")
    await child.stdin.drain()
    await stop.wait()
    child.stdin.close()


async def _listen(child: Process, tell: Tell) -> Tally | None:
    """Pass on what happens; the tally if one came."""
    assert child.stdout is not None
    tally = None
    while line := await child.stdout.readline():
        event: dict[str, Any] = json.loads(line)
        if event["what"] == "tally":
            tally = Tally.from_json(event["facts"])
        else:
            tell(event["what"], event["facts"])
    return tally


async def _work(plan: HospitalPlan) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    watcher = threading.Thread(target=_wait_for_end, args=(loop, stop), name="stdin", daemon=True)
    watcher.start()
    tally = await hospital.run(plan, stop, _say)
    _say("tally", tally.as_json())


def _wait_for_end(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    loop.call_soon_threadsafe(stop.set)


def _say(what: str, facts: dict[str, Any]) -> None:
    print(json.dumps({"what": what, "facts": facts}), flush=True)


def main() -> None:
    """Lines for the parent go to stdout, so whatever is logged goes to stderr."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(_work(HospitalPlan.model_validate_json(sys.stdin.buffer.readline())))
