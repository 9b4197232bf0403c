from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from radrecon.model.duplicate import Usage
from radrecon.recon.compare import SAME, Level
from radrecon.recon.pair_conflicts import ADMITTED, cautions, two_numbers, two_people, used_side_by_side
from radrecon.recon.person_names import NameAgreement

from .records import record

DAY = timedelta(days=1)
THEN = datetime(2026, 1, 1, tzinfo=UTC)


def used(first: int, last: int) -> Usage:
    return Usage(first=THEN + first * DAY, last=THEN + last * DAY)


def test_numbers_used_by_turns_are_not_one_given_up_for_the_other() -> None:
    assert used_side_by_side(used(0, 10), used(5, 20))
    assert not used_side_by_side(used(0, 10), used(11, 20))
    assert not used_side_by_side(Usage(), used(5, 20))


def test_two_active_numbers_of_one_issuer_are_named() -> None:
    one = record(first=THEN, last=THEN + 10 * DAY)
    other = record(17, first=THEN + 5 * DAY, last=THEN + 20 * DAY)
    assert list(cautions(one, other, Level.EQUAL)) == ["two active numbers of HOSP, used by turns"]
    assert two_numbers(record(issuer="A"), record(17, issuer="B")) == ""
    assert two_numbers(record(issuer=""), record(17, issuer="")) == "one issuer"


def test_nobody_lies_in_two_beds() -> None:
    one, other = record(admitted=("V1",)), record(17, admitted=("V2",))
    assert list(cautions(one, other, Level.EQUAL)) == [ADMITTED]
    assert list(cautions(one, record(17, admitted=("V1",)), Level.EQUAL)) == []


@pytest.mark.parametrize("name", ["FISCHER^RN", "FISCHER^RECIEN NACIDO", "FISCHER^ANNAS BABY", "BABYGIRL^FISCHER"])
def test_a_twin_may_be_called_the_same(name: str) -> None:
    for one, other in ((record(name=name), record(17)), (record(), record(17, name))):
        (text,) = cautions(one, other, Level.EQUAL)
        assert "newborn" in text


@pytest.mark.parametrize("birth", [level for level in Level if level not in SAME])
def test_no_given_name_yet_is_a_conflict_whatever_the_birth_dates(birth: Level) -> None:
    name = NameAgreement(family=Level.EQUAL)
    assert list(two_people(record(name="FISCHER^RN"), record(17), name, birth)) == [
        "same family name, no given name yet: relatives"
    ]
    assert list(two_people(record(name="FISCHER"), record(17), name, birth)) == []


def test_a_birth_date_that_differs_is_named() -> None:
    (text,) = cautions(record(), record(17, birth="1960-05-18"), Level.NEAR)
    assert text == "the birth dates differ (1960-05-17 and 1960-05-18)"
