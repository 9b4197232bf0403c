"""Appointments from messages, applied to the orders that they are for (HL7 chapter 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from radrecon.config import Config
from radrecon.hl7v2 import schedule
from radrecon.hl7v2.reader import Message
from radrecon.model.appointment import Appointment, AppointmentState, OrderNumbers
from radrecon.model.errors import ContentError, RejectError
from radrecon.model.order import Order
from radrecon.recon.appointments import arrived, divided, first_arrival, scheduled
from radrecon.recon.normalise import fold
from radrecon.store import appointments, order_numbers, orders
from radrecon.store.appointments import StoredAppointment
from radrecon.store.database import Connection
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.keys import index_order
from radrecon.workflow.meaning import meant
from radrecon.workflow.people import person_for


def apply_schedule(conn: Connection, message: Message, context: Context, effect: Effect) -> None:
    """Any SIU; raises RejectError for an event that chapter 10 does not know."""
    event = message.event
    if event not in schedule.EVENTS:
        raise RejectError(f"SIU^{event} is not taken here")
    if event in schedule.SLOTS:
        effect.remarks.append("time slots were blocked or opened: nothing here depends on that")
        return
    sender = message.sending_application
    said = schedule.read_appointments(message, context.rules, context.zone)
    for one, person_id, known in _by_person(conn, said, appointments.find(conn, sender, said[0]), context, effect):
        apply_appointment(conn, one, sender, person_id, known, context, effect)


Whose = tuple[Appointment, int, StoredAppointment | None]


def _by_person(
    conn: Connection, said: Sequence[Appointment], heard: Sequence[StoredAppointment], context: Context, effect: Effect
) -> list[Whose]:
    """What is said, of whom, and as it was heard of them before. Without a patient it is of all whose it was."""
    if said[0].patient.patient_id:
        return [_of_person(conn, one, heard, len(said) > 1, context, effect) for one in said]
    if not heard:
        raise ContentError("there is no usable patient identifier, and the appointment was not heard before", "PID-3")
    return [(said[0], one.person_id, one) for one in heard]


def _of_person(
    conn: Connection,
    appointment: Appointment,
    heard: Sequence[StoredAppointment],
    group: bool,
    context: Context,
    effect: Effect,
) -> Whose:
    """The only one heard of may have changed its patient; no group's has."""
    person_id = person_for(conn, meant(conn, appointment.patient, context, effect), context, effect)
    last = heard[0] if len(heard) == 1 and not group else None
    return appointment, person_id, next((one for one in heard if one.person_id == person_id), last)


def apply_appointment(
    conn: Connection,
    appointment: Appointment,
    sender: str,
    person_id: int,
    known: StoredAppointment | None,
    context: Context,
    effect: Effect,
) -> None:
    """Keep the appointment; move the steps of its orders, as far as they are known."""
    effect.persons.append(person_id)
    whole = _with_known(appointment, known)
    found = orders_of(conn, person_id, whole, _heard_for(conn, appointment, person_id, known))
    if appointment.event in schedule.PARTS_ENDING:
        effect.remarks.append("a service or resource of an appointment was taken off: the orders' times stay")
    else:
        row = StoredAppointment(whole, sender, person_id, _ids(found), not found, known.id if known else 0)
        appointments.save(conn, row, at=context.at, message_id=context.message_id)
        _move(conn, found, whole, context.config, context.at, context.message_id)
        effect.remarks += _remarks(whole, found)
    effect.orders += _ids(found)
    effect.accessions += [order.accession_number for order in found]


def _with_known(appointment: Appointment, known: StoredAppointment | None) -> Appointment:
    """What a later message leaves out was said before."""
    if known is None:
        return appointment
    before = known.appointment
    return replace(
        appointment,
        patient=appointment.patient if appointment.patient.patient_id else before.patient,
        orders=appointment.orders or before.orders,
        services=appointment.services or (() if appointment.start else before.services),
        start=appointment.start or before.start,
        arrived=first_arrival(before.arrived, appointment.arrived),
        placer_appointment_id=appointment.placer_appointment_id or before.placer_appointment_id,
        filler_appointment_id=appointment.filler_appointment_id or before.filler_appointment_id,
    )


def _remarks(appointment: Appointment, found: Sequence[Order]) -> list[str]:
    if not found:
        return ["no order is known for this appointment; it is kept until one is heard"]
    words = {
        AppointmentState.CANCELLED: "the appointment was cancelled: its order waits for another time",
        AppointmentState.NO_SHOW: "the patient did not come: the order waits for another time",
    }
    return [words[appointment.state]] if appointment.state in words else []


def _ids(found: Iterable[Order]) -> tuple[int, ...]:
    return tuple(order.id for order in found)


# -- orders -----------------------------------------------------------------------------------------------------------


def orders_of(conn: Connection, person_id: int, appointment: Appointment, before: Sequence[Order] = ()) -> list[Order]:
    """The person's orders that an appointment names; else those that it was for before; else by its own numbers."""
    named = [_find(conn, person_id, numbers) for numbers in appointment.orders]
    found = {order.id: order for order in named if order is not None}
    if not appointment.orders:
        found = {order.id: order for order in before}
    if not found and not appointment.orders:
        loose = (_find_loosely(conn, person_id, number) for number in appointment.loose)
        found = {order.id: order for order in loose if order is not None}
    return list(found.values())


def _heard_for(
    conn: Connection, appointment: Appointment, person_id: int, known: StoredAppointment | None
) -> list[Order]:
    """The orders that the appointment was for before, never those of another patient than it names now."""
    before = orders.load_many(conn, known.orders) if known else []
    named = bool(appointment.patient.patient_id)
    return [order for order in before if not named or order.person_id == person_id]


def _find(conn: Connection, person_id: int, numbers: OrderNumbers) -> Order | None:
    asked = Order(
        placer_order_number=numbers.placer_order_number,
        filler_order_number=numbers.filler_order_number,
        accession_number=numbers.accession_number,
        person_id=person_id,
    )
    return orders.find(conn, asked) or next(iter(order_numbers.of_step(conn, asked)), None)


def _find_loosely(conn: Connection, person_id: int, number: str) -> Order | None:
    """Many schedulers use an order's number as the appointment's id."""
    ways = (OrderNumbers(filler_order_number=number), OrderNumbers(accession_number=number), OrderNumbers(number))
    return next((order for way in ways if (order := _find(conn, person_id, way))), None)


def _move(
    conn: Connection, found: Sequence[Order], appointment: Appointment, config: Config, at: datetime, message_id: int
) -> None:
    stations = stations_of(config)
    for order, services in zip(found, divided(found, appointment.services), strict=True):
        moved = arrived(scheduled(order, appointment, services, stations) or order, appointment)
        if moved != order:
            orders.save(conn, moved, at=at, message_id=message_id)
            index_order(conn, moved, at)


def stations_of(config: Config) -> Mapping[str, str]:
    """Names of configured modalities → their AE titles."""
    return {fold(name): one.ae_title for one in config.modality for name in (one.ae_title, *one.station_names)}


# -- appointments that came before their order ------------------------------------------------------------------------


def apply_pending(conn: Connection, order_ids: Iterable[int], config: Config, now: datetime) -> list[int]:
    """Appointments that waited for one of these orders are applied; returns the orders that were moved.

    One that was called off meanwhile does not take the time that the order itself brought.
    """
    people = {order.person_id for order in orders.load_many(conn, order_ids)}
    moved: list[int] = []
    for waiting in appointments.pending(conn, people):
        found = orders_of(conn, waiting.person_id, waiting.appointment)
        if not found:
            continue
        appointments.settle(conn, waiting.id, _ids(found))
        if waiting.appointment.state is AppointmentState.BOOKED:
            _move(conn, found, waiting.appointment, config, now, 0)
            moved += _ids(found)
    return moved
