"""Raw text: what is marked, what is copied, and the order of the fields around names written from right to left."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor

from radrecon.ui.hl7_view import changed_spans, shown
from radrecon.ui.main_window import MainWindow
from radrecon.ui.widgets.raw_text import RawText

ARABIC = "MSH|^~\\&|RIS|H\rPID|1||7002^^^H||محمد^عبد الرحمن||19800302|M\rNTE|1||🩻 seen"
OVERRIDE = "MSH|^~\\&|RIS|H\rPID|1||7005||COHEN^\u202eDAVID||19900101|M"


def marked(raw: RawText) -> list[str]:
    return [one.cursor.selectedText().replace("\u200e", "") for one in raw.extraSelections()]  # type: ignore[attr-defined]


def left_to_right(raw: RawText, *words: str) -> list[float]:
    """Where each of the words is drawn."""
    text, block = raw.toPlainText(), raw.document().findBlockByNumber(1)
    layout = block.layout()
    return [layout.lineAt(0).cursorToX(text.index(word) - block.position())[0] for word in words]  # type: ignore[index]


async def test_fields_stand_in_their_order_around_an_arabic_name(window: MainWindow) -> None:
    raw = RawText(window.desk, "raw")
    raw.resize(1600, 200)
    raw.show_text(shown(ARABIC))
    raw.show()
    raw.grab()
    places = left_to_right(raw, "PID", "7002", "19800302")
    assert places == sorted(places)
    name = raw.toPlainText().index("محمد")
    cursor = QTextCursor(raw.document())
    cursor.setPosition(name)
    assert raw.cursorRect(cursor).x() < left_to_right(raw, "19800302")[0]


async def test_what_is_marked_and_copied_is_the_text_itself(window: MainWindow) -> None:
    raw = RawText(window.desk, "raw")
    text = shown(ARABIC)
    raw.show_text(text, changed_spans(ARABIC, {"PID-5", "PID-7", "NTE-3"}))
    assert marked(raw) == ["محمد^عبد الرحمن", "19800302", "🩻 seen"]
    raw.selectAll()
    assert raw.createMimeDataFromSelection().text() == text


async def test_what_would_turn_the_text_around_is_seen(window: MainWindow) -> None:
    raw = RawText(window.desk, "raw")
    raw.show_text(shown(OVERRIDE))
    assert "\u202e" not in raw.toPlainText()
    assert "COHEN^\N{REPLACEMENT CHARACTER}DAVID" in raw.toPlainText()
