"""One command that checks all: format, lint, types, then pytest (its arguments are passed on)."""

from __future__ import annotations

import os
import subprocess
import sys

CHECKS = (
    ["ruff", "format", "--check", "-q", "."],
    ["ruff", "check", "-q", "."],
    ["mypy"],
)

# Tests with real peers and processes mostly wait: one process of pytest more than there are processors. Those come
# first, and who has done its own takes from the end of the others' lists: what is left at last is short.
SLOW_FIRST = ["tests/e2e", "tests/wire", "tests/ui", "tests/workflow", "tests/store", "tests/unit"]
ALL = [*SLOW_FIRST, "tests/packaging", "tests/test_architecture.py"]


def main(arguments: list[str]) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each of some hundred processes compiles this program anew
    if arguments:
        return run("pytest", *arguments)
    steps = [*CHECKS, ["pytest", "-n", str(processors() + 1), "--dist", "worksteal", "--durations=15", *ALL]]
    return next((status for step in steps if (status := run(*step))), 0)


def processors() -> int:
    """Those that this process may use, where the system tells."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def run(*command: str) -> int:
    print("·", *command, flush=True)
    return subprocess.call([sys.executable, "-m", *command])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
