from __future__ import annotations

import pytest

from radrecon.model.duplicate import Particulars, Population
from radrecon.recon.compare import Level
from radrecon.recon.pair_weights import Near
from radrecon.recon.particulars import (
    compare_national,
    compare_particulars,
    compare_phones,
    compare_places,
    compare_streets,
    national_key,
    phone_key,
    place_key,
)


@pytest.mark.parametrize("text", ["999999999", "000000000", "123456789", "12345", "", "-", "987654321", "111-11-1111"])
def test_what_desks_type_where_there_is_no_national_id_is_none(text: str) -> None:
    assert national_key(text) == ""


def test_national_ids_agree_by_slips() -> None:
    assert compare_national("412-55-9031", "412559031") is Level.EQUAL
    assert compare_national("412559031", "412559013") is Level.NEAR
    assert compare_national("412559031", "412550013") is Near.TWO_SLIPS
    assert compare_national("412559031", "733120945") is Level.DIFFERENT
    assert compare_national("412559031", "999999999") is Level.MISSING


@pytest.mark.parametrize(
    ("one", "other", "degree"),
    [
        ("4 High Street", "4 high street", Level.EQUAL),
        ("4 High Street", "4 Highstreet", Level.EQUAL),
        ("4 High Street", "4 High Stret", Level.NEAR),
        ("4 High Street", "5 High Street", Level.PART),
        ("4 High Street", "120 Mill Lane", Level.DIFFERENT),
        ("4 High Street", "", Level.MISSING),
    ],
)
def test_streets(one: str, other: str, degree: str) -> None:
    assert compare_streets(Particulars(street=one), Particulars(street=other)) is degree


def test_lines_of_an_address_may_stand_in_one_anothers_place() -> None:
    one = Particulars(street="4 High Street", other_designation="The Willows")
    other = Particulars(street="The Willows", other_designation="4 High Street")
    assert compare_streets(one, other) is Level.EQUAL


def test_postcode_and_place_are_one_piece_of_evidence() -> None:
    home = Particulars(postcode="20095", city="Hamburg")
    assert compare_places(home, home) is Level.EQUAL
    assert compare_places(home, Particulars(postcode="20095")) is Level.PART
    assert compare_places(home, Particulars(postcode="80331", city="Muenchen")) is Level.DIFFERENT
    near = Population(10_000, places={place_key(home): 5000})
    (many,) = compare_particulars(home, home, near)
    (average,) = compare_particulars(home, home, Population())
    assert many.bits < average.bits


def test_phones_are_compared_by_their_end() -> None:
    assert compare_phones(["+49 40 1234567"], ["0401234567"]) is Level.EQUAL
    assert compare_phones(["0401234567"], ["0401234576"]) is Level.NEAR
    assert compare_phones(["none"], ["0401234567"]) is Level.MISSING
    assert phone_key("000000000") == ""


def test_what_one_side_does_not_know_is_no_evidence() -> None:
    assert list(compare_particulars(Particulars(), Particulars(street="4 High Street"), Population())) == []
    mother = list(
        compare_particulars(Particulars(mothers_name="Weiß"), Particulars(mothers_name="WEISS"), Population())
    )
    assert [(one.field, one.level) for one in mother] == [("mothers_name", "equal")]
