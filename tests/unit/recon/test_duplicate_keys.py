from __future__ import annotations

import pytest

from radrecon.model.duplicate import PersonRecord
from radrecon.recon.duplicate_keys import duplicate_keys

from .records import record

HOME = {"street": "4 High Street", "postcode": "20095", "city": "Hamburg"}


@pytest.mark.parametrize(
    "other",
    [
        record(17),
        record(17, "ANNA^FISCHER"),
        record(17, "FISHER^ANNE"),
        record(17, "SCHMIDT^ANNA"),
        record(17, birth="1960-05-18"),
        record(17, "WEBER^KARL", "", mrn="0001000003"),
        record(17, "WEBER^KARL", "", national_id="65170893"),
        record(17, "WEBER^KARL", "", phones=("+49 40 123456",)),
        record(17, birth="", **HOME | {"postcode": "20059"}),
        record(17, "WEBER^KARL", "", **HOME),
    ],
)
def test_records_find_each_other_by_something(other: PersonRecord) -> None:
    mine = record(3, mrn="1000003", national_id="65170839", phones=("040 123456",), **HOME)
    assert duplicate_keys(mine) & duplicate_keys(other)


def test_a_former_name_is_a_key_too() -> None:
    assert duplicate_keys(record(name="SCHMIDT^ANNA", birth="1960", former=("FISCHER^ANNA",))) >= duplicate_keys(
        record(birth="1960")
    ) - {("patient_id", "1000003")}


@pytest.mark.parametrize("word", ["BABY GIRL", "RN", "SAEUGLING", "RECIEN NACIDO"])
def test_a_newborns_word_is_no_key(word: str) -> None:
    assert duplicate_keys(record(name=f"FISCHER^{word}")) == duplicate_keys(record(name="FISCHER"))


@pytest.mark.parametrize("name", ["", "^^^^", "TRAUMA^ALPHA", "\u200b"])
def test_what_says_nothing_is_no_key(name: str) -> None:
    assert duplicate_keys(record(name=name, birth="", mrn="")) == frozenset()
    assert not any("99999" in value for _, value in duplicate_keys(record(national_id="999999999")))
