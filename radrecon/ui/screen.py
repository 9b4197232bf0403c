"""A window needs a screen. Without one Qt ends the program by itself, with advice that misleads and a core dump."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QtMsgType, qInstallMessageHandler

WAYS = ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY")


@contextmanager
def needed(without: Callable[[str], object]) -> Iterator[None]:
    """While Qt opens the screen: where it cannot, `without` is told why as the last thing that happens here."""
    said: list[str] = []

    def hear(kind: QtMsgType, _: Any, text: str) -> None:
        if kind == QtMsgType.QtFatalMsg:
            without(reason(said))
            os._exit(1)
        said.append(text)

    before = qInstallMessageHandler(hear)
    try:
        yield
    finally:
        qInstallMessageHandler(before)
        for text in said:
            print(text, file=sys.stderr)


def reason(said: Sequence[str]) -> str:
    """Qt names a library that it may lack also where it lacks none: only where it says nothing of the screen it means
    that.
    """
    named = [f"{name}={os.environ[name]}" for name in WAYS if os.environ.get(name)]
    if said and not any("could not connect" in text for text in said):
        return said[0]
    return f"{' '.join(named)} cannot be opened" if named else "DISPLAY is not set"


def say_missing(why: str) -> None:
    line = f"radrecon: there is no screen for the desk: {why}; radrecon --help lists what needs none"
    print(line, file=sys.stderr, flush=True)
