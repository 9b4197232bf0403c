"""Fields of a message for reading, with its own delimiters, at their place in the raw text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from radrecon.ui.hl7_view import changed_spans, field_lines, shown
from tests.ui.fake_hospital import A08


def test_msh_counts_its_separator() -> None:
    found = {line.where: line.text for line in field_lines(A08)}
    assert found["MSH-9"] == "ADT^A08^ADT_A01"
    assert found["MSH-10"] == "RR000017"
    assert found["PID-5"] == "FISCHER^ANNA MARIE"


def test_a_message_with_other_delimiters_is_read_by_them() -> None:
    found = {line.where: line.text for line in field_lines("MSH$%~\\&$RIS$HOSP\rPID$1$$77%%%H")}
    assert found["PID-3"] == "77%%%H"


def test_changed_fields_are_found_in_the_raw_text() -> None:
    text = shown(A08)
    spans = changed_spans(A08, {"PID-5", "PID-7.1"})
    assert [text[start : start + length] for start, length in spans] == ["FISCHER^ANNA MARIE", "19600517"]


@given(st.text(max_size=200))
def test_anything_can_be_shown_and_every_field_is_where_it_says(raw: str) -> None:
    text = shown(raw)
    for line in field_lines(raw):
        assert text[line.start : line.start + len(line.text)] == line.text
