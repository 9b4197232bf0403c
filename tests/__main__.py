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


def main(arguments: list[str]) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for check in CHECKS if not arguments else ():
        print("·", *check, flush=True)
        status = subprocess.call([sys.executable, "-m", *check])
        if status:
            return status
    return subprocess.call([sys.executable, "-m", "pytest", *(arguments or ["tests"])])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
