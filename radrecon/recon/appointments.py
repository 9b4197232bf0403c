"""What an appointment means for the orders that it is for (chapter 10).

It tells the time, the place and the resource of their steps. A cancelled appointment is no cancelled order: the order
stays on the worklist, without a time, until there is another appointment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from radrecon.model.appointment import Appointment, AppointmentState, BookedService
from radrecon.model.order import Order, Step, StepStatus
from radrecon.recon.normalise import fold
from radrecon.recon.order_update import OPEN, UNBOOKED, lacking, part_meant

SOURCE = "appointment"  # in an order's sources: the appointment that gave it its time
OFF = {AppointmentState.CANCELLED: "appointment_cancelled", AppointmentState.NO_SHOW: "no_show"}
ARRIVED_BY = "SIU MSH-7"
DAY = len("2026-11-22")
MOVABLE = (*OPEN, StepStatus.HELD)


def divided(orders: Sequence[Order], services: Sequence[BookedService]) -> list[tuple[BookedService, ...]]:
    """Which services each of several orders of one appointment gets: by code, else in their order, else all."""
    if len(orders) < 2:
        return [tuple(services)] * len(orders)
    by_code = [tuple(one for one in services if one.code and fold(one.code) in _codes(order)) for order in orders]
    if any(by_code):
        return [found or tuple(services) for found in by_code]
    return [(one,) for one in services] if len(services) == len(orders) else [tuple(services)] * len(orders)


def _codes(order: Order) -> frozenset[str]:
    codes = (order.requested_procedure_code.value, *(step.protocol_code.value for step in order.steps))
    return frozenset(fold(code) for code in codes if code)


def scheduled(
    order: Order, appointment: Appointment, services: Sequence[BookedService], stations: Mapping[str, str]
) -> Order | None:
    """The order with its steps moved; None where nothing is left to be moved or another appointment has it now.

    `stations` leads from a resource's name to the AE title of its modality.
    """
    part = _named(order, appointment)
    movable = [at for at, step in enumerate(order.steps) if step.status in MOVABLE and at in part]
    if order.status not in MOVABLE or not movable:
        return None
    source = SOURCE if len(part) == len(order.steps) else f"{SOURCE}_{part[0] + 1}"
    if appointment.state in OFF:
        return _unbooked(order, appointment, movable, source)
    found = _for_steps(order, services, movable)
    steps = [
        _moved(step, found.get(at, BookedService()), appointment.start, stations) if at in movable else step
        for at, step in enumerate(order.steps)
    ]
    sources = order.sources | {source: name_of(appointment)}
    return _flagged(replace(order, steps=tuple(steps), sources=sources), ())


def _named(order: Order, appointment: Appointment) -> Sequence[int]:
    """Positions of the steps that it is for: of those requests that it names by number, else of all."""
    numbers = [Step(placer_order_number=n.placer_order_number, filler_order_number=n.filler_order_number)
               for n in appointment.orders]  # fmt: skip
    return part_meant(order, Order(steps=tuple(numbers))) or range(len(order.steps))


def arrived(order: Order, appointment: Appointment) -> Order:
    """With when its patient came, where the appointment says so: on the day that they were due, and the first time."""
    when = appointment.arrived
    booked = (appointment.start, *(one.start for one in appointment.services))
    due = {start[:DAY] for start in (*booked, *(step.start for step in order.steps))}
    if len(when) <= DAY or when[:DAY] not in due or (order.arrived and order.arrived <= when):
        return order
    return replace(order, arrived=when, sources=order.sources | {"arrived": ARRIVED_BY})


def first_arrival(before: str, now: str) -> str:
    """Of one day; who was booked again comes again."""
    return min(before, now) if before[:DAY] == now[:DAY] else now or before


def name_of(appointment: Appointment) -> str:
    return appointment.filler_appointment_id or appointment.placer_appointment_id


def _unbooked(order: Order, appointment: Appointment, movable: Sequence[int], source: str) -> Order | None:
    """The time is gone, unless it is another appointment's."""
    if order.sources.get(source, name_of(appointment)) != name_of(appointment):
        return None
    steps = [replace(step, start="") if at in movable else step for at, step in enumerate(order.steps)]
    sources = {name: path for name, path in order.sources.items() if name != source}
    return _flagged(replace(order, steps=tuple(steps), sources=sources), (OFF[appointment.state],))


def _flagged(order: Order, said: Sequence[str]) -> Order:
    stale = (*UNBOOKED, "no_start", "no_modality", "no_step", "bad_start")
    kept = [flag for flag in order.flags if flag not in stale]
    return replace(order, flags=tuple(dict.fromkeys((*kept, *said, *lacking(order)))))


def _for_steps(order: Order, services: Sequence[BookedService], movable: Sequence[int]) -> dict[int, BookedService]:
    """A service for each movable step: of the same code, else at the same position, else the first."""
    if len(services) == len(movable):
        in_turn = dict(zip(movable, services, strict=True))
    else:
        in_turn = dict.fromkeys(movable, services[0]) if services else {}
    return {at: _of_code(order.steps[at], services) or service for at, service in in_turn.items()}


def _of_code(step: Step, services: Sequence[BookedService]) -> BookedService | None:
    code = fold(step.protocol_code.value)
    fits = [one for one in services if code and fold(one.code) == code]
    return fits[0] if len(fits) == 1 else None


def _moved(step: Step, service: BookedService, start: str, stations: Mapping[str, str]) -> Step:
    return replace(
        step,
        start=service.start or start or step.start,
        station_name=service.resource or step.station_name,
        station_ae_title=stations.get(fold(service.resource), step.station_ae_title),
        location=service.location or step.location,
        performing_physician=service.performing_physician or step.performing_physician,
    )
