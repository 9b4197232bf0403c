"""Windows die on the GUI thread, however busy other threads are."""

from __future__ import annotations

import gc
import threading

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from radrecon.ui import garbage


class Cycle(QObject):
    """Remembers on which thread it died."""

    def __init__(self, died_on: list[str]) -> None:
        super().__init__()
        self.me = self
        self.died_on = died_on

    def __del__(self) -> None:
        self.died_on.append(threading.current_thread().name)


def churn() -> None:
    for _ in range(20_000):
        ring: list[object] = []
        ring.append(ring)


def on_a_thread() -> None:
    thread = threading.Thread(target=churn, name="busy")
    thread.start()
    thread.join()


def test_a_busy_thread_ends_no_object_of_the_window(qapp: QApplication) -> None:
    died_on: list[str] = []
    with garbage.collected_here(qapp):
        Cycle(died_on)
        on_a_thread()
        assert died_on == []
        garbage.collect_due()
    assert died_on == [threading.current_thread().name]


def test_the_collector_is_as_it_was(qapp: QApplication) -> None:
    before = gc.isenabled()
    with garbage.collected_here(qapp):
        assert not gc.isenabled()
    assert gc.isenabled() is before
