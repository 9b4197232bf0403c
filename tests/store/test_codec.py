from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


KINDS = ("accession_near", "birth_day", "name_day", "station_day", "uid")


@given(st.sampled_from(KINDS), st.text() | st.text("AZ09", max_size=12), st.text() | st.text("AZ09", max_size=12))
def test_any_text_has_a_number_of_its_own(kind: str, one: str, other: str) -> None:
    assert -(2**63) <= key_number(kind, one) < 2**63
    assert (key_number(kind, one) == key_number(kind, other)) == (one == other)


@given(st.dates(), st.text(max_size=20), st.text(max_size=20))
def test_keys_of_one_day_lie_together_and_apart_from_other_days(day: date, one: str, other: str) -> None:
    numbers = [key_number(kind, f"{who}/{day}") for kind in ("name_day", "station_day") for who in (one, other)]
    assert max(numbers) - min(numbers) < 2**34
    assert len(set(numbers)) == 2 * len({one, other})
    assert 2 << 56 <= min(numbers) <= max(numbers) < 3 << 56


@pytest.mark.parametrize("prefix", ["", "A2", "20261122CT-LONG-", "第"])
def test_slips_of_numbers_in_a_row_lie_in_a_row(prefix: str) -> None:
    numbers = [key_number("accession_near", f"{prefix}{number}") for number in range(1000, 1100)]
    assert len(set(numbers)) == 100
    assert max(numbers) - min(numbers) < 2**24
    assert 1 << 56 <= min(numbers) <= max(numbers) < 2 << 56


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
