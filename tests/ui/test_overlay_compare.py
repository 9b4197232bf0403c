"""A suspected overlay: whoever calls registration reads who had the number before, and who has it now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.case import Difference, Weight
from radrecon.model.rows import CaseDetail
from radrecon.ui.case_words import DISMISS_OVERLAY
from radrecon.ui.main_window import MainWindow
from radrecon.ui.overlay_compare import HEADS, overlay_rows
from radrecon.ui.pages.case import CasePage
from radrecon.ui.pages.page import Place
from tests.ui.conftest import settled
from tests.ui.fake_backend import FakeBackend
from tests.ui.keyboard import press

BLOCK = (
    Difference("patient_id", "6281105", "6281105", Weight.EQUAL),
    Difference("issuer_of_patient_id", "HOSP", "", Weight.UNIMPORTANT, "no issuer"),
    Difference("patient_name", "GRÖSSL^KÄTHE", "CARTER^SASCHA", Weight.DIFFERS),
    Difference("patient_birth_date", "1954-08-05", "2005-01-16", Weight.DIFFERS),
    Difference("patient_sex", "F", "F", Weight.EQUAL),
)


def detail(backend: FakeBackend) -> CaseDetail:
    found = backend.case_detail(1)
    case = replace(found.case, kind="suspected_overlay", owner="registration", study_id=0, order_id=0, candidates=())
    return CaseDetail(case, differences=BLOCK, person=found.person, timeline=found.timeline)


@pytest.fixture
def overlay(backend: FakeBackend, monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    found = detail(backend)
    monkeypatch.setattr(backend, "case_detail", lambda case_id: found)
    return backend


def test_who_was_there_before_stands_beside_who_is_there_now() -> None:
    rows = {row.field: row for row in overlay_rows(detail(FakeBackend()))}
    assert list(rows) == ["patient_id", "patient_name", "patient_birth_date", "patient_sex"]
    name, born = rows["patient_name"], rows["patient_birth_date"]
    assert (name.order.text, name.study.text, name.study.mark) == ("CARTER^SASCHA", "GRÖSSL^KÄTHE", "differs")
    assert (born.order.text, born.study.text) == ("2005-01-16", "1954-08-05")
    assert (rows["patient_id"].order.text, rows["patient_id"].study.text) == ("6281105", "6281105 · HOSP")
    assert [row.differs for row in rows.values()] == [False, True, True, False]
    assert name.result.text == "GRÖSSL^KÄTHE"


async def test_the_case_page_shows_both(window: MainWindow, overlay: FakeBackend) -> None:
    window.go(Place("case", 1))
    await settled(window)
    page = window.page
    assert isinstance(page, CasePage)
    assert page.comparison.fields.heads == HEADS
    assert not page.comparison.isHidden()


async def test_dismissing_one_says_that_it_takes_the_new_identity_for_right(
    window: MainWindow, overlay: FakeBackend
) -> None:
    window.go(Place("case", 1))
    await settled(window)
    await press(window, "d")
    assert window.prompt.isVisible()
    assert window.prompt.question.text() == DISMISS_OVERLAY
