from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from radrecon.hl7v2.values import when
from radrecon.workflow.clocks import instant

BERLIN = ZoneInfo("Europe/Berlin")
ARRIVED = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


def test_a_time_counts_in_the_zone_it_names_else_the_senders() -> None:
    assert instant(when("20261122140000"), ARRIVED, BERLIN) == datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
    assert instant(when("20261122140000+0500"), ARRIVED, BERLIN) == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "20261122", "2026112213", "nonsense"])
def test_a_time_that_says_little_counts_as_its_arrival(text: str) -> None:
    assert instant(when(text), ARRIVED, UTC) == ARRIVED


def test_nothing_is_said_later_than_it_arrived() -> None:
    assert instant(when("20261122150000"), ARRIVED, UTC) == ARRIVED


def test_the_hour_that_a_clock_change_repeats_is_no_evidence() -> None:
    arrived = datetime(2026, 10, 25, 12, 0, tzinfo=UTC)
    assert instant(when("20261025023000"), arrived, BERLIN) == arrived
    assert instant(when("20261025023000+0100"), arrived, BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert instant(when("20261025033000"), arrived, BERLIN) == arrived - timedelta(hours=9, minutes=30)
