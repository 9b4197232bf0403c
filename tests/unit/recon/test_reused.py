from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from radrecon.model.person import Watch
from radrecon.recon.reused import may_be_the_next
from tests.builders import demographics

from .people import study

WATCH = Watch(date(2026, 11, 20), None, "Europe/Berlin")
MERGED = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)  # 14:00 on the wall
ALIAS = demographics("T77", "TRAUMA^ALPHA", birth_date="", sex="")


def made(performed: str, **more: Any) -> bool:
    one = study(**more)
    return may_be_the_next(replace(one, facts=replace(one.facts, patient=ALIAS, performed=performed)), MERGED, WATCH)


def test_it_goes_by_the_wall_clock_of_the_site() -> None:
    assert made("2026-11-22T14:01:00")
    assert not made("2026-11-22T13:59:00")


@pytest.mark.parametrize("performed", ["", "2026-11-22", "soon"])
def test_without_a_time_it_goes_by_when_it_came(performed: str) -> None:
    assert made(performed, first_seen=datetime(2026, 11, 22, 13, 30, tzinfo=UTC))
    assert not made(performed, first_seen=datetime(2026, 11, 22, 12, 30, tzinfo=UTC))
    assert not made(performed, first_seen=None)


def test_a_number_in_use_and_a_name_of_somebody_leave_no_doubt() -> None:
    late = replace(study().facts, performed="2026-11-23T10:00:00")
    named = replace(study(), facts=late)
    assert not may_be_the_next(named, MERGED, WATCH)
    assert not may_be_the_next(replace(named, facts=replace(late, patient=ALIAS)), None, WATCH)
