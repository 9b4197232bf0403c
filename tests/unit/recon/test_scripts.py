from __future__ import annotations

import pytest

from radrecon.model.names import NameGroup, PersonName
from radrecon.recon.compare import SAME, Level, compare_names
from radrecon.recon.scripts import by_script, script_of

FULL = PersonName.parse("Yamada^Hanako=山田^花子=やまだ^はなこ")


@pytest.mark.parametrize(
    ("family", "script"),
    [
        ("Yamada", ""),
        ("Müller", ""),
        ("Иванов", ""),
        ("山田", "ideographs"),
        ("佐々木", "ideographs"),
        ("やまだ", "kana"),
        ("ﾔﾏﾀﾞ", "kana"),
        ("홍", "hangul"),
        ("", ""),
    ],
)
def test_the_script_of_a_group(family: str, script: str) -> None:
    assert script_of(NameGroup(family)) == script


def test_one_ideograph_makes_a_name_one_in_ideographs() -> None:
    assert script_of(NameGroup("やまだ", "花子")) == "ideographs"


@pytest.mark.parametrize(
    ("text", "placed"),
    [
        ("山田^花子", "=山田^花子"),
        ("홍^길동", "==홍^길동"),
        ("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎", "=山田^太郎=ﾔﾏﾀﾞ^ﾀﾛｳ"),
        ("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        ("山田^花子=山田^花子", "山田^花子=山田^花子"),
        ("MEYER^ANNA", "MEYER^ANNA"),
    ],
)
def test_the_first_group_goes_where_its_script_belongs_if_that_is_free(text: str, placed: str) -> None:
    assert by_script(PersonName.parse(text)) == PersonName.parse(placed)


@pytest.mark.parametrize("text", ["山田^花子", "ﾔﾏﾀﾞ^ﾊﾅｺ=山田^花子=やまだ^はなこ", "やまだ^はなこ"])
def test_one_name_whichever_groups_it_is_sent_in(text: str) -> None:
    assert compare_names(FULL, PersonName.parse(text)) in SAME
    assert compare_names(PersonName.parse(text), FULL) in SAME


@pytest.mark.parametrize("text", ["山本^花子", "山田^直子", "やまもと^はなこ"])
def test_another_name_whichever_groups_it_is_sent_in(text: str) -> None:
    assert compare_names(FULL, PersonName.parse(text)) not in (*SAME, Level.MISSING)


def test_names_in_two_scripts_and_nothing_else_cannot_be_compared() -> None:
    assert compare_names(PersonName.parse("Yamada^Hanako"), PersonName.parse("山田^花子")) is Level.MISSING
    assert compare_names(PersonName.parse("山田^花子"), PersonName.parse("山田^花子")) is Level.EQUAL
    assert compare_names(PersonName.parse("山田^花子"), PersonName.parse("山本^花子")) is Level.GIVEN
