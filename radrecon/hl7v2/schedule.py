"""SIU^S12 to S26 (chapter 10) → one appointment with its services and the orders that it is for.

An appointment names its orders in SCH-26 and SCH-27, by ORC or OBR segments where a sender adds them, or by the
accession number where the sender's rules say. Its time is each service's own (AIS-4), else that of its resources,
else the appointment's (TQ1-7, SCH-11.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import zip_longest

from radrecon.hl7v2 import patient as pid_group
from radrecon.hl7v2 import values
from radrecon.hl7v2.reader import NULL, Field, Message, Segment
from radrecon.hl7v2.rules import USUAL, SenderRules, first_value
from radrecon.model.appointment import Appointment, AppointmentState, BookedService, OrderNumbers
from radrecon.model.errors import ContentError
from radrecon.model.patient import Demographics

BOOKING = ("S12", "S13", "S14", "S18", "S19")  # new, rescheduled, modified, service or resource added or modified
ENDING = ("S15", "S16", "S17")  # cancelled, discontinued, deleted
NO_SHOW = "S26"
PARTS_ENDING = ("S20", "S21", "S22")  # a service or resource of the appointment was cancelled, discontinued, deleted
SLOTS = ("S23", "S24")  # time was blocked or opened: of no patient
EVENTS = (*BOOKING, *ENDING, NO_SHOW, *PARTS_ENDING, *SLOTS)

_STARTS = {"AIS": "4", "AIG": "8", "AIL": "6", "AIP": "6"}
_OFFSETS = {"AIS": ("5", "6"), "AIG": ("9", "10"), "AIL": ("7", "8"), "AIP": ("7", "8")}
_ARRIVED = frozenset(("ARRIVED", "CHECKED IN", "CHECKEDIN", "CHECKED-IN", "CHECK IN", "CHECKIN"))
"""SCH-25 of a patient who has come: table 0278 has no word for it, and senders add theirs."""
_REMOVED = ("D", "X")  # segment action codes (table 0206) of what is no part of the appointment any more
_UNITS = (
    dict.fromkeys(("S", "SEC", "SECOND", "SECONDS"), 1)
    | dict.fromkeys(("", "M", "MIN", "MINUTE", "MINUTES"), 60)
    | dict.fromkeys(("H", "HR", "HOUR", "HOURS"), 3600)
)


def read_appointments(message: Message, rules: SenderRules = USUAL, zone: tzinfo = UTC) -> list[Appointment]:
    """The appointment as each of its patients has it (a group, 10.3.1). Raises ContentError as `read_appointment`."""
    first = read_appointment(message, rules, zone)
    found = {str(first.patient.patient_id): first}
    for pid in message.all("PID")[1:]:
        patient = pid_group.demographics(pid, rules)
        flags = pid_group.flags(message, patient, pid)
        found.setdefault(str(patient.patient_id), replace(first, patient=patient, flags=flags))
    return list(found.values())


def read_appointment(message: Message, rules: SenderRules = USUAL, zone: tzinfo = UTC) -> Appointment:
    """The appointment of an SIU as its first patient has it; `zone` is the site's.

    Raises ContentError without SCH, or without anything that says whose it is.
    """
    sch = message.first("SCH")
    if sch is None:
        raise ContentError("there is no appointment in the message", "SCH")
    ids = _value(sch.get("1.1")), _value(sch.get("2.1"))
    start = _start_of_all(message, sch, rules, zone)
    patient, flags = _patient(message, rules, any(ids))
    return Appointment(
        event=message.event,
        state=_state(message.event, sch),
        placer_appointment_id=ids[0],
        filler_appointment_id=ids[1],
        patient=patient,
        orders=_orders(message, sch, rules),
        loose=tuple(dict.fromkeys(one for one in reversed(ids) if one)),
        services=_services(message, start, rules, zone),
        start=start,
        flags=flags,
        sources={name: path for name, path in _sources(sch, ids).items() if path},
        arrived=_wall_clock(message.timestamp, rules, zone) if _has_arrived(message.event, sch) else "",
    )


def _value(text: str) -> str:
    return "" if text == NULL else text


def _patient(message: Message, rules: SenderRules, identified: bool) -> tuple[Demographics, tuple[str, ...]]:
    """PID may be left out of an appointment that was heard before."""
    pid = message.first("PID")
    if pid is None and identified:
        return Demographics(), ()
    patient = pid_group.demographics(pid, rules)
    return patient, pid_group.flags(message, patient, pid)


def _state(event: str, sch: Segment) -> AppointmentState:
    """By the event; a modification may say in SCH-25 (table 0278) that the appointment is off."""
    status = {sch.get("25.1").upper(), sch.get("25.2").upper()}
    if event == NO_SHOW or status & {"NOSHOW", "NO SHOW"}:
        return AppointmentState.NO_SHOW
    if event in ENDING or status & {"CANCELLED", "CANCELED", "DC", "DELETED"}:
        return AppointmentState.CANCELLED
    return AppointmentState.BOOKED


def _has_arrived(event: str, sch: Segment) -> bool:
    """An SIU has no time of its own for it: it is sent when somebody has registered them."""
    words = {sch.get("25.1").upper().strip(), sch.get("25.2").upper().strip()}
    return event in BOOKING and bool(words & _ARRIVED)


def _sources(sch: Segment, ids: Sequence[str]) -> dict[str, str]:
    return {
        "placer_appointment_id": "SCH-1.1" if ids[0] else "",
        "filler_appointment_id": "SCH-2.1" if ids[1] else "",
        "placer_order_number": "SCH-26.1" if _value(sch.get("26.1")) else "",
        "filler_order_number": "SCH-27.1" if _value(sch.get("27.1")) else "",
    }


# -- orders -----------------------------------------------------------------------------------------------------------


def _orders(message: Message, sch: Segment, rules: SenderRules) -> tuple[OrderNumbers, ...]:
    """SCH-26 and SCH-27 repeat in step; ORC and OBR groups name theirs; else the sender's accession path."""
    pairs = zip_longest(_numbers(sch.repeats(26)), _numbers(sch.repeats(27)), fillvalue="")
    found = [OrderNumbers(placer, filler) for placer, filler in pairs]
    found += [_of_group(group, rules) for group in _groups(message.segments)]
    if rules.accession_paths and not any(one.accession_number for one in found):
        segments = {segment.name: segment for segment in reversed(message.segments)}
        found.append(OrderNumbers(accession_number=first_value(segments, rules.accession_paths)[0]))
    return tuple(dict.fromkeys(one for one in found if one != OrderNumbers()))


def _numbers(repeats: Iterable[Field]) -> list[str]:
    return [_value(field.get(1)) for field in repeats]


def _groups(segments: Sequence[Segment]) -> list[dict[str, Segment]]:
    """ORC with the OBR after it; an OBR alone is a group too."""
    groups: list[dict[str, Segment]] = []
    for segment in segments:
        if segment.name == "ORC" or (segment.name == "OBR" and (not groups or "OBR" in groups[-1])):
            groups.append({segment.name: segment})
        elif segment.name == "OBR":
            groups[-1]["OBR"] = segment
    return groups


def _of_group(group: dict[str, Segment], rules: SenderRules) -> OrderNumbers:
    return OrderNumbers(
        placer_order_number=first_value(group, ("ORC-2.1", "OBR-2.1"))[0],
        filler_order_number=first_value(group, ("ORC-3.1", "OBR-3.1"))[0],
        accession_number=first_value(group, rules.accession_paths or ("OBR-18",))[0],
    )


# -- services ---------------------------------------------------------------------------------------------------------


def _services(message: Message, start: str, rules: SenderRules, zone: tzinfo) -> tuple[BookedService, ...]:
    """A service per AIS with the resources of its group (RGS); a group without one is a resource for all services."""
    groups = _resource_groups(message.segments)
    shared = [segment for group in groups if not _all(group, "AIS") for segment in group]
    found = [
        _service(ais, at, [*group, *shared], start, rules, zone)
        for group in groups
        for at, ais in enumerate(_all(group, "AIS"))
        if ais.get("2").upper() not in _REMOVED
    ]
    if not found and shared:
        found = [_service(Segment("AIS"), 0, shared, start, rules, zone)]
    return tuple(found)


def _resource_groups(segments: Sequence[Segment]) -> list[list[Segment]]:
    """AIS, AIG, AIL and AIP by their RGS; senders that leave RGS out have one group."""
    groups: list[list[Segment]] = []
    for segment in segments:
        if segment.name == "RGS" or (segment.name in _STARTS and not groups):
            groups.append([])
        if segment.name in _STARTS:
            groups[-1].append(segment)
    return groups


def _all(group: Iterable[Segment], name: str) -> list[Segment]:
    return [segment for segment in group if segment.name == name]


def _service(
    ais: Segment, at: int, group: Sequence[Segment], start: str, rules: SenderRules, zone: tzinfo
) -> BookedService:
    """The service at position `at` of its group takes the resources at the same position, else the first."""
    kept = [one for one in group if one.name == "AIS" or one.get("2").upper() not in _REMOVED]
    equipment, place, person = (_at(_all(kept, name), at) for name in ("AIG", "AIL", "AIP"))
    starts = (_start_of(one, start, rules, zone) for one in (ais, equipment, place, person))
    return BookedService(
        code=_value(ais.get("3.1")),
        description=values.text_of(ais.field(3)),
        start=next(filter(None, starts), start),
        resource=_value(equipment.get("3.1")) or _value(equipment.get("3.2")),
        location=_place(place),
        performing_physician=values.physician_name(person.field(3)),
    )


def _at(segments: Sequence[Segment], at: int) -> Segment:
    return segments[at] if at < len(segments) else segments[0] if segments else Segment("")


def _place(ail: Segment) -> str:
    """PL: point of care, room, bed; parts of one may stand as subcomponents."""
    parts = (_value(ail.get(f"3.{at}")) for at in (1, 2, 3))
    return " ".join(part for part in parts if part)


# -- times ------------------------------------------------------------------------------------------------------------


def _start_of_all(message: Message, sch: Segment, rules: SenderRules, zone: tzinfo) -> str:
    tq1 = message.first("TQ1")
    texts = (tq1.get("7") if tq1 else "", sch.get("11.4"))
    return next(filter(None, (_wall_clock(text, rules, zone) for text in texts)), "")


def _start_of(segment: Segment, start: str, rules: SenderRules, zone: tzinfo) -> str:
    """The segment's own time; else its offset from the appointment's."""
    if segment.name not in _STARTS:
        return ""
    own = _wall_clock(segment.get(_STARTS[segment.name]), rules, zone)
    amount, unit = (segment.get(place) for place in _OFFSETS[segment.name])
    return own or (_shifted(start, amount, unit) if amount else "")


def _shifted(start: str, amount: str, unit: str) -> str:
    """A wall clock so much later; "" where that cannot be told."""
    try:
        seconds = float(amount) * _UNITS[unit.upper()]
        return (datetime.fromisoformat(start) + timedelta(seconds=seconds)).isoformat() if len(start) > 10 else ""
    except (KeyError, ValueError, OverflowError):
        return ""


def _wall_clock(text: str, rules: SenderRules, zone: tzinfo) -> str:
    point = values.when(text) if text else None
    return values.wall_clock(point, zone, rules.zone) if point else ""
