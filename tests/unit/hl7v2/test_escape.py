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
