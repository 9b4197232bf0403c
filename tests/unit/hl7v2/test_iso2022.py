"""Switching between character sets within a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.hl7v2.iso2022 import designation, switched


def latin(data: bytes) -> str:
    return data.decode("latin-1")


@pytest.mark.parametrize(
    ("digits", "found"),
    [("2842", "\x1b(B"), ("2442", "\x1b$B"), ("242844", "\x1b$(D"), ("2d41", "\x1b-A"), ("242943", "\x1b$)C")],
)
def test_a_designation_is_known_by_its_digits(digits: str, found: str) -> None:
    assert designation(digits) == found


@pytest.mark.parametrize("digits", ["", "28", "2840", "824041", "xxyy", "284", "24 42x"])
def test_what_designates_no_known_set_is_none(digits: str) -> None:
    assert designation(digits) == ""


@pytest.mark.parametrize(
    ("data", "base", "text"),
    [
        (b"plain", "", "plain"),
        ("Yamada 山田".encode("iso2022_jp"), "", "Yamada 山田"),
        (b"\x1b$B;3ED\rPID|1", "", "山田\rPID|1"),
        (b"\x1b$B;3ED\x1b(J^A\\", "", "山田^A\\"),
        (b"\x1b)I" + "ヤマダ".encode("shift_jis"), "", "ヤマダ"),
        ("ﾔﾏﾀﾞ".encode("shift_jis") + b"=\x1b$B;3ED\x1b(J", "shift_jis", "ﾔﾏﾀﾞ=山田"),
        (b"HONG=\x1b$)C" + "홍".encode("euc_kr"), "ascii", "HONG=홍"),
        (b"WANG=\x1b$)A" + "王".encode("gb2312"), "ascii", "WANG=王"),
        (b"\x1b-F" + "Διον".encode("iso8859-7") + b"\x1b-L" + "Люк".encode("iso8859-5"), "iso8859-1", "ΔιονЛюк"),
        (b"\x1b(Zx", "", "\x1b(Zx"),
    ],
)
def test_what_was_switched_is_read(data: bytes, base: str, text: str) -> None:
    assert switched(latin(data), base) == text


@pytest.mark.parametrize(("data", "base"), [(b"\xdc", "ascii"), (b"\x1b$B;", ""), (b"\x1b$B\xdc\xdc", "")])
def test_what_its_set_cannot_hold_is_an_error(data: bytes, base: str) -> None:
    with pytest.raises(UnicodeError):
        switched(latin(data), base)


@given(st.text(st.characters(codec="iso2022_jp_2", exclude_characters="\x1b\x0e\x0f"), max_size=40))
def test_japanese_comes_back(text: str) -> None:
    """But for the second Latin alphabets that the codec may use in G2, which HL7 does not name."""
    data = text.encode("iso2022_jp_2")
    if not {b"\x1b.", b"\x1bN", b"\x1b(J"} & {data[at : at + size] for at in range(len(data)) for size in (2, 3)}:
        assert switched(latin(data)) == text
