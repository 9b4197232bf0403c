"""Garbage is collected on the GUI thread only.

Python looks for cycles on whichever thread allocates next, and windows are full of cycles: a widget that dies on a
worker thread while the GUI thread delivers its events takes the program down with it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication

EVERY_MS = 500


@contextmanager
def collected_here(app: QApplication) -> Iterator[None]:
    """While inside, cycles end on this thread alone, on a timer; what is left of windows ends on the way out."""
    timer = QTimer()
    timer.timeout.connect(collect_due)
    timer.start(EVERY_MS)
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        timer.stop()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # None: of every object
        gc.collect()
        if was_on:
            gc.enable()


def collect_due() -> None:
    """Collect the oldest generation that is over its threshold, as the collector itself would."""
    over = [at for at, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > most]
    if over:
        gc.collect(over[-1])
