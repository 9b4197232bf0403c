"""Character sets of queries and answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.dicom.charset import choose, decode, encode, terms


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"", ()),
        (b"ISO_IR 100", ("ISO_IR 100",)),
        (b"ISO-IR 192 ", ("ISO_IR 192",)),
        (b"iso_ir_100", ("ISO_IR 100",)),
        (b"\\ISO 2022 IR 87", ("ISO 2022 IR 87",)),
        (b"\\ISO 2022 IR 87\0", ("ISO 2022 IR 87",)),
        (b"GB18030\0", ("GB18030",)),
        (b"KLINGON", ()),
        (b"\xff\xfe", ()),
    ],
)
def test_defined_terms_as_people_write_them(raw: bytes, found: tuple[str, ...]) -> None:
    assert terms(raw) == found


@pytest.mark.parametrize(
    ("raw", "declared", "text"),
    [
        (b"SMITH", (), "SMITH"),
        ("MÜLLER".encode("latin-1"), ("ISO_IR 100",), "MÜLLER"),
        ("MÜLLER".encode(), ("ISO_IR 192",), "MÜLLER"),
        ("MÜLLER".encode(), (), "MÜLLER"),
        ("MÜLLER".encode(), ("ISO_IR 6",), "MÜLLER"),
        ("MÜLLER".encode("latin-1"), ("ISO 2022 IR 6", "ISO 2022 IR 100"), "MÜLLER"),
        ("MÜLLER".encode("latin-1"), (), "MÜLLER"),
        ("MÜLLER".encode("latin-1"), ("ISO_IR 192",), "MÜLLER"),
        ("ДОЕ".encode("iso8859-5"), ("ISO_IR 144",), "ДОЕ"),
        ("王".encode("gb18030"), ("GB18030",), "王"),
        (b"\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", ("ISO 2022 IR 87",), "山田^太郎"),
        (b"\x1b-L\xb6^\xdc", ("ISO 2022 IR 100", "ISO 2022 IR 144"), "Ж^Ü"),
        (b"Wang=\x1b$)A\xcd\xf5^\x1b$)A\xd0\xa1\xb6\xab", ("ISO 2022 IR 58",), "Wang=王^小东"),
    ],
)
def test_text_is_read_in_its_set_and_else_as_what_it_looks_like(
    raw: bytes, declared: tuple[str, ...], text: str
) -> None:
    assert decode(raw, declared) == text


@given(st.binary(max_size=40), st.sampled_from(((), ("ISO_IR 192",), ("ISO 2022 IR 87",), ("ISO 2022 IR 149",))))
def test_no_bytes_make_it_raise(raw: bytes, declared: tuple[str, ...]) -> None:
    assert isinstance(decode(raw, declared), str)


@pytest.mark.parametrize(
    ("text", "asked", "chosen"),
    [
        ("SMITH", b"ISO_IR 144", ""),
        ("MÜLLER", b"", "ISO_IR 100"),
        ("MÜLLER", b"ISO_IR 192", "ISO_IR 192"),
        ("MÜLLER", b"ISO_IR 144", "ISO_IR 100"),  # it has no Ü
        ("MÜLLER^ŻANETA", b"ISO_IR 101", "ISO_IR 101"),
        ("ДОЕ^ИВАН", b"ISO_IR 144", "ISO_IR 144"),
        ("ДОЕ^ИВАН", b"ISO_IR 100", "ISO_IR 192"),
        ("山田^太郎", b"\\ISO 2022 IR 87", "\\ISO 2022 IR 87"),
        ("ﾔﾏﾀﾞ=山田", b"ISO 2022 IR 13\\ISO 2022 IR 87", "ISO 2022 IR 13\\ISO 2022 IR 87"),
        ("洪^吉洞=홍^길동", b"\\ISO 2022 IR 149", "\\ISO 2022 IR 149"),
        ("王^小东", b"\\ISO 2022 IR 58", "\\ISO 2022 IR 58"),
        ("王^小东", b"GB18030", "GB18030"),
        ("¥ﾔﾏ", b"ISO_IR 13", "ISO_IR 192"),  # its byte would part two values
        ("王^小东", b"\\ISO 2022 IR 87", "ISO_IR 192"),
        ("ДОЕ^ИВАН", b"ISO_IR 100\\ISO_IR 144", "ISO_IR 192"),  # none of them may be switched to
    ],
)
def test_an_answer_is_in_the_set_that_was_asked_in_where_that_holds_it(text: str, asked: bytes, chosen: str) -> None:
    term = choose([text], terms(asked))
    assert term == chosen
    assert decode(encode(text, term), terms(term.encode())) == text


ASKED = ((), ("ISO_IR 192",), ("ISO_IR 100",), ("ISO_IR 126",), ("ISO 2022 IR 87",), ("ISO 2022 IR 149",), ("GBK",))


@given(st.lists(st.text(max_size=10)), st.sampled_from(ASKED))
def test_what_is_chosen_holds_the_text(texts: list[str], asked: tuple[str, ...]) -> None:
    term = choose(texts, asked)
    for text in texts:
        assert decode(encode(text, term), terms(term.encode())) == text or "\x1b" in text


@pytest.mark.parametrize(
    ("text", "declared", "raw"),
    [
        ("ДОЕ^ИВАН", b"ISO_IR 144", "ДОЕ^ИВАН".encode("iso8859-5")),
        ("ŻANETA", b"ISO_IR 101", "ŻANETA".encode("iso8859-2")),
        ("MÜLLER", b"ISO 2022 IR 100", "MÜLLER".encode("latin-1")),
        ("山田^太郎", b"\\ISO 2022 IR 87", b"\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B"),
        (
            "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎",
            b"ISO 2022 IR 13\\ISO 2022 IR 87",
            b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J",
        ),
        ("洪^吉洞", b"\\ISO 2022 IR 149", b"\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7"),
        ("山A", b"ISO 2022 IR 13\\ISO 2022 IR 87", b"\x1b$B;3\x1b(JA"),
        ("Ü山Ü", b"ISO 2022 IR 100\\ISO 2022 IR 87", b"\xdc\x1b$B;3\x1b(B\x1b-A\xdc"),
        ("Ж^Ü", b"ISO 2022 IR 100\\ISO 2022 IR 144", b"\x1b-L\xb6\x1b-A^\xdc"),
        ("山홍A", b"\\ISO 2022 IR 87\\ISO 2022 IR 149", b"\x1b$B;3\x1b(B\x1b$)C\xc8\xabA"),
    ],
)
def test_escape_sequences_stand_where_a_set_changes_and_nowhere_else(text: str, declared: bytes, raw: bytes) -> None:
    """As in PS3.5 H.3 and I.2: a console that reads one set shows them, one that reads several loses its way."""
    assert encode(text, choose([text], terms(declared))) == raw
