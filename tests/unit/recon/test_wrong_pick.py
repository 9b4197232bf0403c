from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.model.order import Order, StepStatus
from radrecon.model.study import SeriesFacts, StudyFacts
from radrecon.recon.slots import Slot, Wanted
from radrecon.recon.wrong_pick import FLAGGED, WrongPick, wanted_slots, wrong_pick

from .people import PERFORMED, facts
from .station import Due, due, nobody

NAMED = due(10, 1, "2026-11-22T18:30:00")
OTHER = due(11, 2, "2026-11-22T14:30:00")
KNEE = facts(series=(SeriesFacts("1.1", "CT", "CT2", "KNEE"),))


def look(
    images: StudyFacts, *slots: Slot, named: Order = NAMED, twice: bool = False, waited: bool = True
) -> WrongPick | None:
    return wrong_pick(images, named, slots, own_person=1, twice=twice, waited=waited)


def closed(found: Order, by: str = "") -> Order:
    """As done: by the RIS's word, or `by` the modality's or the images'."""
    return replace(found, status=StepStatus.COMPLETED, sources={"status": by} if by else {})


def twice_begun(first: str, second: str, modality: str = "CT") -> StudyFacts:
    """One study with two examinations of one region, both at the station and under the Study UID of one order."""
    series = (
        SeriesFacts("1.1", modality, "CT2", "HEAD", performed=f"2026-11-22T{first}:00"),
        SeriesFacts("1.2", modality, "CT2", "HEAD", performed=f"2026-11-22T{second}:00"),
    )
    return facts(performed=f"2026-11-22T{first}:00", series=series, modalities=(modality,))


# -- what was examined, when and where ---------------------------------------------------------------------------------


def test_images_at_the_slot_of_somebody_who_was_examined_then_and_never_had_any_are_flagged() -> None:
    found = look(facts(), Slot(NAMED), Slot(closed(OTHER)))
    assert found is not None
    assert (found.named.id, found.fits.id, found.settled) == (10, 11, True)
    assert found.against == ("3 h before its slot",)


def test_it_is_too_early_to_say_while_the_other_may_still_come() -> None:
    found = look(facts(), Slot(closed(OTHER)), waited=False)
    assert found is not None
    assert not found.settled


def test_another_region_speaks_loudest() -> None:
    found = look(KNEE, Slot(due(11, 2, "2026-11-22T14:30:00", "CT KNEE")), named=due(10, 1, "2026-11-22T14:45:00"))
    assert found is not None
    assert "the images show knee, ordered was head" in found.against


def test_another_region_hours_from_the_slot_needs_no_waiting() -> None:
    named = due(10, 1, "2026-11-22T16:45:00")
    found = look(KNEE, Slot(due(11, 2, "2026-11-22T14:30:00", "CT KNEE")), named=named, waited=False)
    assert found is not None
    assert found.settled


def test_a_late_patient_is_found_hours_after_the_slot() -> None:
    found = look(KNEE, Slot(due(11, 2, "2026-11-22T11:30:00", "CT KNEE")), named=due(10, 1, "2026-11-22T11:45:00"))
    assert found is not None


def test_the_station_counts_where_it_is_the_others() -> None:
    named = due(10, 1, "2026-11-22T14:50:00", station="CT7")
    found = look(facts(), Slot(OTHER), named=named, twice=True)
    assert found is not None
    assert "done at CT2, scheduled at CT7" in found.against


def test_the_signs_add_up_to_the_score() -> None:
    named = due(10, 1, "2026-11-22T14:50:00", station="CT7")
    found = look(KNEE, Slot(due(11, 2, "2026-11-22T14:30:00", "CT KNEE")), named=named, twice=True)
    assert found is not None
    assert found.bits == round(sum(sign.bits for sign in found.signs), 2) >= FLAGGED
    assert all(sign.bits or sign.text for sign in found.signs)


@pytest.mark.parametrize(
    "slot",
    [
        Slot(replace(OTHER, status=StepStatus.STARTED)),
        Slot(closed(OTHER, "mpps")),
        Slot(closed(OTHER, "images")),
        Slot(closed(OTHER), images=facts()),
        Slot(closed(OTHER), seen=True),
        Slot(closed(replace(OTHER, person_id=1))),
        Slot(replace(OTHER, status=StepStatus.CANCELLED)),
        Slot(closed(due(11, 2, "2026-11-22T23:30:00"))),
        Slot(closed(due(11, 2, "2026-11-22T14:30:00", "CT KNEE"))),
        Slot(closed(due(11, 2, ""))),
    ],
    ids=[
        "under way",
        "done by its modality's word",
        "had images",
        "has images",
        "typed by hand",
        "the same patient",
        "cancelled",
        "due at another time",
        "another region",
        "due at no time",
    ],
)
def test_no_flag_without_an_open_order_of_somebody_else_that_fits(slot: Slot) -> None:
    series = (SeriesFacts("1.1", "CT", "CT2", "HEAD"),)
    assert look(facts(series=series), slot) is None


def test_who_comes_to_their_own_slot_is_not_doubted() -> None:
    assert look(facts(), Slot(closed(OTHER)), named=due(10, 1, "2026-11-22T14:30:00")) is None


@pytest.mark.parametrize("start", ["2026-11-22T14:04:00", "2026-11-22T10:30:00", "2026-11-22T18:30:00"])
def test_who_is_late_or_early_while_somebody_stayed_away_is_not_doubted(start: str) -> None:
    assert look(facts(), Slot(OTHER), named=due(10, 1, start)) is None


# -- what became of the other order ------------------------------------------------------------------------------------


def test_an_order_that_its_ris_closed_without_images_weighs_more_than_one_that_is_open() -> None:
    named = due(10, 1, "2026-11-22T15:24:00")
    left_open, by_ris = look(facts(), Slot(OTHER), named=named), look(facts(), Slot(closed(OTHER)), named=named)
    assert left_open is None
    assert by_ris is not None
    assert by_ris.closed


def test_where_images_are_not_usual_it_says_nothing_that_somebody_has_none() -> None:
    """A device that archives nothing, or a neighbour's PACS: everybody who was due there lacks images."""
    knee = Slot(due(11, 2, "2026-11-22T14:30:00", "CT KNEE"))
    without = [Slot(due(20 + at, 30 + at, "2026-11-22T14:00:00")) for at in range(3)]
    having = [Slot(due(40 + at, 50 + at, "2026-11-22T14:00:00"), images=facts()) for at in range(3)]
    named = due(10, 1, "2026-11-22T14:45:00")
    assert look(KNEE, knee, *without, named=named) is None
    assert look(KNEE, knee, *without, *having, named=named) is not None


def test_two_lines_taken_for_each_other() -> None:
    theirs = facts(performed="2026-11-22T14:50:00", series=(SeriesFacts("1.9", "CT", "CT2", "HEAD"),))
    swapped = Slot(due(11, 2, "2026-11-22T14:30:00", "CT KNEE"), images=theirs)
    found = look(KNEE, swapped, named=due(10, 1, "2026-11-22T14:45:00"))
    assert found is not None
    assert found.swapped


def test_two_patients_of_one_examination_who_changed_places_were_not_swapped() -> None:
    theirs = facts(performed="2026-11-22T15:30:00")
    changed = Slot(due(11, 2, "2026-11-22T14:30:00"), images=theirs)
    assert look(facts(), changed, named=due(10, 1, "2026-11-22T15:30:00")) is None


def test_images_of_the_other_order_that_do_not_fit_this_one_were_not_swapped() -> None:
    theirs = facts(performed="2026-11-22T14:50:00", series=(SeriesFacts("1.9", "CT", "CT2", "ABDOMEN"),))
    other = Slot(due(11, 2, "2026-11-22T14:30:00", "CT KNEE"), images=theirs)
    assert look(KNEE, other, named=due(10, 1, "2026-11-22T14:45:00")) is None


# -- images twice ------------------------------------------------------------------------------------------------------


def test_two_studies_of_one_order_and_a_neighbour_without_any() -> None:
    found = look(facts(), Slot(OTHER), named=due(10, 1, "2026-11-22T14:50:00"), twice=True)
    assert found is not None
    assert "images were made under it twice" in found.against


def test_a_second_examination_that_was_filed_with_the_first_is_looked_at_by_itself() -> None:
    named = due(10, 1, "2026-11-22T15:30:00")
    found = look(twice_begun("14:33", "15:31"), Slot(OTHER), named=named)
    assert found is not None
    assert "images were made under it twice" in found.against


def test_an_examination_that_goes_on_after_a_pause_while_nobody_stayed_away_is_none() -> None:
    goes_on = twice_begun("14:33", "15:31")
    assert look(goes_on, Slot(OTHER, images=facts()), named=due(10, 1, "2026-11-22T14:30:00")) is None


def test_a_pause_speaks_less_where_pauses_are_usual() -> None:
    named, other = due(10, 1, "2026-11-22T15:00:00"), due(11, 2, "2026-11-22T14:30:00")
    assert look(twice_begun("14:33", "15:31"), Slot(other), named=named) is not None
    late = [replace(one, steps=(replace(one.steps[0], modality="NM"),)) for one in (named, other)]
    assert look(twice_begun("14:33", "15:31", "NM"), Slot(late[1]), named=late[0]) is None


def test_series_without_a_pause_are_one_examination() -> None:
    assert look(twice_begun("14:33", "14:42"), Slot(OTHER), named=due(10, 1, "2026-11-22T14:40:00")) is None


def two_regions(second: str) -> StudyFacts:
    series = tuple(
        SeriesFacts(f"1.{part}", "CT", "CT2", part, performed=f"2026-11-22T14:3{at}:00")
        for at, part in enumerate(("HEAD", second))
    )
    return facts(performed="2026-11-22T14:30:00", series=series, description="Head and more")


def test_another_patients_region_among_the_images_without_a_pause() -> None:
    knee = Slot(due(11, 2, "2026-11-22T14:30:00", "CT KNEE"))
    found = look(two_regions("KNEE"), knee, named=due(10, 1, "2026-11-22T14:30:00"))
    assert found is not None
    assert found.against == ("the images show knee, ordered was head",)


@pytest.mark.parametrize(
    "slot",
    [
        Slot(due(11, 2, "2026-11-22T14:30:00", "CT KNEE"), seen=True),
        Slot(due(11, 1, "2026-11-22T14:30:00", "CT KNEE")),
        Slot(due(11, 2, "2026-11-22T14:30:00", "CT ABDOMEN")),
    ],
    ids=["who has other images", "the same patient", "of another region"],
)
def test_two_regions_in_one_study_are_of_two_orders_mostly(slot: Slot) -> None:
    assert look(two_regions("KNEE"), slot, named=due(10, 1, "2026-11-22T14:30:00")) is None


# -- when it is looked at ----------------------------------------------------------------------------------------------


def test_of_a_study_at_its_slot_nobody_is_asked_for() -> None:
    named = replace(due(10, 1, "2026-11-22T14:25:00"), arrived="2026-11-22T14:10:00")
    assert wanted_slots(facts(), named, twice=False) is None
    assert wanted_slots(facts(), replace(named, arrived="", ended="2026-11-22T14:45:00"), twice=False) is None


def test_of_a_study_at_its_slot_of_which_the_ris_tells_nothing_only_what_it_tells_of_others_could_speak() -> None:
    silent = due(10, 1, "2026-11-22T14:25:00")
    assert wanted_slots(facts(), silent, twice=False) == Wanted((PERFORMED,), hinted=True)


@pytest.mark.parametrize(
    ("images", "named", "twice"),
    [
        (facts(), NAMED, False),
        (facts(), due(10, 1, "2026-11-22T14:25:00"), True),
        (KNEE, due(10, 1, "2026-11-22T14:25:00"), False),
        (twice_begun("14:33", "15:31"), due(10, 1, "2026-11-22T14:25:00"), False),
    ],
)
def test_where_anything_speaks_against_the_header_who_was_due_is_asked_for(
    images: StudyFacts, named: Order, twice: bool
) -> None:
    wanted = wanted_slots(images, named, twice=twice)
    assert wanted is not None
    reached, beyond = (Due(starts) for starts in (("", "2026-11-22T14:30:00"), ("2026-11-22T23:30:00", "no time")))
    assert wanted.chosen([reached, beyond], nobody) == [reached]


@given(
    st.integers(-400, 400),
    st.integers(-400, 400),
    st.sampled_from(["CT HEAD", "CT KNEE", "MR HEAD"]),
    st.sampled_from(["CT HEAD", "CT KNEE"]),
    st.sampled_from(["CT1", "CT2"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([facts(), KNEE, twice_begun("14:33", "15:31"), two_regions("KNEE")]),
)
def test_what_is_not_wanted_could_not_have_been_flagged(
    own: int, other: int, words: str, others: str, station: str, twice: bool, done: bool, images: StudyFacts
) -> None:
    middle = datetime.fromisoformat(PERFORMED)
    named = due(10, 1, (middle + timedelta(minutes=own)).isoformat(), words, station)
    due_then = due(11, 2, (middle + timedelta(minutes=other)).isoformat(), others)
    for slot in (
        Slot(closed(due_then) if done else due_then),
        Slot(due_then, images=KNEE),
        Slot(due_then, images=facts()),
    ):
        wanted = wanted_slots(images, named, twice=twice)
        kept = wanted is not None and bool(wanted.chosen([Due((due_then.steps[0].start,), due_then.status)], nobody))
        assert kept or look(images, slot, named=named, twice=twice) is None
