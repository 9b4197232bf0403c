"""The queue of writers before SQLite: two lock files, so that whoever waits is let in next, at once.

SQLite's busy handler sleeps and guesses (up to 100 ms a turn), so that a busy writer starves everyone else. Here a
writer passes a turnstile, waits at the door, and leaves the turnstile when the door is its own: only one waits at the
door, and who has just left must pass the turnstile again. Both are the operating system's locks: the next one is woken
the moment the door opens, and a killed process holds nothing.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from radrecon.model.errors import Trouble

if sys.platform != "win32":
    import fcntl

    def _open(path: Path, like: Path) -> int:
        """Open, for reading and writing, to whoever may so open `like`: both are shared by the same people."""
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise Trouble(f"{path}: {error.strerror}") from error
        with contextlib.suppress(OSError):  # no database yet, or another's file
            os.fchmod(handle, like.stat().st_mode & 0o666)
        return handle

    class _Lock:
        """A lock file that is waited for in the kernel."""

        def __init__(self, path: Path, like: Path) -> None:
            self._path, self._like = path, like
            self._handle = -1

        def acquire(self) -> None:
            if self._handle < 0:
                self._handle = _open(self._path, self._like)
            fcntl.flock(self._handle, fcntl.LOCK_EX)

        def release(self) -> None:
            fcntl.flock(self._handle, fcntl.LOCK_UN)

        def close(self) -> None:
            if self._handle >= 0:
                os.close(self._handle)
                self._handle = -1

else:

    class _Lock:
        """Windows has no lock that is waited for: it is asked for every 2 ms."""

        def __init__(self, path: Path, _like: Path) -> None:
            self._file = FileLock(path, thread_local=False)

        def acquire(self) -> None:
            self._file.acquire(poll_interval=0.002)

        def release(self) -> None:
            self._file.release()

        def close(self) -> None:
            self._file.release(force=True)


class Turnstile:
    """One per store; threads queue at a mutex, processes at the files."""

    def __init__(self, database: Path) -> None:
        self._mutex = threading.Lock()
        self._turnstile = _Lock(Path(f"{database}.turnstile"), database)
        self._door = _Lock(Path(f"{database}.door"), database)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only writer, of all processes."""
        with self._mutex:
            self._turnstile.acquire()
            try:
                self._door.acquire()
            finally:
                self._turnstile.release()
            try:
                yield
            finally:
                self._door.release()

    def close(self) -> None:
        with self._mutex:
            self._turnstile.close()
            self._door.close()
