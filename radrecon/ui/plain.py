"""Text from outside is text. Qt guesses rich text in labels, tooltips and message boxes: an `<img src=…>` in a name
would load a file. Everything that shows outside text is made here.
"""

from __future__ import annotations

import html
import re
import unicodedata

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

# bidi overrides and isolates can make a name read as another one
_BIDI = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
_SHOWN = {ord(c): "\N{REPLACEMENT CHARACTER}" for c in _BIDI} | dict.fromkeys(range(32), " ") | {0x7F: " "}
_SHOWN_IN_LINES = {code: shown for code, shown in _SHOWN.items() if code != ord("\n")}
# Hebrew, Arabic and their kin; what follows such letters is turned around with them (Unicode annex 9) …
_TO_THE_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_LEFT = re.compile(f"[{_TO_THE_LEFT}]")
TURN = re.compile(rf"(?<=[{_TO_THE_LEFT}])(?=\s*[^{_TO_THE_LEFT}\s])")
STRAIGHT = "\N{LEFT-TO-RIGHT MARK}"  # … but for this, which nobody sees


def one_line(text: str) -> str:
    """Outside text fit for a cell or label: control characters become spaces, bidi overrides become visible."""
    return text.translate(_SHOWN)


def lines(text: str) -> str:
    """The same for text of several lines, character for character."""
    return text.translate(_SHOWN_IN_LINES)


def straight(text: str) -> str:
    """Words, numbers and names in the order in which they are written, whatever letters a name has."""
    return STRAIGHT + TURN.sub(STRAIGHT, text) if _LEFT.search(text) else text


def in_sentence(name: str) -> str:
    """A name among other words: written from right to left, it turns nothing around but itself."""
    return f"{STRAIGHT}{name}{STRAIGHT}" if _LEFT.search(name) else name


def pn_text(text: str) -> str:
    """PN text for reading: `DOE, John Q`; the ideographic and phonetic groups follow (PS3.5 6.2.1)."""
    groups = [group for group in text.split("=") if group]
    return " ".join(_group(group) for group in groups)


def _group(text: str) -> str:
    family, _, rest = text.partition("^")
    given = " ".join(filter(None, rest.split("^")))
    between = " " if _east_asian(family) else ", "
    return between.join(filter(None, (family, given))) if family else given


def _east_asian(family: str) -> bool:
    """Where the family name always stands first, no comma says so."""
    return unicodedata.east_asian_width(family[:1] or " ") in "WF"


def tooltip(text: str) -> str:
    """Text for setToolTip, which renders whatever looks like markup."""
    return f"<span style='white-space:pre-wrap'>{html.escape(text)}</span>" if text else ""


def button_text(text: str) -> str:
    """Text for a button: an ampersand is no mnemonic."""
    return one_line(text).replace("&", "&&")


def label(text: str = "", name: str = "", parent: QWidget | None = None, *, wraps: bool = False) -> QLabel:
    """A label that never interprets its text. One that `wraps` does not widen the window by a long word either."""
    widget = QLabel(parent)
    widget.setTextFormat(Qt.TextFormat.PlainText)
    widget.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
    widget.setText(one_line(text))
    if wraps:
        widget.setWordWrap(True)
        widget.setMinimumWidth(1)
    if name:
        widget.setAccessibleName(name)
    return widget
