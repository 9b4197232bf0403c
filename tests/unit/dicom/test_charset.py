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
        ("MÜLLER".encode("latin-1"), (), "MÜLLER"),
        ("MÜLLER".encode("latin-1"), ("ISO_IR 192",), "MÜLLER"),
        ("ДОЕ".encode("iso8859-5"), ("ISO_IR 144",), "ДОЕ"),
        ("王".encode("gb18030"), ("GB18030",), "王"),
        (b"\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", ("ISO 2022 IR 87",), "山田^太郎"),
    ],
)
def test_text_is_read_in_its_set_and_else_as_what_it_looks_like(
    raw: bytes, declared: tuple[str, ...], text: str
) -> None:
    assert decode(raw, declared) == text


@given(st.binary(max_size=40), st.sampled_from(((), ("ISO_IR 192",), ("ISO 2022 IR 87",), ("ISO 2022 IR 149",))))
def test_no_bytes_make_it_raise(raw: bytes, declared: tuple[str, ...]) -> None:
    assert isinstance(decode(raw, declared), str)


@given(st.lists(st.text(max_size=10)), st.sampled_from(((), ("ISO_IR 192",), ("ISO_IR 100",))))
def test_what_is_chosen_holds_the_text(texts: list[str], asked: tuple[str, ...]) -> None:
    term = choose(texts, asked)
    for text in texts:
        assert decode(encode(text, term), (term,) if term else ()) == text or "\x1b" in text
