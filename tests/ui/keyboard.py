"""A person's hands: keys go to whatever has the focus."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from radrecon.ui.main_window import MainWindow
from tests.ui.conftest import settled

KEYS = {"Enter": Qt.Key.Key_Return, "Esc": Qt.Key.Key_Escape, "Tab": Qt.Key.Key_Tab, "F5": Qt.Key.Key_F5}
MODIFIERS = {
    "Ctrl": Qt.KeyboardModifier.ControlModifier,
    "Shift": Qt.KeyboardModifier.ShiftModifier,
}


def focused(window: MainWindow) -> QWidget:
    return window.focusWidget() or window


async def press(window: MainWindow, *keys: str) -> None:
    """`press(w, "g", "t", "Ctrl+K", "Enter")`; waits after each until nothing loads."""
    for key in keys:
        *held, last = key.split("+") if len(key) > 1 else [key]
        modifier = Qt.KeyboardModifier.NoModifier
        for each in held:
            modifier |= MODIFIERS[each]
        code = KEYS.get(last) or getattr(Qt.Key, f"Key_{last}", None) if len(last) > 1 else None
        QTest.keyClick(focused(window), last.lower() if code is None else code, modifier)
        await settled(window)


async def write(window: MainWindow, text: str) -> None:
    QTest.keyClicks(focused(window), text)
    await settled(window)
