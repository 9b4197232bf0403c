"""Which character set reads the bytes, and whether that was a guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.hl7v2.charset import codec, decode, encode
from radrecon.model.errors import ContentError


def message(charset: str, name: bytes) -> bytes:
    fields = ["MSH", "^~\\&", *[""] * 15, charset, "", ""]
    return "|".join(fields).encode() + b"\rPID|||1||" + name + b"\r"


@pytest.mark.parametrize(
    ("charset", "encoded", "text"),
    [
        ("8859/1", "MÜLLER".encode("latin-1"), "MÜLLER"),
        ("8859/15", "Š€".encode("iso8859-15"), "Š€"),
        ("8859/5", "Иванов".encode("iso8859-5"), "Иванов"),
        ("UNICODE UTF-8", "MÜLLER".encode(), "MÜLLER"),
        ("UTF-8~UNICODE", "MÜLLER".encode(), "MÜLLER"),
        ("UNICODE", "MÜLLER".encode(), "MÜLLER"),
        ("utf8", "MÜLLER".encode(), "MÜLLER"),
        ("ISO IR87", "山田".encode("iso2022_jp"), "山田"),
        ("ASCII~ISO IR87", "YAMADA 山田".encode("iso2022_jp"), "YAMADA 山田"),
        ("~ISO IR87", "山田".encode("iso2022_jp"), "山田"),
        ("ISO IR149", "김".encode("euc_kr"), "김"),
        ("GB 18030-2000", "王".encode("gb18030"), "王"),
        ("BIG-5", "王".encode("big5"), "王"),
        ("KS X 1001", "김".encode("euc_kr"), "김"),
        ("CP936", "王".encode("gbk"), "王"),
        ("WINDOWS-1252", "“Ü”".encode("cp1252"), "“Ü”"),
        ("windows-1251", "Иванов".encode("cp1251"), "Иванов"),
        ("ISO IR100", "MÜLLER".encode("latin-1"), "MÜLLER"),
        ("ISO IR144", "Иванов".encode("iso8859-5"), "Иванов"),
        ("UNICODE UTF-16", "MÜLLER".encode(), "MÜLLER"),
        ("ISO IR149", b"\x1b$)C" + "김".encode("euc_kr"), "김"),
        ("ISO IR13~ISO IR87", "ﾔﾏﾀﾞ".encode("shift_jis") + b"~\x1b$B;3ED\x1b(J", "ﾔﾏﾀﾞ~山田"),
        ("ISO IR14~ISO IR87~ISO IR159", b"\x1b$B;3ED\x1b(J", "山田"),
        ("8859/1~8859/5", b"M\xdc\x1b-L" + "Иван".encode("iso8859-5"), "MÜИван"),
    ],
)
def test_msh_18_rules(charset: str, encoded: bytes, text: str) -> None:
    found, name, guessed = decode(message(charset, encoded), setting="8859/2")
    assert text in found
    assert (name, guessed) == (charset, False)


@pytest.mark.parametrize("part", [part for part in range(1, 17) if part != 12])
def test_every_part_of_8859_is_known(part: int) -> None:
    letters = bytes(range(0xC0, 0x100)).decode(f"iso8859-{part}", "ignore")
    text, name, guessed = decode(message(f"8859/{part}", letters.encode(f"iso8859-{part}")))
    assert letters in text
    assert (name, guessed) == (f"8859/{part}", False)


def test_the_first_of_several_stated_sets_that_can_read_it_does() -> None:
    assert decode(message("ASCII~8859/5", "Иванов".encode("iso8859-5")))[1:] == ("8859/5", False)
    assert decode(message("ASCII~8859/5", b"IVANOV"))[1:] == ("ASCII~8859/5", False)
    assert decode(message("X~UNICODE UTF-8", "Ü".encode()))[1:] == ("X~UNICODE UTF-8", False)


def test_where_the_stated_set_fails_the_setting_is_tried_and_flagged() -> None:
    text, name, guessed = decode(message("ASCII", "Š".encode("iso8859-2")), "8859/2")
    assert "Š" in text
    assert (name, guessed) == ("8859/2", True)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", [b"", b"\r"])
def test_two_byte_unicode_is_known_by_its_first_bytes(encoding: str, end: bytes) -> None:
    text, name, guessed = decode(message("", b"").decode().replace("||1||", "||1||山田").encode(encoding) + end)
    assert text.startswith("MSH|^~")
    assert "山田" in text
    assert (name, guessed) == ("UNICODE UTF-16", False)


def test_an_escape_that_nothing_stated_allows_for_is_flagged() -> None:
    assert decode(message("", b"\x1b$B;3ED\x1b(B"))[1:] == ("8859/1", True)
    assert decode(message("8859/1", b"\x1b$B;3ED\x1b(B"))[1:] == ("8859/1", False)


STATED = st.sampled_from(
    [
        "",
        "ASCII",
        "8859/1",
        "8859/6",
        "UNICODE UTF-8",
        "ISO IR87",
        "ISO IR149",
        "~ISO IR87",
        "BIG-5",
        "X",
        "ISO IR13~8859/7",
    ]
)


@given(raw=st.binary(max_size=60), name=STATED, setting=STATED)
def test_any_bytes_are_read_and_what_is_lossy_is_flagged(raw: bytes, name: str, setting: str) -> None:
    whole = message(name, raw)
    text, read_as, guessed = decode(whole, setting)
    if read_as == "8859/1" and guessed:
        assert text.encode("latin-1") == whole
    else:
        assert codec(read_as)
    decode(raw, setting)


def test_the_setting_reads_what_states_nothing() -> None:
    assert decode(message("", "Š".encode("iso8859-2")), "8859/2")[1:] == ("8859/2", False)


@pytest.mark.parametrize("stated", ["", "ISO IR 999", "ASCII"])
def test_without_either_what_is_utf_8_is_guessed_to_be_that_and_the_rest_latin_1(stated: str) -> None:
    for sent in ("MÜLLER", "Nováková", "Иванов", "山田"):
        text, name, guessed = decode(message(stated, sent.encode()))
        assert sent in text
        assert (name, guessed) == ("UNICODE UTF-8", True)
    assert decode(message(stated, "MÜLLER".encode("latin-1")))[1:] == ("8859/1", True)


def test_plain_ascii_needs_no_guess() -> None:
    assert decode(message("", b"MULLER"))[1:] == ("ASCII", False)


@pytest.mark.parametrize("charset", ["UNICODE UTF-8", "ASCII", "ISO IR87"])
def test_bytes_that_the_stated_set_cannot_hold_are_read_as_latin_1_and_flagged(charset: str) -> None:
    text, name, guessed = decode(message(charset, b"M\xdcLLER"))
    assert "MÜLLER" in text
    assert (name, guessed) == ("8859/1", True)


def test_an_unknown_name_leaves_the_setting() -> None:
    assert decode(message("ISO IR 999", "Ü".encode()), "UNICODE UTF-8")[1:] == ("UNICODE UTF-8", False)
    assert decode(message("ISO IR 999", b"U"))[1:] == ("8859/1", True)


def test_a_byte_order_mark_counts_as_stated() -> None:
    text, name, guessed = decode(b"\xef\xbb\xbf" + message("", "MÜLLER".encode()))
    assert text.startswith("MSH")
    assert "MÜLLER" in text
    assert (name, guessed) == ("UNICODE UTF-8", False)


def test_custom_separators_do_not_hide_msh_18() -> None:
    raw = message("8859/15", b"\xa4").replace(b"|", b"!")
    assert decode(raw)[1] == "8859/15"


def test_encoding_never_writes_a_question_mark() -> None:
    assert encode("MÜLLER", "8859/1") == b"M\xdcLLER"
    assert encode("MÜLLER", "UNICODE UTF-8") == "MÜLLER".encode()
    with pytest.raises(ContentError, match="8859/1") as caught:
        encode("山田", "8859/1")
    assert caught.value.location == "MSH-18"
    assert encode("山田", "~ISO IR87") == "山田".encode("iso2022_jp")


def test_names_are_known_however_they_are_spelt() -> None:
    assert codec("ISO 8859/1") == codec("8859/1") == codec("8859-1") == codec("ISO-8859-1") == "iso8859-1"
    assert codec("") == codec("EBCDIC") == ""
