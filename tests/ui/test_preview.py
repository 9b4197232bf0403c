"""The preview shows exactly what will be sent, and nothing leaves without a reason.

Also plan_lines and raw_text, which it is made of.
"""

from __future__ import annotations

from dataclasses import replace

from radrecon.model.correction import IndexChange
from radrecon.ui.main_window import MainWindow
from radrecon.ui.models.plan_lines import PLAN, PlanLine, plan_lines
from radrecon.ui.pages.page import Place
from radrecon.ui.pages.preview import PreviewPage
from tests.ui.conftest import settled
from tests.ui.fake_backend import FakeBackend
from tests.ui.fake_hospital import EVIL, NOW
from tests.ui.keyboard import press, write


async def previewed(window: MainWindow, backend: FakeBackend, **changes: object) -> PreviewPage:
    plan = replace(backend.plan(1, "link", order_id=1), **changes)
    window.go(Place("preview", 1, plan=plan))
    await settled(window)
    page = window.page
    assert isinstance(page, PreviewPage)
    return page


async def test_every_destination_is_a_heading_with_how_it_is_proved(window: MainWindow, backend: FakeBackend) -> None:
    page = await previewed(window, backend)
    heads = [line.heading for line in page.changes.table.rows_model.rows if line.heading]
    assert heads[0] == "PACS-HL7 · ADT^A08 demographics · proved by asking ORTHANC"
    assert heads[1].startswith("ORTHANC · 40 images in place")
    assert heads[2].startswith("radrecon's own index")
    assert page.changes.count.text() == "2 to send"


async def test_the_whole_message_is_shown_with_the_changed_fields_marked(
    window: MainWindow, backend: FakeBackend
) -> None:
    page = await previewed(window, backend)
    text = page.raw.toPlainText()
    assert text.startswith("MSH|^~\\&|RADRECON")
    assert [text[start : start + length] for start, length in page.raw.marks] == ["FISCHER^ANNA MARIE", "19600517"]


async def test_an_edit_shows_all_that_it_sets(window: MainWindow, backend: FakeBackend) -> None:
    page = await previewed(window, backend)
    page.changes.table.selectRow(
        next(n for n, row in enumerate(page.changes.table.rows_model.rows) if row.delivery == 1)
    )
    assert "PatientID = 4471023" in page.raw.toPlainText()
    assert "Original Attributes Sequence" in page.raw.toPlainText()


async def test_what_cannot_be_undone_and_how_far_it_reaches_is_named(window: MainWindow, backend: FakeBackend) -> None:
    page = await previewed(window, backend)
    assert page.touches.text() == "1 patient, 1 study, 40 images, 1 worklist item"
    assert page.irrevocable.text().startswith("▲ ADT^A08 to PACS-HL7")
    assert page.warnings.text().count("◆") == 2
    page = await previewed(window, backend, irrevocable=(), warnings=())
    assert page.irrevocable.text() == "✓ Everything here can be undone."


async def test_text_from_outside_stays_text(window: MainWindow, backend: FakeBackend) -> None:
    page = await previewed(window, backend, summary=EVIL, warnings=(EVIL,))
    assert EVIL in page.heading.text()
    assert EVIL in page.warnings.text()


async def test_a_new_plan_starts_without_the_old_reason(window: MainWindow, backend: FakeBackend) -> None:
    page = await previewed(window, backend)
    await write(window, "typing slip")
    page = await previewed(window, backend, summary="another")
    assert page.reason.text() == ""
    await press(window, "Ctrl+Return")
    assert not page.hold.running


async def test_a_proposed_reason_is_selected_and_seen_from_its_start(window: MainWindow, backend: FakeBackend) -> None:
    why = "accession A6631729 is not known; order A6361729 of the same patient fits, and more words than the line has"
    window.go(Place("preview", 1, plan=backend.plan(1, "link", order_id=1), reason=why))
    await settled(window)
    line = window.page.reason  # type: ignore[attr-defined]
    assert line.selectedText() == why
    assert line.cursorPosition() == 0
    assert "and more words than the line has" in line.toolTip()
    await write(window, "x")
    assert line.text() == "x"


async def test_nothing_to_warn_of_looks_good_too(window: MainWindow, backend: FakeBackend) -> None:
    page = await previewed(window, backend, irrevocable=(), warnings=())
    assert (page.irrevocable.property("tone"), page.warnings.property("tone")) == ("good", "good")
    page = await previewed(window, backend)
    assert (page.irrevocable.property("tone"), page.warnings.property("tone")) == ("bad", "warn")


def test_what_our_index_does_is_a_sentence_with_room(backend: FakeBackend) -> None:
    plan = replace(
        backend.plan(1, "link", order_id=1),
        index_changes=(IndexChange("take_uid", "order A1 takes over the images' Study UID", {}),),
    )
    line = plan_lines(plan)[-1]
    assert line.where == "Study UID"
    assert [column.text(line, NOW).strip() for column in PLAN] == [
        "Study UID", "▲ order A1 takes over the images' Study UID", "",
    ]  # fmt: skip


def test_what_is_emptied_says_so() -> None:
    line = PlanLine(1, 0, "StudyID", "RP1", "")
    assert PLAN[2].text(line, NOW) == "▲ emptied"
