"""What a demo has started ends with it, however it ends: also killed, or ended by Qt where the screen is gone.

A child waits at a pipe, which the system closes when the demo is gone. What it was told of and is still there it then
ends, and removes the demo's folder. A demo that ended all by itself says so, and the child does nothing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from radrecon.program import command

IN_ORDER = b"in order"
SECONDS = 10.0  # to end when asked; then it is killed
KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL


class Caretaker:
    """The demo's end of the pipe."""

    def __init__(self, folder: Path) -> None:
        quiet = subprocess.DEVNULL
        self._child = subprocess.Popen(
            command("simulate", "caretaker", str(folder)), stdin=subprocess.PIPE, stdout=quiet, stderr=quiet,
            start_new_session=True,  # who interrupts the terminal, or closes it, spares it
        )  # fmt: skip

    def watch(self, pid: int) -> None:
        """From now on that process does not outlive this one."""
        self._tell(str(pid).encode())

    def close(self) -> None:
        """All that was started has ended."""
        self._tell(IN_ORDER)
        assert self._child.stdin
        self._child.stdin.close()
        self._child.wait()

    def _tell(self, line: bytes) -> None:
        assert self._child.stdin
        with contextlib.suppress(OSError):  # it was killed itself: the demo goes on
            os.write(self._child.stdin.fileno(), line + b"\n")


# -- the child --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """A process by a handle, where the system has such: its number may be another's by the time it is to end."""

    pid: int
    handle: int | None

    def send(self, number: int) -> bool:
        """Whether it was there to get the signal."""
        try:
            if self.handle is None:
                os.kill(self.pid, number)
            else:
                signal.pidfd_send_signal(self.handle, number)
        except OSError:
            return False
        return True

    def lives(self) -> bool:
        """On Windows every signal is the end at once."""
        return sys.platform != "win32" and self.send(0)


def hold(pid: int) -> Held:
    try:
        return Held(pid, os.pidfd_open(pid))
    except (AttributeError, OSError):
        return Held(pid, None)


def main(folder: Path) -> None:
    held: list[Held] = []
    for line in sys.stdin.buffer:
        if line.strip() == IN_ORDER:
            return
        held.append(hold(int(line)))
    end_all(held)
    remove(folder)


def end_all(held: Iterable[Held]) -> None:
    """Ask each to stop; insist after a while."""
    for number in (signal.SIGTERM, KILL):
        held = [one for one in held if one.send(number)]
        until = time.monotonic() + SECONDS
        while any(one.lives() for one in held) and time.monotonic() < until:
            time.sleep(0.05)


def remove(folder: Path) -> None:
    for _ in range(20):  # somebody's last file may come in between
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.25)
