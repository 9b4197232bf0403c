"""Raw text in a fixed pitch, read-only, with places marked."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QFont, QFontDatabase, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from radrecon.ui.desk import Desk
from radrecon.ui.plain import STRAIGHT, TURN, lines


class RawText(QPlainTextEdit):
    """A QPlainTextEdit never interprets markup.

    Fields stand in the order of the text, also around Arabic and Hebrew: marks keep them so, which are not copied.
    """

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__()
        self.desk = desk
        self.marks: list[tuple[int, int]] = []
        self._text, self._turns = "", list[int]()  # the places in the text before which a mark stands
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self.font().pointSizeF() * 0.95)
        self.setFont(font)

    def show_text(self, text: str, marks: Sequence[tuple[int, int]] = ()) -> None:
        shown = lines(text)
        if shown != self._text:
            self._text, self._turns = shown, [turn.start() for turn in TURN.finditer(shown)]
            self.setPlainText(re.sub(TURN, STRAIGHT, shown))
        self._show_marks(list(marks))

    def createMimeDataFromSelection(self) -> QMimeData:
        """What was selected, without the marks."""
        cursor, data, all_places = self.textCursor(), QMimeData(), range(len(self._text) + 1)
        ends = (cursor.selectionStart(), cursor.selectionEnd())
        start, end = (bisect_left(all_places, one, key=self._place) for one in ends)
        data.setText(self._text[start:end])
        return data

    def _place(self, at: int) -> int:
        """Where a character of the text stands in the document, which counts in UTF-16."""
        units = len(self._text[:at].encode("utf-16-le", "surrogatepass")) // 2
        return units + bisect_right(self._turns, at)

    def _show_marks(self, marks: list[tuple[int, int]]) -> None:
        self.marks = marks
        self.setExtraSelections([self._mark(start, length) for start, length in marks])

    def _mark(self, start: int, length: int) -> QTextEdit.ExtraSelection:
        theme, look = self.desk.theme, QTextCharFormat()
        look.setBackground(theme.color("differs_mark"))
        look.setForeground(theme.color("text"))
        look.setFontWeight(QFont.Weight.Bold)
        look.setFontUnderline(True)
        made = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._place(start))
        cursor.setPosition(self._place(start + length), QTextCursor.MoveMode.KeepAnchor)
        made.cursor, made.format = cursor, look
        return made

    def reveal(self, start: int, length: int) -> None:
        """Scroll to a place and mark it."""
        self._show_marks([(start, length)])
        cursor = self.textCursor()
        cursor.setPosition(self._place(start))
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
