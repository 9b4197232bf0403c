"""The turnstile before SQLite's write lock: a lock file held only until BEGIN IMMEDIATE has succeeded.

SQLite's busy handler sleeps and guesses, so that a busy writer starves everyone else; a queue at the operating
system's lock lets each process in after at most one other transaction.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock


class Turnstile:
    """One per store; threads queue at a mutex, processes at the file."""

    def __init__(self, path: Path) -> None:
        self._mutex = threading.Lock()
        self._file = FileLock(path, thread_local=False)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        with self._mutex, self._file.acquire(poll_interval=0.002):
            yield
