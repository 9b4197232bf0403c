"""What an appointment does to its orders."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from radrecon.model.appointment import Appointment, AppointmentState, BookedService
from radrecon.model.order import Code, Order, Step, StepStatus
from radrecon.recon.appointments import arrived, divided, scheduled
from tests.builders import order, step

STATIONS = {"ctroom": "CT1", "mr2": "MR2"}
THEN = "2026-11-30T09:00:00"


def booked(start: str = THEN, *services: BookedService, **more: Any) -> Appointment:
    return Appointment(start=start, services=services, **({"filler_appointment_id": "F1"} | more))


def after(found: Order, appointment: Appointment) -> Order | None:
    return scheduled(found, appointment, appointment.services, STATIONS)


def moved(found: Order, appointment: Appointment) -> Order:
    result = after(found, appointment)
    assert result is not None
    return result


def test_the_steps_get_time_resource_and_place() -> None:
    service = BookedService(start=THEN, resource="CT Room", location="Radiology 2")
    found = moved(order(), booked("", service)).steps[0]
    assert (found.start, found.station_name, found.station_ae_title, found.location) == (
        THEN, "CT Room", "CT1", "Radiology 2",
    )  # fmt: skip


def test_a_resource_that_nobody_configured_leaves_the_ae_title() -> None:
    assert moved(order(), booked("", BookedService(resource="X"))).steps[0].station_ae_title == "CT1"


def test_services_find_their_steps_by_code_then_by_position() -> None:
    two = order(steps=(step(sps="S1", protocol_code=Code("B", "L")), step(sps="S2", protocol_code=Code("A", "L"))))
    first, second = BookedService("A", start="2026-11-30T08:00:00"), BookedService("B", start="2026-11-30T09:00:00")
    assert [one.start[11:13] for one in moved(two, booked("", first, second)).steps] == ["09", "08"]
    nameless = [replace(one, code="") for one in (first, second)]
    assert [one.start[11:13] for one in moved(two, booked("", *nameless)).steps] == ["08", "09"]
    assert [one.start[11:13] for one in moved(two, booked("", nameless[0])).steps] == ["08", "08"]


def test_services_are_divided_among_orders_by_code_then_in_their_order() -> None:
    first, second = order("A1", requested_procedure_code=Code("X", "L")), order("A2")
    coded = (BookedService("Y"), BookedService("x"))
    assert divided([first, second], coded) == [(coded[1],), coded]
    assert divided([second, first], (BookedService("1"), BookedService("2"))) == [
        (BookedService("1"),), (BookedService("2"),),
    ]  # fmt: skip
    assert divided([first], coded) == [coded]


def test_a_cancelled_appointment_leaves_the_order_open_and_without_a_time() -> None:
    for state, flag in ((AppointmentState.CANCELLED, "appointment_cancelled"), (AppointmentState.NO_SHOW, "no_show")):
        found = moved(order(), booked(state=state))
        assert (found.status, found.steps[0].status, found.steps[0].start) == (StepStatus.SCHEDULED,) * 2 + ("",)
        assert found.flags == (flag, "no_start")
        assert moved(found, booked()).flags == ()


def test_a_cancelled_appointment_does_not_take_the_time_of_another() -> None:
    later = moved(order(), booked(filler_appointment_id="F2"))
    assert after(later, booked(state=AppointmentState.CANCELLED)) is None
    assert moved(later, booked(state=AppointmentState.CANCELLED, filler_appointment_id="F2")).steps[0].start == ""


def test_what_was_done_is_not_moved() -> None:
    done = order(status=StepStatus.COMPLETED, steps=(step(status=StepStatus.COMPLETED),))
    assert after(done, booked()) is None
    half = order(steps=(step(sps="S1", status=StepStatus.COMPLETED), step(sps="S2")))
    assert [one.start for one in moved(half, booked()).steps] == ["2026-11-22T14:30:00", THEN]


@pytest.mark.parametrize(
    ("known", "said", "expected"),
    [
        ("", "2026-11-22T08:10:00", "2026-11-22T08:10:00"),
        ("2026-11-22T08:20:00", "2026-11-22T08:10:00", "2026-11-22T08:10:00"),
        ("2026-11-22T08:00:00", "2026-11-22T08:10:00", "2026-11-22T08:00:00"),
        ("", "2026-11-21T08:10:00", ""),
        ("", "2026-11-22", ""),
        ("", "", ""),
    ],
    ids=["told", "earlier", "again", "another day", "a day", "not told"],
)
def test_when_a_patient_came_is_told_by_the_appointment(known: str, said: str, expected: str) -> None:
    order = Order(steps=(Step(start="2026-11-22T09:00:00"),), arrived=known)
    found = arrived(order, Appointment(arrived=said))
    assert found.arrived == expected
    assert ("arrived" in found.sources) == (found.arrived != known)
