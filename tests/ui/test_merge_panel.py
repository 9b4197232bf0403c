"""Merging where the case does not name both patients: the numbers are typed, and who they are is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from radrecon.model.correction import Plan
from radrecon.model.errors import NotFound
from radrecon.ui.main_window import MainWindow
from radrecon.ui.pages.case import CasePage
from radrecon.ui.pages.page import Place
from tests.ui.conftest import settled
from tests.ui.fake_backend import FakeBackend
from tests.ui.keyboard import press, write


@pytest.fixture
def asked(backend: FakeBackend, monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, str]]:
    """The values of each merge that was planned; only known numbers are planned."""
    values_seen: list[Mapping[str, str]] = []
    detail, plan = backend.case_detail, backend.plan

    def case_detail(case_id: int) -> Any:
        found = detail(case_id)
        return replace(found, verbs={**found.verbs, "merge": ""})

    def planned(case_id: int, verb: str, *, order_id: int = 0, values: Mapping[str, str] | None = None) -> Plan:
        values_seen.append(dict(values or {}))
        if "unheard" in (values or {}).values():
            raise NotFound("no such patient number is known")
        return plan(case_id, "fix", order_id=order_id or 1)

    monkeypatch.setattr(backend, "case_detail", case_detail)
    monkeypatch.setattr(backend, "plan", planned)
    return values_seen


async def opened(window: MainWindow, backend: FakeBackend, patient_id: str) -> CasePage:
    backend.case_rows = [replace(row, patient_id=patient_id) if row.id == 1 else row for row in backend.case_rows]
    window.go(Place("case", 1))
    await settled(window)
    page = window.page
    assert isinstance(page, CasePage)
    return page


async def test_a_case_that_names_both_goes_straight_to_the_preview(
    window: MainWindow, backend: FakeBackend, asked: list[Mapping[str, str]]
) -> None:
    await opened(window, backend, "4471188")
    await press(window, "m")
    assert window.page.name == "preview"
    assert asked == [{"survivor": "4471023^^^HOSP", "non_survivor": "4471188"}]


async def test_the_missing_number_is_asked_for_and_the_person_is_shown(
    window: MainWindow, backend: FakeBackend, asked: list[Mapping[str, str]]
) -> None:
    page = await opened(window, backend, "4471023")
    await press(window, "m")
    panel = page.merge_panel
    assert panel.isVisible()
    assert panel.lines["survivor"].text() == "4471023^^^HOSP"
    assert "FISCHER, ANNA MARIE" in panel.lines["survivor"].who.text()
    assert not panel.go.isEnabled()
    await write(window, "4471188")
    assert "OKONKWO" in panel.lines["non_survivor"].who.text()
    panel.answer()
    await settled(window)
    assert asked == [{"survivor": "4471023^^^HOSP", "non_survivor": "4471188"}]
    assert window.page.name == "preview"


async def test_a_number_that_nobody_knows_opens_the_panel_with_the_reason(
    window: MainWindow, backend: FakeBackend, asked: list[Mapping[str, str]]
) -> None:
    page = await opened(window, backend, "unheard")
    await press(window, "m")
    assert page.merge_panel.isVisible()
    assert "no such patient number" in window.banner.text
    assert page.merge_panel.lines["non_survivor"].who.text() == ""


async def test_swap_turns_survivor_and_non_survivor_round(
    window: MainWindow, backend: FakeBackend, asked: list[Mapping[str, str]]
) -> None:
    page = await opened(window, backend, "4471023")
    page.merge_panel.ask("1", "2", lambda *_: None)
    page.merge_panel.swap()
    assert page.merge_panel.numbers == ("2", "1")


async def test_escape_closes_the_panel_and_nothing_is_planned(
    window: MainWindow, backend: FakeBackend, asked: list[Mapping[str, str]]
) -> None:
    page = await opened(window, backend, "4471023")
    await press(window, "m", "Esc")
    assert not page.merge_panel.isVisible()
    assert window.page is page
    assert asked == []
