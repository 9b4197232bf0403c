from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.model.errors import Trouble
from radrecon.store.query_text import MOST_TERMS, Age, Query, Term, fold, like_pattern, parse


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("  fischer  anna ", (Term("", "fischer"), Term("", "anna"))),
        ("mrn:123 MODALITY:CT", (Term("patient_id", "123"), Term("modality", "CT"))),
        ("acc:A1 accession:A2", (Term("accession_number", "A1"), Term("accession_number", "A2"))),
        ('name:"de la cruz"', (Term("patient_name", "de la cruz"),)),
        ("-name:test -phantom", (Term("patient_name", "test", True), Term("", "phantom", True))),
        ("12:30", (Term("", "12:30"),)),
        ('""', ()),
    ],
)
def test_words_and_keys_become_terms(text: str, terms: tuple[Term, ...]) -> None:
    assert parse(text) == Query(terms)


def test_as_many_words_as_a_list_answers_are_taken() -> None:
    assert len(parse("w " * MOST_TERMS).terms) == MOST_TERMS


def test_ages_have_a_unit() -> None:
    assert parse("age>2h age<30min").ages == (Age(">", timedelta(hours=2)), Age("<", timedelta(minutes=30)))


@pytest.mark.parametrize("text", ["age>2", "age>soon", "age>99999999d", "age>999999d"])
def test_an_age_that_cannot_be_read_is_said(text: str) -> None:
    with pytest.raises(Trouble, match="ages are written"):
        parse(text)


def test_a_key_that_nobody_knows_is_named_with_those_that_are_known() -> None:
    with pytest.raises(Trouble, match=r"no such key in a query: mrm .*mrn"):
        parse("mrm:123")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" ".join(f"w{at}" for at in range(MOST_TERMS + 1)), "more than 50 words"),
        ("-name:x " * 2_000, "more than 50 words"),
        ("age>1h " * 51, "more than 50 words"),
        ("name:" + "x" * 60_000, "x{20}… is longer than the 5,000 letters"),
    ],
)
def test_what_no_list_could_answer_soon_is_said_at_once(text: str, words: str) -> None:
    with pytest.raises(Trouble, match=words):
        parse(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("FISCHER^ANNA", "fischer anna"),
        ("Müller", "muller"),
        ("Straße", "strasse"),
        ("Nguyễn", "nguyen"),
        ("山", "山"),
        ("ŁUKASIK^Øyvind", "lukasik oyvind"),
    ],
)
def test_case_and_diacritics_do_not_matter(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_the_wildcards_of_sql_are_only_letters() -> None:
    assert like_pattern("50%_/*", whole=True) == "50/%/_//%"
    assert like_pattern("a", whole=False) == "%a%"


@given(st.text())
def test_any_text_is_a_query_or_trouble(text: str) -> None:
    with contextlib.suppress(Trouble):
        assert isinstance(parse(text), Query)
