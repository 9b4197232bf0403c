"""From an unassigned study to a correction that is sent, with the keyboard alone."""

from __future__ import annotations

import threading
from typing import Any

from radrecon.model.correction import Plan, Verb
from radrecon.model.errors import Refused, Stale
from radrecon.ui.main_window import BUG, MainWindow
from tests.ui.conftest import settled, until
from tests.ui.fake_backend import FakeBackend
from tests.ui.keyboard import press, write


async def to_preview(window: MainWindow) -> None:
    await press(window, "Enter", "l")
    assert window.page.name == "preview"


async def test_a_study_is_linked_from_triage_by_keyboard_alone(window: MainWindow, backend: FakeBackend) -> None:
    assert window.page.name == "triage"
    await press(window, "Enter")
    assert window.page.name == "case"
    await press(window, "2", "1", "l")
    assert window.page.name == "preview"
    await write(window, "typing error at CT2")
    await press(window, "Ctrl+Return")
    await until(lambda: backend.approved, "the approval")
    await settled(window)
    plan, reason, ticket = backend.approved[0]
    assert (plan.verb, plan.case_id, reason, ticket) == (Verb.LINK, 1, "typing error at CT2", "")
    assert window.page.name == "outbox"
    assert window.page.table.current_row.correction_id == 42  # type: ignore[attr-defined]


async def test_escape_during_the_hold_sends_nothing(window: MainWindow, backend: FakeBackend) -> None:
    window.desk.settings.setValue("hold_seconds", 30)
    await to_preview(window)
    await write(window, "typing error")
    await press(window, "Ctrl+Return", "Esc")
    assert window.page.name == "preview"
    assert not backend.approved
    assert "Cancelled" in window.banner.text


async def test_ctrl_z_during_the_hold_sends_nothing(window: MainWindow, backend: FakeBackend) -> None:
    window.desk.settings.setValue("hold_seconds", 30)
    await to_preview(window)
    await write(window, "typing error")
    await press(window, "Ctrl+Return", "Ctrl+Z")
    assert not backend.approved
    assert not window.page.hold.running  # type: ignore[attr-defined]


async def test_leaving_the_preview_during_the_hold_sends_nothing(window: MainWindow, backend: FakeBackend) -> None:
    window.desk.settings.setValue("hold_seconds", 30)
    await to_preview(window)
    await write(window, "typing error")
    await press(window, "Ctrl+Return")
    window.rail.chosen.emit("outbox")
    await settled(window)
    assert not window.pages["preview"].hold.running  # type: ignore[attr-defined]
    assert not backend.approved


async def test_nothing_is_sent_without_a_reason(window: MainWindow, backend: FakeBackend) -> None:
    await to_preview(window)
    await press(window, "Delete", "Ctrl+Return")
    assert not window.page.hold.running  # type: ignore[attr-defined]
    assert "Say why" in window.banner.text


async def test_what_is_wrong_is_proposed_as_the_reason(window: MainWindow, backend: FakeBackend) -> None:
    await to_preview(window)
    proposed = window.page.reason.text()  # type: ignore[attr-defined]
    assert proposed == window.pages["case"].detail.case.cause  # type: ignore[attr-defined]
    assert proposed
    await press(window, "Ctrl+Return")
    await until(lambda: backend.approved, "the approval")
    assert backend.approved[0][1] == proposed


async def test_another_order_than_the_case_speaks_of_needs_a_reason_of_its_own(
    window: MainWindow, backend: FakeBackend
) -> None:
    await press(window, "Enter", "2", "l")
    assert window.page.reason.text() == ""  # type: ignore[attr-defined]


async def test_a_refused_verb_is_a_line_in_the_banner(window: MainWindow, backend: FakeBackend) -> None:
    backend.refusal = Refused("the study still arrives: wait until it is complete")
    await press(window, "Enter", "l")
    assert window.page.name == "case"
    assert "still arrives" in window.banner.text


async def test_a_stale_plan_stays_on_the_screen(window: MainWindow, backend: FakeBackend) -> None:
    await to_preview(window)
    backend.refusal = Stale("the study has changed since: look again")
    await write(window, "typing error")
    await press(window, "Ctrl+Return")
    await until(lambda: "look again" in window.banner.text, "the banner")
    assert "Nothing was sent: " in window.banner.text
    assert window.page.name == "preview"
    assert window.page.send.isEnabled()  # type: ignore[attr-defined]


async def test_a_bug_is_told_without_its_details(window: MainWindow, backend: FakeBackend) -> None:
    window.say_error(ValueError("FISCHER^ANNA"))
    assert BUG in window.banner.text


async def test_no_backend_call_runs_on_the_gui_thread(window: MainWindow, backend: FakeBackend) -> None:
    await press(window, "g", "w")
    for name in ("worklist", "studies", "messages", "outbox", "decisions", "triage"):
        await press(window, "g", name[0])
    await press(window, "Enter", "Esc", "F5")
    assert threading.main_thread().ident not in backend.threads
    assert backend.threads


async def test_undo_opens_a_compensation_plan(window: MainWindow, backend: FakeBackend) -> None:
    await press(window, "g", "o", "Ctrl+Z")
    assert window.page.name == "preview"
    assert "Undo correction 41" in window.page.heading.text()  # type: ignore[attr-defined]


async def test_a_plan_that_takes_long_takes_nobody_from_another_page(window: MainWindow, backend: FakeBackend) -> None:
    """The preview came up under the hands of who had gone on to other work."""
    asked, ready, made = threading.Event(), threading.Event(), backend.plan

    def plan(*args: Any, **more: Any) -> Plan:
        asked.set()
        ready.wait(30)
        return made(*args, **more)

    backend.plan = plan  # type: ignore[method-assign]
    await press(window, "Enter")
    window.page.propose("link")  # type: ignore[attr-defined]
    await until(asked.is_set, "the plan")
    window.rail.chosen.emit("messages")
    ready.set()
    await settled(window)
    assert window.page.name == "messages"
