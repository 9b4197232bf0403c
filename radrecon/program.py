"""This program as others are to start it: from source, or frozen into an executable of a package."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

LIBRARY_PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def is_frozen() -> bool:
    return bool(getattr(sys, "frozen", False))


def command(*arguments: str) -> list[str]:
    """The command line that runs radrecon with these arguments."""
    return [_executable(), *arguments] if is_frozen() else [sys.executable, "-m", "radrecon", *arguments]


def _executable() -> str:
    """On Windows a package has two: the windowed one of the desk has no output, so that children are the other."""
    path = Path(sys.executable)
    return str(path.with_name("radrecon.exe")) if path.name == "radreconw.exe" else str(path)


def foreign_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment for somebody else's program: a frozen one finds its own libraries first, others must not."""
    clean = dict(environment)
    if not is_frozen():
        return clean
    for name in LIBRARY_PATHS:
        clean.pop(name, None)
        if (before := clean.pop(f"{name}_ORIG", None)) is not None:
            clean[name] = before
    return clean
