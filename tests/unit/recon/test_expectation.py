"""How long what is awaited may be awaited, and when steps are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from radrecon.config import CasesConfig
from radrecon.model.case import CaseKind
from radrecon.model.expectation import ROUTINE, URGENT, Practice
from radrecon.model.person import Watch
from radrecon.recon.expectation import KINDS, PRACTICE, grace, named, on_wall, start_of
from tests.builders import NOW, order, step
from tests.unit.recon.waiting import WATCH

BERLIN = Watch(WATCH.watch_from, None, "Europe/Berlin")


def test_every_kind_has_a_grace_that_can_be_switched_off() -> None:
    off = CasesConfig(
        missing_update_minutes=0, temporary_identity_hours=[], order_without_registration_minutes=0,
        images_without_report_hours=0, images_without_report_stat_hours=0, report_without_images_hours=0,
        overdue_order_hours=0,
    )  # fmt: skip
    for kind in KINDS:
        for pace in (ROUTINE, URGENT):
            assert grace(kind, pace, CasesConfig())
            assert grace(kind, pace, off) is None
    assert set(PRACTICE) < set(KINDS)


def test_what_is_urgent_is_awaited_less_long_and_a_newborns_name_longer() -> None:
    cases = CasesConfig()
    assert grace(CaseKind.IMAGES_WITHOUT_REPORT, URGENT, cases) == timedelta(hours=4)
    assert grace(CaseKind.IMAGES_WITHOUT_REPORT, ROUTINE, cases) == timedelta(hours=48)
    assert grace(CaseKind.TEMPORARY_IDENTITY, ROUTINE, cases) == timedelta(hours=4)
    assert grace(CaseKind.TEMPORARY_IDENTITY, URGENT, cases) == timedelta(hours=72)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-11-22T14:30:00", datetime(2026, 11, 22, 13, 30, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, 23, tzinfo=UTC)),
        ("2026-11", None),
        ("", None),
        ("9999-12-31", None),
        ("0001-01-01T00:00:00", None),
    ],
)
def test_a_step_is_due_by_the_sites_clock(start: str, due: datetime | None) -> None:
    assert start_of(step(start=start), BERLIN) == due


def test_what_is_usual_covers_from_the_first_until_long_after_the_last() -> None:
    hour, month = timedelta(hours=1), timedelta(days=30)
    usual = Practice(NOW, NOW + hour)
    assert not usual.covers(NOW - hour)
    assert usual.covers(NOW)
    assert usual.covers(NOW + month)
    assert not usual.covers(NOW + month + 2 * hour)
    assert not Practice(NOW, NOW, usual=False).covers(NOW)


def test_orders_and_instants_are_said_as_people_do() -> None:
    assert named(order("A1")) == "order A1"
    assert named(order("", placer="P1")) == "order P1"
    assert named(order("", placer="", filler="")) == "an order without any number"
    assert on_wall(NOW, BERLIN) == f"{NOW.astimezone(ZoneInfo('Europe/Berlin')):%Y-%m-%d %H:%M}"
