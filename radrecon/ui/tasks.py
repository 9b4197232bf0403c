"""The one place with threads: database work leaves the GUI thread here and its answer comes back to the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Tasks:
    """Runs blocking functions on a small pool, and coroutines on the loop that it was made in.

    Every failure reaches `on_error`.
    """

    def __init__(self, on_error: Callable[[BaseException], None], threads: int = 3) -> None:
        self.on_error = on_error
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="desk")
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` on a worker thread and wait for it without holding the loop."""
        return await asyncio.wrap_future(self._pool.submit(function, *args, **kwargs), loop=self._loop)

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Start a coroutine that nobody waits for."""
        if self._closed:
            coroutine.close()
            return
        task = self._loop.create_task(coroutine)
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.on_error(error)

    @property
    def idle(self) -> bool:
        return not self._running

    async def close(self) -> None:
        """Cancel what runs, wait for it, end the threads."""
        self._closed = True
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._pool.shutdown(wait=True, cancel_futures=True)
