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


# pure and database tests side by side; those with real peers, windows and processes one after another
PARALLEL = ["-n", "auto", "tests/unit", "tests/store", "tests/workflow", "tests/test_architecture.py"]
SERIAL = ["tests/wire", "tests/ui", "tests/e2e"]


def main(arguments: list[str]) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if arguments:
        return run("pytest", *arguments)
    steps = [*CHECKS, ["pytest", *PARALLEL], ["pytest", "--durations=15", *SERIAL]]
    return next((status for step in steps if (status := run(*step))), 0)


def run(*command: str) -> int:
    print("·", *command, flush=True)
    return subprocess.call([sys.executable, "-m", *command])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
