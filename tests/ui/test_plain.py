"""Outside text stays text."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from radrecon.ui.plain import button_text, in_sentence, label, one_line, pn_text, straight, tooltip

EVIL = "DOE^JOHN<img src=file:///etc/passwd>"


def test_a_label_shows_markup_as_text(qapp: QApplication) -> None:
    made = label(EVIL)
    assert made.textFormat() == Qt.TextFormat.PlainText
    assert made.text() == EVIL


def test_a_tooltip_is_escaped() -> None:
    assert "<img" not in tooltip(EVIL)
    assert tooltip("") == ""


def test_control_and_bidi_characters_cannot_hide() -> None:
    assert one_line("A\nB\x00C") == "A B C"
    assert "\u202e" not in one_line("ABC\u202eDEF")
    assert len(one_line("ABC\u202eDEF")) == 7


def test_an_ampersand_is_no_mnemonic() -> None:
    assert button_text("A & B") == "A && B"


def test_a_name_is_read_without_its_carets() -> None:
    assert pn_text("DOE^JOHN^Q^JR") == "DOE, JOHN Q JR"
    assert pn_text("UNKNOWN") == "UNKNOWN"
    assert pn_text("") == ""


def test_a_name_in_chinese_japanese_or_korean_has_no_comma() -> None:
    assert pn_text("Wang^Xiaodong=王^小東") == "Wang, Xiaodong 王 小東"
    assert pn_text("Yamada^Tarou=山田^太郎=やまだ^たろう") == "Yamada, Tarou 山田 太郎 やまだ たろう"
    assert pn_text("김^혜진") == "김 혜진"
    assert pn_text("محمد^علي") == "محمد, علي"
    assert pn_text("^ANNA") == "ANNA"


def test_a_name_from_right_to_left_turns_no_other_words_around() -> None:
    mark = "\u200e"
    assert in_sentence("DOE, JOHN") == "DOE, JOHN"
    assert in_sentence("محمد, علي") == f"{mark}محمد, علي{mark}"
    assert straight("محمد^عبد الرحمن · 7002") == f"{mark}محمد{mark}^عبد الرحمن{mark} · 7002"
    assert straight("plain") == "plain"
