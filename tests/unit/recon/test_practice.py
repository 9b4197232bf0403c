"""What is usual where."""

from __future__ import annotations

from datetime import datetime, timedelta

from radrecon.model.expectation import Practice
from radrecon.recon.practice import BLOCK, of_outcomes, of_registrations, remembered
from tests.builders import NOW

HOUR = timedelta(hours=1)


def came(number: int, late: timedelta = timedelta(0)) -> list[tuple[str, datetime, datetime | None]]:
    return [("CT/CT1", NOW + at * HOUR, NOW + at * HOUR + late) for at in range(number)]


def test_what_came_for_most_is_usual_from_its_first_to_its_last() -> None:
    found = of_outcomes(came(4, late=HOUR / 2))["CT/CT1"]
    assert found == Practice(NOW, NOW + 3.5 * HOUR, True, 4)


def test_what_came_twice_is_not_usual_yet_and_what_never_came_is_nothing() -> None:
    assert not of_outcomes(came(2))["CT/CT1"].usual
    assert of_outcomes([("CT/CT1", NOW, None)]) == {}


def test_where_most_never_have_it_it_is_not_usual() -> None:
    missing = [("CT/CT1", NOW + HOUR, None) for _ in range(9)]
    assert not of_outcomes([*came(4), *missing])["CT/CT1"].usual


def test_an_outage_says_nothing_of_what_is_usual() -> None:
    outage = [("CT/CT1", NOW + (9 + at) * HOUR, None) for at in range(100)]
    assert of_outcomes([*came(4), *outage])["CT/CT1"].usual


def test_images_before_their_time_begin_the_practice() -> None:
    assert of_outcomes(came(3, late=-HOUR))["CT/CT1"].first_at == NOW - HOUR


def registered(number: int, named: int, start: int = 0) -> list[tuple[str, datetime, bool]]:
    """The latest first."""
    return [("HOSP", NOW - (start + at) * HOUR, at < named) for at in range(number)]


def test_an_authority_registers_where_eight_of_ten_are() -> None:
    assert of_registrations(registered(10, 8)) == {"HOSP": Practice(NOW - 7 * HOUR, NOW, True, 8)}
    assert of_registrations(registered(10, 7)) == {}
    assert of_registrations(registered(2, 2)) == {}


def test_a_block_without_any_does_not_hide_that_it_was_usual() -> None:
    found = of_registrations([*registered(BLOCK, 0), *registered(BLOCK, BLOCK, start=BLOCK)])["HOSP"]
    assert found.last_at == NOW - BLOCK * HOUR


def test_what_was_usual_is_remembered_through_quiet_days() -> None:
    known = {"CT/CT1": Practice(NOW - 99 * HOUR, NOW, True)}
    quiet, other = Practice(NOW, NOW + HOUR, False, 1), Practice(NOW, NOW + HOUR, False, 9)
    assert remembered(known, {"CT/CT1": quiet})["CT/CT1"] == Practice(NOW - 99 * HOUR, NOW + HOUR, True)
    assert not remembered(known, {"CT/CT1": other})["CT/CT1"].usual
    assert remembered({}, {"CT/CT1": quiet}) == {"CT/CT1": quiet}
