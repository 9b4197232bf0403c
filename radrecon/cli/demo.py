"""radrecon demo: a simulated hospital, the engine, and (unless headless) the desk on it."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from radrecon.cli.printing import plain, print_facts, print_json, warn
from radrecon.program import command

HEADLESS_SECONDS = 60.0
GREETING = (
    "A simulated hospital is at work. Enter opens an unassigned study and says why; Ctrl+P shows what would be sent, "
    "Ctrl+Enter sends it, g o shows it filed. ? shows all keys."
)
NO_SCREEN = "there is no screen here: the demo runs headless"
OPENING = ("hospital", "pacs", "engine")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="no window; a simulated clerk puts things right")
    parser.add_argument(
        "--seconds", type=positive, metavar="N", help=f"end after N seconds (headless: {HEADLESS_SECONDS:g})"
    )
    parser.add_argument("--json", action="store_true", help="what happened, as one object at the end")


def positive(text: str) -> float:
    number = float(text)
    if not number > 0:
        raise ValueError(text)
    return number


def run(options: argparse.Namespace) -> int:
    headless = options.headless
    if not headless and not has_screen():
        warn(NO_SCREEN)
        headless = True
    happened = _headless(options) if headless else _on_the_desk(options)
    if options.json:
        print_json(happened)
    else:
        print_facts((name.replace("_", " "), value) for name, value in happened.items())
    return 0


def has_screen() -> bool:
    """Whether a window can be shown: X11 or Wayland on Linux, or a Qt platform that was chosen by name."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _headless(options: argparse.Namespace) -> dict[str, Any]:
    tell = _silent if options.json else _tell
    return asyncio.run(_play(seconds=options.seconds or HEADLESS_SECONDS, headless=True, tell=tell))


def _on_the_desk(options: argparse.Namespace) -> dict[str, Any]:
    from radrecon.ui import app

    tell = _silent if options.json else _tell_opening
    qt = app.application(without_screen=_go_on_headless)
    tell("hospital", {"opens": "in some seconds; closing the window ends the demo"})
    with app.event_loop(qt) as loop:
        asyncio.set_event_loop(loop)
        return app.run(qt, loop, _play(seconds=options.seconds, start_desk=_desk, tell=tell))


def _go_on_headless(why: str) -> None:
    """In this process's place: Qt has begun and cannot be taken back."""
    warn(f"{NO_SCREEN} ({why})")
    line = command(*sys.argv[1:], "--headless")
    os.execv(line[0], line)


async def _desk(database: str) -> None:
    """The window on the demo's database, until it is closed."""
    from radrecon.store.database import open_store
    from radrecon.ui import app

    store = open_store(database)
    try:
        window = await app.open_desk(store, title="demo")
        window.banner.say(GREETING, "good", stays=True)
        await app.closed(window)
    finally:
        store.close()


async def _play(**more: Any) -> dict[str, Any]:
    """The demo until its end; an interrupt ends it in order, so that nothing that it started is left behind."""
    from radrecon.sim.demo import run_demo

    until = asyncio.Event()
    with ended_by_signals(until):
        return await run_demo(until=until, **more)


@contextmanager
def ended_by_signals(until: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    wanted = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(one, lambda *_: loop.call_soon_threadsafe(until.set)) for one in wanted]
    try:
        yield
    finally:
        for one, handler in zip(wanted, before, strict=True):
            signal.signal(one, handler)


def _tell_opening(what: str, facts: dict[str, Any]) -> None:
    """While the window is not there yet; then it tells more than lines can."""
    if what in OPENING:
        _tell(what, facts)


def _tell(what: str, facts: dict[str, Any]) -> None:
    words = " ".join(f"{name}={value}" for name, value in facts.items())
    print(plain(f"{what}  {words}"), file=sys.stderr)


def _silent(what: str, facts: dict[str, Any]) -> None:
    pass
