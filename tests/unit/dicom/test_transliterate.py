"""Letters that a fixed character set has not."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.dicom.charset import decode, encode, holds, terms
from radrecon.dicom.transliterate import fitted, fitted_name

SETS = (
    "",
    "ISO_IR 100",
    "ISO_IR 144",
    "ISO_IR 13",
    "\\ISO 2022 IR 87",
    "\\ISO 2022 IR 149",
    "GB18030",
    "ISO_IR 13\\ISO 2022 IR 87",
    "\\ISO 2022 IR 87\\ISO 2022 IR 159",
    "ISO 2022 IR 100\\ISO 2022 IR 144",
)


@pytest.mark.parametrize(
    ("name", "term", "sent"),
    [
        ("MÜLLER^JÜRGEN", "ISO_IR 100", "MÜLLER^JÜRGEN"),
        ("MÜLLER^JÜRGEN", "", "MULLER^JURGEN"),
        ("Łódź^Şahin", "ISO_IR 100", "Lódz^Sahin"),
        ("ДОЕ^Иван", "ISO_IR 100", "DOE^Ivan"),
        ("ДОЕ^Иван", "ISO_IR 144", "ДОЕ^Иван"),
        ("Παπάς^Νίκος", "", "Papas^Nikos"),
        ("محمد", "ISO_IR 100", "mhmd"),
        ("김^희중", "ISO_IR 100", "Gim^HyiJung"),
        ("山田^太郎", "ISO_IR 100", "U+5C71U+7530^U+592AU+90CE"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "ISO_IR 100", "Yamada^Tarou"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "\\ISO 2022 IR 149", "Yamada^Tarou==やまだ^たろう"),
        ("=山田^太郎=やまだ^たろう", "ISO_IR 100", "yamada^tarou"),
        ("ﾔﾏﾀﾞ^ﾀﾛｳ", "ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
        ("ﾔﾏﾀﾞ^ﾀﾛｳ", "", "yamada^tarou"),
    ],
)
def test_a_name_in_a_set_that_holds_it_or_in_letters_for_it(name: str, term: str, sent: str) -> None:
    assert fitted_name(name, partial(holds, term=term)) == sent


@pytest.mark.parametrize("term", SETS)
@given(
    text=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\\=^"), max_size=9)
)
def test_what_was_fitted_is_held_and_no_letter_vanishes(term: str, text: str) -> None:
    fits = partial(holds, term=term)
    for letter in text:
        sent = fitted(letter, fits)
        assert sent
        assert fits(sent)
    encode(fitted(text, fits), term)


@pytest.mark.parametrize("term", SETS)
@pytest.mark.parametrize(
    "text", ["SMITH^JOHN", "山田^太郎", "ДОЕ 山田 x ﾔﾏﾀﾞ y^é", "김^희중", "Buc^Jérôme", "Люкceмбypг", "a^山=b^é=ﾔ"]
)
def test_what_is_sent_can_be_read_again(term: str, text: str) -> None:
    sent = fitted_name(text, partial(holds, term=term))
    assert decode(encode(sent, term), terms(term.encode())) == sent
