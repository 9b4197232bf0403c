from __future__ import annotations

import pytest

from radrecon.model.names import PersonName
from radrecon.recon.compare import Level
from radrecon.recon.nobody import stands_for_nobody
from radrecon.recon.pair_weights import Near
from radrecon.recon.person_names import (
    NameAgreement,
    compare_all_names,
    compare_name_texts,
    full_name,
    known_names,
)

from .records import TOWN, record


def agree(one: str, other: str, *former: str) -> NameAgreement:
    mine = [PersonName.parse(text) for text in (one, *former)]
    return compare_all_names(mine, [PersonName.parse(other)], TOWN)


@pytest.mark.parametrize(
    ("one", "other", "family", "given"),
    [
        ("SMITH^ROBERT", "SMITH^BOB", Level.EQUAL, Near.NICKNAME),
        ("SMITH^MARGARET", "SMITH^PEGGY", Level.EQUAL, Near.NICKNAME),
        ("SMITH^ROBERT", "SMYTH^ROBERT", Level.NEAR, Level.EQUAL),
        ("MEYER^ANNA", "MAIER^ANNA", Level.SOUND, Level.EQUAL),
        ("SMITH^R", "SMITH^ROBERT", Level.EQUAL, Near.INITIAL),
        ("SMITH^ROBERT", "SMITH^KARL", Level.EQUAL, Level.DIFFERENT),
        ("WEBER^ANNA", "WEBER-SCHULZ^ANNA", Level.PART, Level.EQUAL),
        ("KOWALCZYK^ANNA", "KOVALZYK^ANNA", Near.ALIKE, Level.EQUAL),
        ("MÜLLER^ANNA", "MUELLER^ANNE", Level.EQUAL, Level.NEAR),
    ],
)
def test_parts_are_compared_apart(one: str, other: str, family: str, given: str) -> None:
    found = agree(one, other)
    assert (found.family, found.given) == (family, given)
    assert (agree(other, one).family, agree(other, one).given) == (family, given)


@pytest.mark.parametrize("other", ["ROBERT^SMITH", "Smith^Robert", "SMITH ROBERT", "SMITH^ROBERT^^Dr", "SMITH, ROBERT"])
def test_the_whole_name_is_one_piece_of_evidence_where_it_agrees(other: str) -> None:
    found = agree("SMITH^ROBERT", other)
    assert [reason.field for reason in found.reasons] == ["patient_name"]
    assert found.bits > 8


def test_swapped_parts_with_a_slip_are_recognised() -> None:
    found = agree("SMITH^ROBERT", "ROBRET^SMITH")
    assert found.bits > 6
    assert any("swapped" in reason.text for reason in found.reasons)


def test_middle_names_that_contradict_speak_against() -> None:
    assert (
        agree("SMITH^ROBERT^JAMES", "SMITH^ROBERT^JAMES").bits > agree("SMITH^ROBERT^JAMES", "SMITH^ROBERT^PAUL").bits
    )


def test_a_generation_speaks_against_an_equal_name() -> None:
    assert agree("SMITH^ROBERT^^^JR", "SMITH^ROBERT^^^SR").bits < agree("SMITH^ROBERT", "SMITH^ROBERT").bits - 5


def test_lookalike_letters_are_named_and_cost_a_little() -> None:
    found = agree("SMITH^АNNА", "SMITH^ANNA")  # with two Cyrillic letters
    assert any("look-alike" in reason.level for reason in found.reasons)
    assert 8 < found.bits < agree("SMITH^ANNA", "SMITH^ANNA").bits
    assert agree("СОЛНЦЕ^АННА", "SMITH^ANNA").bits < 0  # Cyrillic alone is no disguise


def test_former_names_are_tried_and_named() -> None:
    found = agree("SCHMIDT^ANNA", "FISCHER^ANNA", "FISCHER^ANNA")
    assert found.bits > 10
    assert found.reasons[-1].level == "former name"


def test_other_scripts_are_compared_with_their_own_kind_only() -> None:
    assert agree("YAMADA^TARO=山田^太郎", "=山田^太郎").bits > 8
    assert agree("=山田^太郎", "YAMADA^TARO").reasons == ()


def test_names_that_stand_for_none() -> None:
    assert stands_for_nobody(PersonName.parse("TRAUMA^ALPHA"))
    assert agree("TRAUMA^ALPHA", "TRAUMA^ALPHA").reasons == ()


@pytest.mark.parametrize("word", ["BABY BOY", "RN", "Säugling", "SAEUGLING", "RECIEN NACIDO", "BABYBOYA", "bebé"])
def test_a_newborn_has_no_given_name_yet(word: str) -> None:
    found = agree(f"SMITH^{word}", "SMITH^ANNA")
    assert (found.family, found.given) == (Level.EQUAL, Level.MISSING)
    assert agree(f"SMITH^{word}", f"SMITH^{word}").given is Level.MISSING


@pytest.mark.parametrize("was", ["MEYER^BABY BOY", "MEYER^RN", "BABYBOY^MEYER", "MEYER^JESSICAS BABY BOY"])
def test_what_both_were_called_as_newborns_does_not_outweigh_their_names(was: str) -> None:
    one, other, newborn = (PersonName.parse(text) for text in ("MEYER^MAX", "MEYER^TOM", was))
    for mine, theirs in (([one, newborn], [other, newborn]), ([one, newborn], [other]), ([one], [other, newborn])):
        assert compare_all_names(mine, theirs, TOWN) == compare_all_names([one], [other], TOWN)


def test_a_newborns_name_does_not_hide_a_part_that_differs() -> None:
    for one, was, other in (
        ("SCHULZ^BERTA", "MEIER^SAEUGLING", "MEYER^BERTA"),
        ("MEYER-SCHULZ^BERTA", "MEYER-SCHULZ^RN", "TOM^MEYER"),
    ):
        assert agree(one, other, was) == agree(one, other)


def test_a_former_name_still_leads_to_one_whose_given_name_is_the_same() -> None:
    assert agree("VERMA^KUMARI BABY", "SHARMA^KUMARI BABY", "SHARMA^KUMARI BABY").reasons[-1].level == "former name"
    assert agree("THOMAS^ANNA", "BABY^ANNA", "BABY^ANNA").reasons[-1].level == "former name"
    assert agree("SCHULZ^MAX", "MEYER^BABY BOY", "MEYER^BABY BOY").family is Level.EQUAL


def test_namesakes_share_a_text_in_whatever_order_it_was_typed() -> None:
    assert full_name(PersonName.parse("SMITH^ANN")) == full_name(PersonName.parse("Ann^Smith")) == "ann/smith"
    assert full_name(PersonName.parse("SMITH")) == ""
    married = record(name="A^B", former=("C^B", "A^B", ""))
    assert known_names(married) == [PersonName.parse("A^B"), PersonName.parse("C^B")]
    assert compare_name_texts("Schmidt^Eva", "Schmitt") is Level.NEAR
