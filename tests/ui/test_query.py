"""The query bar speaks the command line's language and never raises."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from radrecon.ui.query import parse


def test_a_good_query_is_passed_on_as_it_is() -> None:
    assert parse(" mrn:123 age>2h fischer ").text == "mrn:123 age>2h fischer"
    assert parse("mrn:123").problem == ""


def test_a_bad_one_says_what_is_wrong_and_asks_for_nothing() -> None:
    found = parse("colour:red")
    assert "colour" in found.problem
    assert found.text == ""


@given(st.text(max_size=60))
def test_any_text_can_be_typed(text: str) -> None:
    parse(text)
