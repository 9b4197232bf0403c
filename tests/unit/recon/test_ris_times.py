"""The RIS's times against those of images, in bits; and in the signs of a wrong pick, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.order import Order, Step, StepStatus
from radrecon.model.study import StudyFacts
from radrecon.recon import ris_times as told
from radrecon.recon.slots import Slot
from radrecon.recon.wrong_pick import WrongPick, wanted_slots, wrong_pick

from .people import facts, order

BEGUN = "2026-11-22T14:34:00"


def at(clock: str) -> str:
    return f"2026-11-22T{clock}:00" if clock else ""


def due(number: int, start: str, *, arrived: str = "", ended: str = "", sender: str = "RIS") -> Order:
    step = Step(f"S{number}", "CT", "CT2", start=at(start), description="CT HEAD")
    status = StepStatus.COMPLETED if ended else StepStatus.SCHEDULED
    return replace(
        order(number, f"A{number}"), person_id=number, requested_procedure_description="CT HEAD", steps=(step,),
        status=status, arrived=at(arrived), ended=at(ended), sender=sender,
    )  # fmt: skip


def images(begun: str) -> StudyFacts:
    return facts(performed=at(begun))


def usual(*, arrivals: bool = True, ends: bool = True, late: int = 0, sender: str = "RIS") -> list[Slot]:
    """Five others of that afternoon, each with images; `late`: so many hours is the RIS's clock ahead."""
    found = []
    for number, hour in enumerate((12, 13, 15, 16, 17), 20):
        one = due(number, f"{hour}:00", sender=sender)
        one = replace(one, arrived=at(f"{hour - 1 + late}:45") if arrivals else "")
        one = replace(one, ended=at(f"{hour + late}:20") if ends else "", status=StepStatus.COMPLETED)
        found.append(Slot(one, images=images(f"{hour}:05")))
    return found


def look(named: Order, *slots: Slot, of: StudyFacts | None = None) -> WrongPick | None:
    return wrong_pick(of or facts(), named, slots, own_person=named.person_id, twice=False, waited=True)


# -- bits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ended", "least", "most"),
    [("14:20", 2.0, 4.0), ("14:48", -1.0, 0.0), ("15:40", -1.0, 1.5), ("", 0.0, 0.0), ("23:59", 0.0, 0.0)],
    ids=["before the images", "soon after", "an hour after", "not told", "at midnight"],
)
def test_when_the_named_examination_ended(ended: str, least: float, most: float) -> None:
    assert least <= told.end_of_named(due(10, "14:30", ended=ended), BEGUN, "CT") <= most


@pytest.mark.parametrize(
    ("arrived", "bits"),
    [("15:10", 4.5), ("14:45", 3.5), ("14:36", 0.0), ("14:10", -0.5), ("", 0.0), ("23:00", 0.0)],
    ids=["long after", "after", "a clock's difference", "before", "not told", "hours after"],
)
def test_when_the_named_patient_came(arrived: str, bits: float) -> None:
    assert told.arrival_of_named(due(10, "14:30", arrived=arrived), BEGUN) == bits


def test_an_end_with_these_images_and_not_at_its_own_slot() -> None:
    with_these, at_its_own = due(11, "12:30", ended="14:46"), due(11, "12:30", ended="12:58")
    assert told.end_of_lacking(with_these, BEGUN, "CT") > 2
    assert told.end_of_lacking(at_its_own, BEGUN, "CT") < -2
    assert abs(told.end_of_lacking(due(11, "14:30", ended="14:46"), BEGUN, "CT")) < 2
    assert told.end_of_lacking(due(11, "12:30"), BEGUN, "CT") == 0


def test_a_day_without_a_time_is_no_time() -> None:
    named = replace(due(10, "14:30"), ended="2026-11-22", arrived="2026-11-22")
    assert told.end_of_named(named, BEGUN, "CT") == told.arrival_of_named(named, BEGUN) == 0
    assert told.minutes_between("2026-11-22", BEGUN) is None
    assert told.minutes_between("nonsense nonsense", BEGUN) is None


@pytest.mark.parametrize("modality", ["CT", "DX", "OT", ""])
def test_densities_add_up_to_one(modality: str) -> None:
    ends = sum(told.ended_after(float(minute) + 0.5, modality) for minute in range(-720, 720))
    waits = sum(told.waited(float(minute) + 0.5) for minute in range(-720, 720))
    assert ends == pytest.approx(1, abs=0.03)
    assert waits == pytest.approx(1, abs=0.03)


# -- what a RIS does -------------------------------------------------------------------------------------------------


def custom(slots: list[Slot], sender: str = "RIS") -> told.Custom:
    return told.custom_of(sender, [(one.order, one.images) for one in slots if one.images])


def test_customs_are_known_by_others_of_the_same_ris() -> None:
    found = custom(usual())
    assert found.ends == found.arrivals == pytest.approx(6 / 7)
    assert custom(usual(), "ANOTHER") == told.Custom()


@pytest.mark.parametrize(
    "slots",
    [usual(arrivals=False, ends=False), usual(late=-1), usual()[:1]],
    ids=["tells nothing", "another time zone", "too few"],
)
def test_of_times_that_do_not_fit_their_own_images_nothing_is_known(slots: list[Slot]) -> None:
    assert custom(slots).ends == 0


def test_times_that_a_whole_day_shares_say_nothing() -> None:
    slots = [replace(one, order=replace(one.order, ended=at("17:30"))) for one in usual()]
    assert custom(slots).ends == 0


# -- signs -----------------------------------------------------------------------------------------------------------


STAYED_AWAY = due(10, "14:45")
THERE = due(11, "14:15", arrived="14:05", ended="14:46")


def test_the_other_was_examined_by_the_riss_word_and_whose_line_was_picked_never_came() -> None:
    found = look(STAYED_AWAY, Slot(THERE), *usual())
    assert found is not None
    assert (found.fits.id, found.closed, found.settled) == (11, True, True)
    assert set(found.against) == {
        "its patient had not come by the RIS's word",
        "its examination was not ended in the RIS",
    }


@pytest.mark.parametrize(
    ("named", "other", "slots"),
    [
        (replace(STAYED_AWAY, arrived=at("14:20")), THERE, usual()),
        (due(10, "14:45", ended="14:50"), THERE, usual()),
        (STAYED_AWAY, due(11, "13:15", arrived="13:05", ended="13:40"), usual()),
        (STAYED_AWAY, due(11, "14:15", arrived="15:05", ended="14:46"), usual()),
        (STAYED_AWAY, THERE, usual(arrivals=False, ends=False)),
        (STAYED_AWAY, THERE, usual(late=-1)),
        (STAYED_AWAY, THERE, usual(sender="ANOTHER")),
    ],
    ids=["came", "was ended", "ended before", "came later", "tells nothing", "another zone", "another RIS"],
)
def test_it_is_not_said_where_the_times_do_not(named: Order, other: Order, slots: list[Slot]) -> None:
    assert look(named, Slot(other), *slots) is None


def test_two_of_the_same_examination_whose_lines_were_taken_for_each_other() -> None:
    first, second = due(10, "14:30", arrived="14:20", ended="14:46"), due(11, "15:10", arrived="15:00", ended="15:24")
    under_second, under_first = images("14:34"), images("15:12")
    found = look(second, Slot(first, images=under_first), *usual(), of=under_second)
    assert found is not None
    assert found.swapped
    assert "each of the two examinations was ended in the RIS after the other's images" in found.against
    assert look(first, Slot(second, images=under_second), *usual(), of=under_first) is not None
    assert look(first, Slot(second, images=under_first), *usual(), of=under_second) is None


def test_two_who_changed_places_are_not_swapped() -> None:
    first, second = due(10, "14:30", arrived="14:20", ended="15:24"), due(11, "15:10", arrived="14:15", ended="14:46")
    assert look(second, Slot(first, images=images("15:12")), *usual(), of=images("14:34")) is None


def test_who_else_was_there_is_asked_for_where_an_end_is_odd_whoever_has_images() -> None:
    named = due(10, "14:30", ended="14:20")
    wanted = wanted_slots(facts(), named, twice=False)
    assert wanted is not None
    assert (wanted.hinted, wanted.odd) == (True, True)
