"""Change notices from the watcher's thread to the pages: topics arrive on the GUI thread, gathered for a moment."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from radrecon.ui.backend import Backend, Topics, Watch

GATHER_MS = 150


class Refresh(QObject):
    """`changed` carries the topics of the last moment, so that a burst of messages is one reload."""

    changed = Signal(object)
    _heard = Signal(object)

    def __init__(self, backend: Backend, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backend = backend
        self._watch: Watch | None = None
        self._topics: Topics = frozenset()
        self._timer = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._timer.timeout.connect(self._tell)
        # a signal crosses threads: the watcher calls from its own
        self._heard.connect(self.hear)

    @property
    def callback(self) -> Callable[[Topics], None]:
        return self._heard.emit

    def start(self) -> None:
        """Blocks while the watcher opens: call it on a worker thread. A second call changes nothing."""
        if self._watch is None:
            self._watch = self._backend.watch(self.callback)

    def stop(self) -> None:
        """Waits for the watcher's thread: call it on a worker thread."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None

    def hear(self, topics: Topics) -> None:
        self._topics |= topics
        if not self._timer.isActive():
            self._timer.start()

    def _tell(self) -> None:
        topics, self._topics = self._topics, frozenset()
        self.changed.emit(topics)
