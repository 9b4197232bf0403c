"""The worker's lookers: started where much is to be looked at again, ended with it, and never needed.

Whoever of them cannot start, decides by other rules (the program was replaced under a running worker), or dies, is done
without: their pages come back unanswered, and the worker looks at those itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from radrecon.config import Config, environment_on
from radrecon.program import command
from radrecon.store import recheck
from radrecon.store.database import Store
from radrecon.workflow import rechecking
from radrecon.workflow.looking_ahead import Ahead
from radrecon.workflow.rechecking import BITE

log = structlog.get_logger()

ENOUGH = 5000  # records left, below which the worker is through before the others have started
TOGETHER = 2  # pages that one of them has: one to look at, and the next
MOST = 8
SPARE = 2  # processors for the engine and the worker
END_SECONDS = 1.0  # for one that hangs: it is killed well before the worker's own time is up


def processors() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def wanted(config: Config, cores: int) -> int:
    """How many lookers: as the settings say, else one for each processor that nobody else needs."""
    if config.engine.recheck_processes is not None:
        return config.engine.recheck_processes
    return min(MOST, max(1, cores - SPARE)) if cores > 1 else 0


class Again:
    """The look at everything, from the worker's thread: by itself, or with lookers where it is long."""

    def __init__(self, store: Store, config: Callable[[], Config]) -> None:
        self._store, self._config = store, config
        self._id = 0
        self._lookers: Lookers | None = None
        self._ahead: Ahead | None = None

    def some(self, now: datetime, seconds: float = BITE) -> bool:
        """One bite; returns whether there is more."""
        with self._store.reading() as conn:
            one = recheck.under_way(conn)
        if one is None:
            self.close()
            return False
        if one.id != self._id:
            self._begin(one)
        ahead = self._ahead
        return (ahead.some if ahead else rechecking.some)(self._store, now, seconds)

    def _begin(self, one: recheck.Recheck) -> None:
        """Those that run go on with the next one."""
        if self._lookers and not self._lookers.pids:
            self.close()
        self._id = one.id
        count = wanted(self._config(), processors())
        if self._ahead or not count or one.total - one.done < ENOUGH:
            return
        self._lookers = Lookers(self._store.url.render_as_string(hide_password=False), count)
        self._ahead = Ahead(self._lookers)

    def close(self) -> None:
        if self._lookers:
            self._lookers.close()
        self._id, self._lookers, self._ahead = 0, None, None


class Lookers:
    """Some children, each with the pages that it has; see `workflow.looking_ahead`."""

    def __init__(self, database_url: str, count: int) -> None:
        self._found: queue.SimpleQueue[tuple[_Looker, dict[str, Any] | None]] = queue.SimpleQueue()
        self._said = False
        self._lookers: list[_Looker] = []
        for _ in range(count):
            try:
                self._lookers.append(_Looker(database_url, self._found))
            except OSError as error:
                self._warn(str(error))
                break

    @property
    def pids(self) -> list[int]:
        """Of those that are still there."""
        return [one.process.pid for one in self._lookers]

    def ask(self, number: int, stage: str, ids: Sequence[int], now: datetime) -> bool:
        free = [one for one in self._lookers if one.is_ready and len(one.pages) < TOGETHER]
        if not free:
            return False
        line = {"page": number, "stage": stage, "ids": list(ids), "now": now.isoformat()}
        return min(free, key=lambda one: len(one.pages)).take(number, line)

    def answers(self, seconds: float) -> Mapping[int, Sequence[int] | None]:
        found: dict[int, Sequence[int] | None] = {}
        try:
            while True:
                one, said = self._found.get(timeout=seconds) if seconds > 0 else self._found.get_nowait()
                found |= self._heard(one, said)
                seconds = 0.0
        except queue.Empty:
            return found

    def _heard(self, one: _Looker, said: dict[str, Any] | None) -> Mapping[int, Sequence[int] | None]:
        if said is None:
            return self._lost(one, "ended")
        if "rules" in said:
            one.is_ready = said["rules"] == rechecking.rules()
            return {} if one.is_ready else self._lost(one, "decides by other rules")
        one.pages.discard(said["page"])
        return {said["page"]: said["named"]}

    def _lost(self, one: _Looker, reason: str) -> Mapping[int, Sequence[int] | None]:
        """What it had is to be looked at by others."""
        if one not in self._lookers:
            return {}
        self._lookers.remove(one)
        one.end()
        self._warn(reason)
        return dict.fromkeys(one.pages)

    def _warn(self, reason: str) -> None:
        if not self._said:
            log.warning("a process that looks again is not there; the worker does its part", reason=reason)
        self._said = True

    def close(self) -> None:
        for one in self._lookers:
            one.end()
        self._lookers = []


class _Looker:
    """One child, with a thread that reads what it says. Raises OSError where it cannot be started."""

    def __init__(self, database_url: str, found: queue.SimpleQueue[tuple[_Looker, dict[str, Any] | None]]) -> None:
        self.pages: set[int] = set()
        self.is_ready = False  # it has said by which rules it decides
        self.process = subprocess.Popen(
            command("looker"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment_on(database_url), creationflags=_BELOW,
        )  # fmt: skip
        self._found = found
        self._reader = threading.Thread(target=self._read, name=f"looker-{self.process.pid}", daemon=True)
        self._reader.start()

    def take(self, number: int, line: dict[str, Any]) -> bool:
        """A page of ids is far less than a pipe holds, so that this waits for nobody."""
        assert self.process.stdin
        try:
            self.process.stdin.write(json.dumps(line).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            return False  # its reader says that it has ended
        self.pages.add(number)
        return True

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            try:
                said = json.loads(line)
            except ValueError:
                break  # it is not what it should be, and counts as gone
            self._found.put((self, said))
        self._found.put((self, None))

    def end(self) -> None:
        """It ends when its input does; whoever does not is killed, for it only reads."""
        assert self.process.stdin
        assert self.process.stdout
        with contextlib.suppress(OSError):  # of one that is gone
            self.process.stdin.close()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        self.process.stdout.close()


_BELOW = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
