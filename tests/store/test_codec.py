from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from radrecon.model.order import Order
from radrecon.model.study import StudyFacts
from radrecon.store.codec import digest, dump, iso, key_number, load, wall_iso
from tests.builders import order, study


def test_values_survive_their_json() -> None:
    assert load(Order, dump(order())) == order()
    assert load(StudyFacts, dump(study())) == study()


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_a_key_fits_a_signed_bigint_and_its_kind_counts() -> None:
    assert -(2**63) <= key_number("uid", "1.2.3") < 2**63
    assert key_number("uid", "x") != key_number("accession", "x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T14:30:00", "2026-11-22T14:30:00+01:00"),
        ("2026-07-01T14:30:00", "2026-07-01T14:30:00+02:00"),
        ("2026-11-22T14:30", "2026-11-22T14:30:00+01:00"),
        ("2026-11-22", "2026-11-22"),
        ("", ""),
        ("not a time at all, but long", "not a time at all, but long"),
    ],
)
def test_a_wall_clock_gets_the_sites_offset_of_that_day(text: str, expected: str) -> None:
    assert wall_iso(text, ZoneInfo("Europe/Berlin")) == expected


def test_an_instant_is_said_in_utc() -> None:
    assert iso(datetime(2026, 11, 22, 14, 0, tzinfo=UTC)) == "2026-11-22T14:00:00.000+00:00"
    assert iso(None) == ""
