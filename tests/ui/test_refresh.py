"""Change notices cross from the watcher's thread and arrive gathered, on the GUI thread."""

from __future__ import annotations

import asyncio
import threading

from radrecon.ui.refresh import Refresh
from tests.ui.conftest import until
from tests.ui.fake_backend import FakeBackend


async def test_a_burst_from_another_thread_is_one_notice_here() -> None:
    backend = FakeBackend()
    notice = Refresh(backend)
    heard: list[tuple[frozenset[str], int]] = []
    notice.changed.connect(lambda topics: heard.append((topics, threading.get_ident())))
    notice.start()
    thread = threading.Thread(target=lambda: [backend.notify(t) for t in ("cases", "orders", "cases")])
    thread.start()
    thread.join()
    await until(lambda: heard, "the notice")
    await asyncio.sleep(0.05)
    assert heard == [(frozenset({"cases", "orders"}), threading.get_ident())]
    notice.stop()
    assert backend.callbacks == []
