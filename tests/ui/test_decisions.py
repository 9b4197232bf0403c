"""Decisions and rules on the desk: seen, revoked, switched, each with a reason."""

from __future__ import annotations

from radrecon.ui.main_window import MainWindow
from radrecon.ui.pages.decisions import DecisionsPage
from tests.ui.conftest import settled
from tests.ui.fake_backend import FakeBackend
from tests.ui.keyboard import press, write


async def opened(window: MainWindow) -> DecisionsPage:
    await press(window, "g", "d")
    page = window.page
    assert isinstance(page, DecisionsPage)
    return page


async def test_decisions_and_rules_are_listed(window: MainWindow) -> None:
    page = await opened(window)
    assert [row.state for row in page.decisions.table.rows_model.rows] == ["standing", "expired"]
    assert [row.rule for row in page.rules.table.rows_model.rows] == ["link_by_accession", "correct_late_images"]


async def test_a_decision_is_revoked_with_a_reason(window: MainWindow, backend: FakeBackend) -> None:
    await opened(window)
    await press(window, "v")
    assert window.prompt.isVisible()
    await write(window, "was another exam")
    await press(window, "Enter")
    assert backend.revoked == [(1, "was another exam")]


async def test_one_that_stands_no_longer_is_not_revoked(window: MainWindow, backend: FakeBackend) -> None:
    page = await opened(window)
    page.decisions.table.go_to(2)
    assert not page.revoke_button.isEnabled()
    await press(window, "v")
    assert not window.prompt.isVisible()
    assert backend.revoked == []


async def test_a_rule_is_switched_with_a_reason_and_its_record_before_the_eyes(
    window: MainWindow, backend: FakeBackend
) -> None:
    page = await opened(window)
    page.rules.table.go_to(2)
    assert not page.state_buttons["off"].isEnabled()
    page.state_buttons["on"].click()
    await settled(window)
    assert window.prompt.isVisible()
    assert "sends corrections by itself" in window.prompt.question.text()
    assert "agreed 31 times and disagreed 2" in window.prompt.question.text()
    await write(window, "31 of 33")
    await press(window, "Enter")
    assert backend.switched == [("correct_late_images", "on", "31 of 33")]


async def test_enter_opens_the_case_that_was_decided(window: MainWindow) -> None:
    await opened(window)
    await press(window, "Enter")
    assert window.page.name == "case"
