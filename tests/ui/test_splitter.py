"""Where a person put a handle is where it stands the next time."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from radrecon.ui.main_window import MainWindow
from radrecon.ui.widgets.splitter import Splitter


def made(window: MainWindow) -> Splitter:
    splitter = Splitter(window.desk, "example", Qt.Orientation.Horizontal, (QWidget(), QWidget()), (300, 700))
    splitter.resize(1007, 100)
    splitter.show()
    return splitter


async def test_a_dragged_handle_is_remembered(window: MainWindow) -> None:
    first = made(window)
    assert first.sizes() == [300, 700]
    first.moveSplitter(600, 1)
    second = made(window)
    assert second.sizes() == first.sizes()
    assert second.sizes()[0] == 600
    for each in (first, second):
        each.deleteLater()
