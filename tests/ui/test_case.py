"""The case page: the comparison follows the chosen candidate; verbs that do not apply say why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from radrecon.model.rows import AffectedRow, CaseDetail
from radrecon.ui.main_window import MainWindow
from radrecon.ui.pages.case import CasePage
from radrecon.ui.pages.page import Place
from tests.ui.conftest import settled, until
from tests.ui.fake_backend import FakeBackend, order
from tests.ui.keyboard import press, write


async def opened(window: MainWindow, case_id: int) -> CasePage:
    window.go(Place("case", case_id))
    await settled(window)
    page = window.page
    assert isinstance(page, CasePage)
    return page


async def test_a_digit_chooses_a_candidate_and_the_result_follows(window: MainWindow) -> None:
    page = await opened(window, 1)
    assert page.comparison.fields.rows[4].result.text == "A102001"
    await press(window, "2")
    assert page.chosen == 8
    assert page.comparison.fields.rows[4].result.text == "A102008"
    assert page.comparison.fields.rows[1].result.text == "JOHANSSON^ERIK"


async def test_n_and_p_walk_through_the_differences(window: MainWindow) -> None:
    page = await opened(window, 1)
    await press(window, "n")
    first = page.comparison.currentIndex().row()
    await press(window, "n")
    second = page.comparison.currentIndex().row()
    assert first < second
    assert page.comparison.fields.rows[second].differs
    await press(window, "p")
    assert page.comparison.currentIndex().row() == first


async def test_why_and_why_not_are_shown_for_the_candidate(window: MainWindow) -> None:
    page = await opened(window, 1)
    texts = [row.text for row in page.why.table.rows_model.rows]
    assert "MRN equal, same issuer" in texts
    page.candidates.table.setFocus()
    await press(window, "j")
    assert page.why.table.rows_model.rows[0].veto


async def test_a_verb_that_does_not_apply_says_why(window: MainWindow) -> None:
    page = await opened(window, 1)
    assert not page.buttons["merge"].isEnabled()
    await press(window, "m")
    assert window.page is page
    assert "only one person" in window.banner.text


async def test_the_timeline_leads_to_the_message(window: MainWindow) -> None:
    page = await opened(window, 1)
    await press(window, "t")
    page.timeline.table.enter()
    await press(window, "Enter")
    assert page.tabs.currentWidget() is page.messages
    assert page.messages.table.current_id == 1
    assert "MSH|" in page.messages.view.raw.toPlainText()
    await press(window, "Enter")
    assert window.page.name == "messages"
    assert window.page.list.table.current_id == 1  # type: ignore[attr-defined]
    await press(window, "Esc")
    assert window.page.name == "case"


async def test_where_the_order_is_known_the_timeline_is_shown(window: MainWindow) -> None:
    page = await opened(window, 5)
    assert not page.candidates.isVisible()
    assert page.tabs.currentWidget() is page.timeline


async def test_dismissing_goes_back_with_the_reason_kept(window: MainWindow, backend: FakeBackend) -> None:
    await opened(window, 3)
    await press(window, "d")
    await write(window, "phantom study")
    await press(window, "Enter")
    assert backend.dismissed == [(3, "phantom study")]
    assert window.page.name == "triage"


async def test_ctrl_z_on_a_corrected_case_opens_the_way_back(window: MainWindow, backend: FakeBackend) -> None:
    backend.case_rows = [replace(row, correction_id=7) if row.id == 5 else row for row in backend.case_rows]
    await opened(window, 5)
    await press(window, "Ctrl+Z")
    assert window.page.name == "preview"
    assert "Undo correction 7" in window.page.heading.text()  # type: ignore[attr-defined]


async def test_a_reload_keeps_what_was_chosen(window: MainWindow, backend: FakeBackend) -> None:
    page = await opened(window, 1)
    await press(window, "2", "F5")
    assert page.chosen == 8


async def test_a_mismatch_proposes_a_fix_and_nothing_ever_proposes_a_merge(window: MainWindow) -> None:
    page = await opened(window, 5)
    assert page.default_verb == "fix"
    assert page.detail is not None
    page.detail = replace(page.detail, verbs={"link": "no order", "fix": "no order", "merge": ""})
    assert page.default_verb == ""


async def test_a_long_cause_never_makes_the_window_wider(window: MainWindow, backend: FakeBackend) -> None:
    window.resize(1366, 768)
    backend.case_rows = [replace(row, cause="because " * 90) for row in backend.case_rows]
    page = await opened(window, 1)
    await press(window, "F5")
    assert window.width() == 1366
    assert window.rail.width() == window.rail.sizeHint().width()
    assert page.cause.toolTip().count("because") == 90


async def test_the_heads_follow_what_is_compared(window: MainWindow) -> None:
    page = await opened(window, 1)
    assert page.comparison.fields.heads[2] == "Study (images)"
    page.comparison.show_rows([replace(row, middle="Worklist of <b>RIS") for row in page.comparison.fields.rows])
    assert page.comparison.fields.headerData(2, Qt.Orientation.Horizontal, 0) == "Worklist of <b>RIS"


async def test_a_case_of_several_studies_shows_them(window: MainWindow, backend: FakeBackend) -> None:
    row = AffectedRow(7, "study", "A7", "4471023", "FISCHER^ANNA", "CT", "CT2", "", "CT HEAD", "complete")
    known = backend.case_detail
    backend.case_detail = lambda case_id: _of_many(known(case_id), row)  # type: ignore[method-assign]
    page = await opened(window, 1)
    assert page.tabs.currentWidget() is page.affected
    assert [one.accession_number for one in page.affected.table.rows_model.rows] == ["A7"]
    assert not page.candidates.isVisible()
    assert page.default_verb == "fix"


async def test_a_case_of_one_study_shows_no_empty_list(window: MainWindow) -> None:
    page = await opened(window, 1)
    assert not page.tabs.isTabVisible(page.tabs.indexOf(page.affected))


async def test_the_temporary_number_is_the_one_that_goes(window: MainWindow, backend: FakeBackend) -> None:
    known = backend.case_detail(1)
    person = replace(next(iter(known.persons.values())), patient_id="T9020", issuer_of_patient_id="")
    case = replace(known.case, kind="temporary_identity", study_id=0)
    backend.case_detail = lambda _: CaseDetail(case, person=person)  # type: ignore[method-assign]
    page = await opened(window, 1)
    assert page.two_numbers == ("", "T9020")


async def test_enter_begins_among_the_candidates_and_one_escape_leaves(window: MainWindow) -> None:
    page = await opened(window, 1)
    assert page.candidates.table.hasFocus()
    await press(window, "Esc")
    assert window.page.name == "triage"


async def test_a_closed_case_says_so_before_its_long_cause(window: MainWindow, backend: FakeBackend) -> None:
    backend.case_rows = [replace(row, state="closed") if row.id == 1 else row for row in backend.case_rows]
    page = await opened(window, 1)
    assert page.cause.text().startswith("closed")
    assert page.heading.text().startswith("✓")


async def test_a_collision_shows_its_orders_and_no_empty_comparison(window: MainWindow, backend: FakeBackend) -> None:
    known = backend.case_detail(1)
    case = replace(known.case, kind="accession_collision", study_id=0, order_id=0)
    orders = {1: order(1), 2: order(2)}
    backend.case_detail = lambda _: CaseDetail(  # type: ignore[method-assign]
        case, orders=orders, evidence={"orders": [1, 2]}, verbs={"link": "the case is not about one study"}
    )
    page = await opened(window, 1)
    assert page.comparison.isHidden()
    assert page.affected.table.hasFocus()
    assert [row.id for row in page.affected.table.rows_model.rows] == [1, 2]
    assert page.reason_not.text() == "No correction applies: the case is not about one study"
    await press(window, "Esc")
    assert window.page.name == "triage"


async def test_where_only_a_merge_applies_its_key_is_named(window: MainWindow, backend: FakeBackend) -> None:
    known = backend.case_detail(5)
    only = replace(known, verbs={"link": "no", "fix": "no", "merge": ""})
    backend.case_detail = lambda _: only  # type: ignore[method-assign]
    page = await opened(window, 5)
    await press(window, "Ctrl+P")
    assert window.page is page
    assert "m merges the two patients" in window.banner.text


async def test_a_rule_that_is_not_on_is_no_conflict_and_no_reason(window: MainWindow, backend: FakeBackend) -> None:
    rule = "rule link_by_patient_id is in shadow"
    known = backend.case_detail(1)
    held = replace(known.candidates[0], vetoes=(rule,))
    case = replace(known.case, cause=f"accession A1 is not known; order A2 fits; {rule}")
    shown = replace(known, case=case, candidates=(held,))
    backend.case_detail = lambda _: shown  # type: ignore[method-assign]
    page = await opened(window, 1)
    first = page.why.table.rows_model.rows[0]
    assert (first.veto, first.text) == (False, "a person decides: the rule link by patient id is in shadow")
    assert rule not in page.candidates.table.rows_model.rows[0].why_not
    await press(window, "Ctrl+P")
    assert window.page.reason.text() == "accession A1 is not known; order A2 fits"  # type: ignore[attr-defined]


def _of_many(detail: CaseDetail, row: AffectedRow) -> CaseDetail:
    case = replace(detail.case, kind="missing_update", order_id=0, candidates=())
    return replace(detail, case=case, candidates=(), affected=(row,), verbs={"link": "no", "fix": "", "merge": ""})


async def test_where_every_verb_applies_nothing_denies_what_the_preview_proposes(
    window: MainWindow, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = replace(backend.case_detail(6), verbs={"link": "", "fix": "", "merge": ""})
    monkeypatch.setattr(backend, "case_detail", lambda case_id: free)
    page = await opened(window, 6)
    assert page.preview.text().startswith("Preview fix")
    assert page.reason_not.text() == ""


async def test_an_order_that_is_no_candidate_any_more_is_not_linked_unseen(
    window: MainWindow, backend: FakeBackend
) -> None:
    """Its column was empty, another candidate stood first, and the link went to the order that had left the list."""
    page = await opened(window, 1)
    await press(window, "2")
    first = backend.case_rows[0]
    backend.case_rows[0] = replace(first, candidates=first.candidates[:1])
    backend.notify("cases")
    await until(lambda: len(page.candidates.table.rows_model.rows) == 1, "the change")
    assert page.chosen == 1
    assert "no longer one of this case" in window.banner.text
    assert page.comparison.fields.rows[4].result.text == "A102001"
