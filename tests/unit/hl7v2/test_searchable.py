from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from radrecon.hl7v2.searchable import searchable

HEAD = b"MSH|^~\\&|RIS|||||||1|P|2.5\r"
PDF = base64.b64encode(bytes(range(256)) * 20)


def test_all_that_is_written_is_there_with_its_escapes_undone() -> None:
    text = searchable(HEAD + b"OBX|1|TX|||no \\T\\ small\\.br\\lesion C:\\temp|")
    assert "no & small\nlesion C:\\temp|" in text
    assert text.startswith("MSH|^~\\&|RIS|")


def test_own_delimiters_escape_too() -> None:
    assert "a*b" in searchable(b"MSH#*~/&#RIS\rPID#a/S/b")


def test_embedded_documents_are_left_out_and_what_stands_around_them_is_not() -> None:
    text = searchable(HEAD + b"OBX|1|ED|PDF||^AP^^Base64^" + PDF + b"||||||F\rOBX|2|TX|||after it")
    assert "^Base64^ ||||||F" in text
    assert text.endswith("after it")


def test_line_breaks_do_not_hide_a_document() -> None:
    lines = [PDF[at : at + 76] for at in range(0, len(PDF), 76)]
    for mark in (b"\\.br\\", b"\\X0D\\\\X0A\\", b"\\X0D0A\\", b"\r\n", b"~"):
        assert PDF[80:140].decode() not in searchable(HEAD + b"OBX|1|ED|PDF||" + mark.join(lines) + b"|end")


def test_long_words_and_numbers_are_no_documents() -> None:
    word = b"1.2.826.0.1.3680043.8.498." + b"7" * 400
    assert word.decode() in searchable(HEAD + b"ZDS|" + word + b"|" * 900)


def test_character_sets_are_read_as_stated_else_as_set() -> None:
    assert "Müller" in searchable(HEAD + "PID|||1||Müller".encode("latin-1"))
    assert "Müller" in searchable(HEAD + "PID|||1||Müller".encode(), "UNICODE UTF-8")


@given(st.binary(max_size=200))
def test_nothing_that_arrives_breaks_it(raw: bytes) -> None:
    searchable(raw)
    searchable(HEAD + raw)
