"""radrecon's own programs as child processes: the engine of a demo, and the command line as its contract has it."""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from pathlib import Path
from typing import Any

from radrecon.config import DATABASE
from radrecon.model.errors import Trouble
from radrecon.program import command as program

START_SECONDS = 60
STOP_SECONDS = 15


async def ask(database: str, *arguments: str) -> Any:
    """One command with --json; its answer. Raises Trouble with the command's own line."""
    command = program(*arguments, "--database", database, "--json")
    child = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE)
    try:
        out, err = await child.communicate()
    except asyncio.CancelledError:
        await end(child)
        raise
    if child.returncode != 0:
        raise Trouble(last_line(err.decode("utf-8", "replace")) or f"{arguments[0]}: exit code {child.returncode}")
    return json.loads(out)


async def start_engine(
    config: Path, database: str, folder: Path, begun: Callable[[int], object] = lambda pid: None
) -> tuple[Process, dict[str, Any]]:
    """The engine, once it serves: its process and its ready file. Raises Trouble with the end of its log.

    `begun` is told its pid as soon as it has one.
    """
    ready, log = folder / "engine.ready", folder / "engine.log"
    command = program("engine", "--config", str(config), "--database", database, "--ready-file", str(ready))
    with log.open("ab") as lines:
        child = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=lines, stderr=lines, env=quiet())
    begun(child.pid)
    try:
        async with asyncio.timeout(START_SECONDS):
            while not ready.exists():
                if child.returncode is not None:
                    raise Trouble(f"the engine did not start: {last_line(log.read_text('utf-8', 'replace'))}")
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        await end(child)
        raise Trouble(f"the engine did not become ready in {START_SECONDS} s; its log is {log}") from error
    except BaseException:
        await end(child)
        raise
    return child, json.loads(ready.read_text("utf-8"))


async def end(child: Process) -> None:
    """Ask it to stop; insist after a while."""
    if child.returncode is not None:
        return
    child.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()


def quiet() -> dict[str, str]:
    """This environment without a database or configuration that is meant for the user's own engine."""
    return {name: value for name, value in os.environ.items() if name != DATABASE}


def last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
