from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.model.order import Order, Step, StepStatus
from radrecon.model.study import SeriesFacts, StudyFacts
from radrecon.recon.wrong_pick import Slot, WrongPick, waited_until, wanted_slots, wrong_pick

from .people import PERFORMED, facts, order


def due(number: int, person_id: int, start: str, words: str = "CT HEAD", station: str = "CT2") -> Order:
    step = Step(f"S{number}", "CT", station, start=start, description=words)
    return replace(
        order(number, f"A{number}"), person_id=person_id, requested_procedure_description=words, steps=(step,)
    )


NAMED = due(10, 1, "2026-11-22T15:30:00")
OTHER = due(11, 2, "2026-11-22T14:30:00")
KNEE = facts(series=(SeriesFacts("1.1", "CT", "CT2", "KNEE"),))


def look(
    images: StudyFacts, *slots: Slot, named: Order = NAMED, twice: bool = False, waited: bool = True
) -> WrongPick | None:
    return wrong_pick(images, named, slots, own_person=1, twice=twice, waited=waited)


def test_images_at_somebody_elses_slot_who_never_had_any_are_flagged() -> None:
    found = look(facts(), Slot(NAMED), Slot(OTHER))
    assert found is not None
    assert (found.named.id, found.fits.id, found.settled) == (10, 11, True)
    assert found.against == ("56 min before its slot",)


def test_it_is_too_early_to_say_while_the_other_may_still_come() -> None:
    found = look(facts(), Slot(OTHER), waited=False)
    assert found is not None
    assert not found.settled


def test_another_region_speaks_at_once() -> None:
    named = due(10, 1, "2026-11-22T14:45:00")
    found = look(KNEE, Slot(due(11, 2, "2026-11-22T14:30:00", "CT KNEE")), named=named, waited=False)
    assert found is not None
    assert "the images show knee, ordered was head" in found.against


@pytest.mark.parametrize(
    "slot",
    [
        Slot(OTHER, done=True),
        Slot(replace(OTHER, person_id=1)),
        Slot(replace(OTHER, status=StepStatus.CANCELLED)),
        Slot(due(11, 2, "2026-11-22T19:30:00")),
        Slot(due(11, 2, "2026-11-22T14:30:00", "CT KNEE")),
    ],
    ids=["done", "the same patient", "cancelled", "due at another time", "another region"],
)
def test_no_flag_without_an_open_order_of_somebody_else_that_fits(slot: Slot) -> None:
    series = (SeriesFacts("1.1", "CT", "CT2", "HEAD"),)
    assert look(facts(series=series), slot) is None


def test_who_comes_to_their_own_slot_is_not_doubted() -> None:
    assert look(facts(), Slot(due(11, 2, "2026-11-22T14:30:00")), named=due(10, 1, "2026-11-22T14:30:00")) is None


def test_two_studies_of_one_order_and_a_neighbour_without_any() -> None:
    found = look(facts(), Slot(OTHER), named=due(10, 1, "2026-11-22T14:50:00"), twice=True)
    assert found is not None
    assert "images were made under it twice" in found.against


def test_two_lines_taken_for_each_other() -> None:
    theirs = facts(performed="2026-11-22T14:50:00", series=(SeriesFacts("1.9", "CT", "CT2", "HEAD"),))
    swapped = Slot(due(11, 2, "2026-11-22T14:30:00", "CT KNEE"), done=True, images=theirs)
    found = look(KNEE, swapped, named=due(10, 1, "2026-11-22T14:45:00"))
    assert found is not None
    assert found.swapped


def test_the_station_counts_where_it_is_the_others() -> None:
    named = due(10, 1, "2026-11-22T14:50:00", station="CT7")
    found = look(facts(), Slot(OTHER), named=named, twice=True)
    assert found is not None
    assert "done at CT2, scheduled at CT7" in found.against


def test_the_waiting_ends_hours_after_the_examination_by_the_sites_clock() -> None:
    assert waited_until(facts(performed=PERFORMED), "Europe/Berlin") == datetime(2026, 11, 22, 17, 34, tzinfo=UTC)
    assert waited_until(facts(performed=""), "UTC") is None


def test_a_second_examination_that_was_filed_with_the_first_is_looked_at_by_itself() -> None:
    series = (
        SeriesFacts("1.1", "CT", "CT2", "HEAD", performed="2026-11-22T14:33:00"),
        SeriesFacts("1.2", "CT", "CT2", "HEAD", performed="2026-11-22T15:31:00"),
    )
    found = look(facts(performed="2026-11-22T14:33:00", series=series), Slot(OTHER))
    assert found is not None
    assert "images were made under it twice" in found.against


def test_a_study_at_its_slot_wants_only_orders_that_have_images() -> None:
    wanted = wanted_slots(facts(), due(10, 1, "2026-11-22T14:25:00"), twice=False)
    assert wanted is not None
    assert not wanted.undone


@pytest.mark.parametrize(
    ("images", "named", "twice"),
    [
        (facts(), NAMED, False),
        (facts(), due(10, 1, "2026-11-22T14:25:00"), True),
        (KNEE, due(10, 1, "2026-11-22T14:25:00"), False),
    ],
)
def test_where_anything_speaks_against_the_header_who_stayed_away_is_wanted_too(
    images: StudyFacts, named: Order, twice: bool
) -> None:
    wanted = wanted_slots(images, named, twice=twice)
    assert wanted is not None
    assert wanted.undone
    assert wanted.reaches(["", "2026-11-22T14:30:00"])
    assert not wanted.reaches(["2026-11-22T17:30:00", "no time"])


@given(
    st.integers(-300, 300),
    st.integers(-300, 300),
    st.sampled_from(["CT HEAD", "CT KNEE", "MR HEAD"]),
    st.sampled_from(["CT1", "CT2"]),
    st.booleans(),
)
def test_what_is_not_wanted_could_not_have_been_flagged(
    own: int, other: int, words: str, station: str, twice: bool
) -> None:
    middle = datetime.fromisoformat(PERFORMED)
    named = due(10, 1, (middle + timedelta(minutes=own)).isoformat(), words, station)
    slot = Slot(due(11, 2, (middle + timedelta(minutes=other)).isoformat()))
    wanted = wanted_slots(facts(), named, twice=twice)
    kept = wanted is not None and wanted.undone and wanted.reaches([slot.order.steps[0].start])
    assert kept or look(facts(), slot, named=named, twice=twice) is None
