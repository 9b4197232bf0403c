"""Delimiters and escapes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.hl7v2.escape import STANDARD, Delimiters, escape, unescape

ODD = Delimiters("!", "*", "@", "?", "+")
SEVEN = Delimiters(truncation="#")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", r"a|b^c&d~e\f"),
        (r"line\.br\next", "line\nnext"),
        (r"\X41\\X4243\ ", "ABC "),
        (r"C:\temp file", r"C:\temp file"),
        (r"C:\temp\F\x", r"C:\temp|x"),
        (r"end\ ".strip(), "end\\"),
        (r"\Zsite\ \Q\ \XZZ\ \X4\ \X\ ", r"\Zsite\ \Q\ \XZZ\ \X4\ \X\ "),
        (r"\H\bold\N\ ", r"\H\bold\N\ "),
        ("", ""),
        ("\\\\", "\\\\"),
        (r"\P\ ", r"\P\ "),
    ],
)
def test_what_is_no_escape_keeps_its_text(text: str, meant: str) -> None:
    assert unescape(text) == meant


def test_hexadecimal_bytes_are_read_in_the_charset_of_the_message() -> None:
    assert unescape(r"\XC3A9\ ", charset="UNICODE UTF-8") == "é "
    assert unescape(r"\XE9\ ", charset="8859/1") == "é "
    assert unescape(r"\XE9\ ", charset="UNICODE UTF-8") == "é "


def test_a_letter_may_be_sent_byte_by_byte() -> None:
    assert unescape(r"M\XC3\\XBC\ller", charset="UNICODE UTF-8") == "Müller"
    assert unescape(r"\X0D\\X0A\end") == "\r\nend"
    assert unescape(r"\E\X41\E\ ") == "\\X41\\ "


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"\M2442\;3ED\C2842\^", "山田^"),
        (r"YAMADA \M2442\;3ED\C2842\ TAROU", "YAMADA 山田 TAROU"),
        (r"\M2442\;3ED", "山田"),
        (r"\M2442\$\S\\C2842\A", "まA"),
        ("\\M242943\\" + "김".encode("euc_kr").decode("latin-1"), "김"),
        ("\\C2D4C\\" + "Иван".encode("iso8859-5").decode("latin-1"), "Иван"),
        (r"\C2D4C\IVAN\C2842\ ", "IVAN "),
        (r"\M2442\;", r"\M2442\;"),
        ("\\M2442\\山", "\\M2442\\山"),
        ("\\C2D4C\\山", "\\C2D4C\\山"),
        (r"\M824041\x\Cxxyy\ ", r"\M824041\x\Cxxyy\ "),
        (r"\M824041\x\F\ ", r"\M824041\x| "),
    ],
)
def test_a_text_may_switch_its_character_set(text: str, meant: str) -> None:
    assert unescape(text, charset="8859/1") == meant


MARKS = st.characters(exclude_categories=("L", "N", "Z", "Cs", "Cc"), max_codepoint=0x2FFF)
LEGAL = st.lists(MARKS.filter(lambda char: not (char.isalnum() or char.isspace())), min_size=5, max_size=6, unique=True)


@given(marks=LEGAL, text=st.text())
def test_any_text_comes_back_with_any_legal_delimiters(marks: list[str], text: str) -> None:
    delimiters = Delimiters.of("MSH" + "".join(marks) + marks[0])
    assert delimiters == Delimiters(*marks)
    for one in (text, text + "".join(marks), "\n".join(marks) + text):
        escaped = escape(one, delimiters)
        assert unescape(escaped, delimiters) == one
        assert not set(marks) - {delimiters.escape} & set(escaped)


SEQUENCES = st.sampled_from(
    ["\\", "\\F\\", "\\X", "\\X41\\", "\\.br\\", "\\C2842\\", "\\M2442\\", "\\E\\", "X41", "|", "山", "é", "\x1b$B"]
)


@given(parts=st.lists(st.one_of(SEQUENCES, st.text(max_size=3)), max_size=12), charset=st.sampled_from(["", "8859/1"]))
def test_whatever_is_sent_is_read_and_then_comes_back(parts: list[str], charset: str) -> None:
    value = unescape("".join(parts), charset=charset)
    assert unescape(escape(value), charset=charset) == value


def test_text_about_a_switch_switches_nothing() -> None:
    value = "\x1b$B\\\\C2842\\"
    assert unescape(escape(value)) == value


@given(text=st.text(st.characters(exclude_characters="\\")))
def test_a_text_without_escapes_is_left_alone(text: str) -> None:
    assert unescape(text) == text
    assert unescape(f"C:\\{text}") == f"C:\\{text}"


@pytest.mark.parametrize("delimiters", [STANDARD, ODD, SEVEN])
@given(text=st.text())
def test_an_escaped_text_comes_back(delimiters: Delimiters, text: str) -> None:
    escaped = escape(text, delimiters)
    assert unescape(escaped, delimiters) == text
    reserved = delimiters.encoding.replace(delimiters.escape, "") + delimiters.field + "\r\n\x0b\x1c\x00"
    assert not any(char in escaped for char in reserved)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (r"MSH|^~\&|APP", STANDARD),
        (r"MSH|^~\&#|APP", SEVEN),
        ("MSH!*@?+!APP", ODD),
        (r"MSH|^~\&", STANDARD),
        ("MSH|^", STANDARD),
        ("MSH|", STANDARD),
        ("MSH||APP", STANDARD),
        ("MSH|^~\\&\r", STANDARD),
        ("MSH|$~\\&|", Delimiters(component="$")),
    ],
)
def test_delimiters_are_the_senders_own(header: str, expected: Delimiters) -> None:
    assert Delimiters.of(header) == expected
