"""Raw text in a fixed pitch, read-only, with places marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QFont, QFontDatabase, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from radrecon.ui.desk import Desk


class RawText(QPlainTextEdit):
    """A QPlainTextEdit never interprets markup."""

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__()
        self.desk = desk
        self.marks: list[tuple[int, int]] = []
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self.font().pointSizeF() * 0.95)
        self.setFont(font)

    def show_text(self, text: str, marks: Sequence[tuple[int, int]] = ()) -> None:
        if self.toPlainText() != text:
            self.setPlainText(text)
        self._show_marks(list(marks))

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
        cursor.setPosition(min(start, self.document().characterCount() - 1))
        end = min(start + length, self.document().characterCount() - 1)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        made.cursor, made.format = cursor, look
        return made

    def reveal(self, start: int, length: int) -> None:
        """Scroll to a place and mark it."""
        self._show_marks([(start, length)])
        cursor = self.textCursor()
        cursor.setPosition(min(start, self.document().characterCount() - 1))
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
