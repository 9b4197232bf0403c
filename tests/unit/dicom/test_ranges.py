"""Dates and times as modalities write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.dicom.ranges import date_range, time_range


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("20261122", ("2026-11-22", "2026-11-22")),
        ("20261122-", ("2026-11-22", "")),
        ("-20261122", ("", "2026-11-22")),
        ("20261120 - 20261122", ("2026-11-20", "2026-11-22")),
        ("2026.11.22", ("2026-11-22", "2026-11-22")),
        ("20261122-20261120", None),
        ("20260230", None),
        ("2026-11-22", None),
        ("-", None),
        ("202611", None),
        ("٢٠٢٦١١٢٢", ("2026-11-22", "2026-11-22")),
    ],
)
def test_dates(text: str, found: tuple[str, str] | None) -> None:
    assert date_range(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("103000", ("10:30:00", "10:30:00")),
        ("1030", ("10:30:00", "10:30:59")),
        ("10", ("10:00:00", "10:59:59")),
        ("103000.000000", ("10:30:00", "10:30:00")),
        ("10:30", ("10:30:00", "10:30:59")),
        ("0000-2400", ("00:00:00", "23:59:59")),
        ("2200-0600", ("22:00:00", "06:00:59")),
        ("1200-", ("12:00:00", "")),
        ("-1200", ("", "12:00:59")),
        ("235960", ("23:59:59", "23:59:59")),
        ("2460", None),
        ("1060", None),
        ("1", None),
        ("noon", None),
        ("-", None),
    ],
)
def test_times(text: str, found: tuple[str, str] | None) -> None:
    assert time_range(text) == found


@given(st.text(max_size=24))
def test_no_text_makes_them_raise(text: str) -> None:
    for read in (date_range, time_range):
        assert read(text) is None or len(read(text) or ()) == 2
