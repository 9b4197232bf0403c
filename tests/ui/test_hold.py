"""The hold before sending can be called back until it is full."""

from __future__ import annotations

from radrecon.ui.main_window import MainWindow
from radrecon.ui.widgets.hold import Hold
from tests.ui.conftest import until


async def test_a_hold_that_runs_out_is_done_once(window: MainWindow) -> None:
    hold, heard = Hold(window.desk, window), list[str]()
    hold.done.connect(lambda: heard.append("done"))
    hold.cancelled.connect(lambda: heard.append("cancelled"))
    hold.start(0.15)
    assert hold.running
    assert hold.isVisible()
    await until(lambda: heard, "the end of the hold")
    hold.cancel()
    assert heard == ["done"]
    assert not hold.isVisible()


async def test_a_cancelled_hold_is_never_done(window: MainWindow) -> None:
    hold, heard = Hold(window.desk, window), list[str]()
    hold.done.connect(lambda: heard.append("done"))
    hold.cancelled.connect(lambda: heard.append("cancelled"))
    hold.start(30)
    hold.cancel()
    assert heard == ["cancelled"]
    assert not hold.running


async def test_no_hold_sends_at_once(window: MainWindow) -> None:
    hold, heard = Hold(window.desk, window), list[str]()
    hold.done.connect(lambda: heard.append("done"))
    hold.start(0)
    assert heard == ["done"]
