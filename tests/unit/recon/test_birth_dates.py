from __future__ import annotations

import pytest

from radrecon.recon.birth_dates import birth_date_of, birth_level
from radrecon.recon.compare import Level
from radrecon.recon.pair_weights import Near


@pytest.mark.parametrize("text", ["1900-01-01", "9999-12-31", "1800-05-17", "18000101", ""])
def test_what_desks_type_for_none_is_none(text: str) -> None:
    assert birth_date_of(text) == ""
    assert birth_level(text, text) is Level.MISSING


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("19600517", "1960-05-17", Level.EQUAL),
        ("1960-05-17", "1960-05-71", Level.NEAR),
        ("1960-05-12", "1960-12-05", Level.SWAPPED),
        ("1960-05-17", "1963-05-18", Near.TWO_SLIPS),
        ("1960-05-17", "1971-11-30", Level.DIFFERENT),
        ("1960-05-17", "nonsense", Level.MISSING),
    ],
)
def test_levels(one: str, other: str, level: str) -> None:
    assert birth_level(one, other) is level
    assert birth_level(other, one) is level
