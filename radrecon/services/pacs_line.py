"""What the feed asks of one PACS, one question after another: the most urgent first, and no more than its bound.

Each PACS has a thread of its own here, so that one that is down or slow never keeps another waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import Any, TypeVar

from radrecon.model.errors import PeerTrouble

Answer = TypeVar("Answer")


class Urgency(IntEnum):
    ASKED = 0  # a person or a peer wants to know about one study
    CHANGE = 1
    POLL = 2
    SWEEP = 3


class Closed(PeerTrouble):
    """The line was closed while a question waited."""

    def __init__(self) -> None:
        super().__init__("the feed starts anew; ask again")


class Pace:
    """At most so many queries in any minute (0 = no bound): `wait` returns when the next one may go."""

    def __init__(self, per_minute: int, seconds: float = 60.0) -> None:
        self._most, self._seconds = per_minute, seconds
        self._sent: deque[float] = deque()
        self._closed = threading.Event()

    def wait(self) -> None:
        """Raises Closed where the line ends meanwhile."""
        if not self._most:
            return
        while len(self._sent) >= self._most:
            pause = self._sent[0] + self._seconds - time.monotonic()
            if pause <= 0:
                self._sent.popleft()
            elif self._closed.wait(pause):
                raise Closed
        self._sent.append(time.monotonic())

    def close(self) -> None:
        self._closed.set()


class Line:
    """One thread that asks; questions wait in the order of their urgency, then of their coming.

    `at_end` runs on the same thread when nothing is asked any more.
    """

    def __init__(self, name: str, at_end: Callable[[], None] = lambda: None) -> None:
        self._at_end = at_end
        self._ready = threading.Condition()
        self._waiting: list[tuple[int, int, Callable[[], None], Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._open = True
        self.thread = threading.Thread(target=self._serve, name=f"feed {name}", daemon=True)
        self.thread.start()

    async def ask(self, urgency: Urgency, question: Callable[..., Answer], *args: Any) -> Answer:
        """Run a blocking question on the line's thread. One that is cancelled while it waits is never asked."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()

        def run() -> None:
            if answer.cancelled():
                return
            try:
                found = question(*args)
            except BaseException as error:
                _tell(loop, answer, _fail, error)
            else:
                _tell(loop, answer, _settle, found)

        def drop() -> None:
            _tell(loop, answer, _fail, Closed())

        with self._ready:
            if not self._open:
                raise Closed
            heapq.heappush(self._waiting, (urgency, next(self._numbers), run, drop))
            self._ready.notify()
        return await answer

    def close(self) -> None:
        """Ask nothing more; what is under way ends by itself."""
        with self._ready:
            self._open = False
            for _, _, _, drop in self._waiting:
                drop()
            self._waiting.clear()
            self._ready.notify()

    def _serve(self) -> None:
        while True:
            with self._ready:
                while self._open and not self._waiting:
                    self._ready.wait()
                if not self._open:
                    break
                _, _, run, _ = heapq.heappop(self._waiting)
            run()
        self._at_end()


def _tell(loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Any], how: Callable[..., None], what: Any) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
        loop.call_soon_threadsafe(how, answer, what)


def _settle(answer: asyncio.Future[Any], found: Any) -> None:
    if not answer.done():
        answer.set_result(found)


def _fail(answer: asyncio.Future[Any], error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)
