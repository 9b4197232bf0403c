"""Each verb calls the backend once, off the GUI thread, and says what it changed."""

from __future__ import annotations

import threading

import pytest

from radrecon.model.correction import Verb
from radrecon.model.errors import Refused
from radrecon.ui import verbs
from radrecon.ui.main_window import MainWindow
from tests.ui.fake_backend import FakeBackend


async def test_approving_says_which_correction_and_what_it_changed(window: MainWindow, backend: FakeBackend) -> None:
    plan = await verbs.plan(window.desk, 1, "link", 1)
    assert plan.verb == Verb.LINK
    correction, topics = await verbs.approve(window.desk, plan, "typing slip", "T-7")
    assert (correction, backend.approved) == (42, [(plan, "typing slip", "T-7")])
    assert {"cases", "deliveries"} <= topics


async def test_each_case_and_delivery_is_named_to_the_backend(window: MainWindow, backend: FakeBackend) -> None:
    assert await verbs.dismiss(window.desk, [1, 2], "phantom") == {"cases"}
    assert await verbs.retry(window.desk, [2, 3]) == {"deliveries"}
    assert await verbs.park(window.desk, [4]) == {"deliveries"}
    assert (backend.dismissed, backend.retried, backend.parked) == ([(1, "phantom"), (2, "phantom")], [2, 3], [4])


async def test_what_somebody_else_has_done_does_not_stop_the_others(window: MainWindow, backend: FakeBackend) -> None:
    """The first refusal ended it, and the rest of what was chosen stayed open."""
    done = backend.dismiss

    def dismiss(case_id: int, *, reason: str) -> None:
        if case_id == 1:
            raise Refused("case 1 is closed")
        done(case_id, reason=reason)

    backend.dismiss = dismiss  # type: ignore[method-assign]
    with pytest.raises(Refused, match="case 1 is closed; 1 of 3 were left as they are"):
        await verbs.dismiss(window.desk, [1, 2, 3], "phantom")
    assert [case_id for case_id, _ in backend.dismissed] == [2, 3]


async def test_a_refusal_reaches_the_caller(window: MainWindow, backend: FakeBackend) -> None:
    backend.refusal = Refused("not now")
    with pytest.raises(Refused, match="not now"):
        await verbs.plan_undo(window.desk, 41)
    assert threading.main_thread().ident not in backend.threads
