"""Appointments for imaging exams (HL7 chapter 10): when and where an order is to be done."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics


class AppointmentState(StrEnum):
    """A cancelled appointment is no cancelled order: the order waits for another time."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


@dataclass(frozen=True)
class OrderNumbers:
    """By which numbers an appointment names an order; any may be unknown."""

    placer_order_number: str = ""
    filler_order_number: str = ""
    accession_number: str = ""


@dataclass(frozen=True)
class BookedService:
    """One service with its resources. `start` is the site's wall clock, ISO text, "" if unknown."""

    code: str = ""
    description: str = ""
    start: str = ""
    resource: str = ""
    location: str = ""
    performing_physician: PersonName = PersonName()


@dataclass(frozen=True)
class Appointment:
    """What one SIU says. `loose`: numbers that may be an order's, though the standard has them for the appointment.

    `arrived`: when its patient came, where it says that they have (the site's wall clock, as `start`).
    """

    event: str = ""
    state: AppointmentState = AppointmentState.BOOKED
    placer_appointment_id: str = ""
    filler_appointment_id: str = ""
    patient: Demographics = Demographics()
    orders: tuple[OrderNumbers, ...] = ()
    loose: tuple[str, ...] = ()
    services: tuple[BookedService, ...] = ()
    start: str = ""
    flags: tuple[str, ...] = ()
    sources: dict[str, str] = field(default_factory=dict, hash=False)
    arrived: str = ""
