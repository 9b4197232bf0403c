"""A splitter that remembers where a person put its handle."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QSplitter, QWidget

from radrecon.ui.desk import Desk

HANDLE = 7


class Splitter(QSplitter):
    """`sizes` are the shares at first; the setting `splitter/<name>` keeps what was dragged."""

    def __init__(
        self, desk: Desk, name: str, orientation: Qt.Orientation, widgets: Sequence[QWidget], sizes: Sequence[int]
    ) -> None:
        super().__init__(orientation)
        self.desk = desk
        self.setObjectName(name)
        self.setHandleWidth(HANDLE)
        self.setChildrenCollapsible(False)
        for widget in widgets:
            self.addWidget(widget)
        self.setSizes(list(sizes))
        state = desk.settings.value(self._key)
        if isinstance(state, QByteArray):
            self.restoreState(state)
        self.splitterMoved.connect(lambda *_: desk.settings.setValue(self._key, self.saveState()))

    @property
    def _key(self) -> str:
        return f"splitter/{self.objectName()}-{self.count()}"
