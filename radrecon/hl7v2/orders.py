"""Imaging orders: ORM^O01, OMG^O19 (chapter 4) and OMI^O23 (4.13) → orders with their scheduled procedure steps.

The mapping is IHE's (RAD TF-2 appendix B, RAD-4). Each OBR, and in an OMI each IPC, is one step; steps that share the
accession number (else the placer's, else the filler's order number) are steps of one order. What a message says of
the order's state is read in `order_control`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import lru_cache

from radrecon.hl7v2 import patient as pid_group
from radrecon.hl7v2 import values
from radrecon.hl7v2.escape import Delimiters
from radrecon.hl7v2.order_control import meaning
from radrecon.hl7v2.order_joining import joined
from radrecon.hl7v2.order_places import Place, assigner, control_of, deleted, found, patients_of, places_of
from radrecon.hl7v2.order_times import NOTHING_TOLD, Told, told_times
from radrecon.hl7v2.reader import NULL, Field, Message, Segment
from radrecon.hl7v2.rules import USUAL, SenderRules, paths_for
from radrecon.model.errors import ContentError
from radrecon.model.names import PersonName
from radrecon.model.order import Code, Order, OrderRequest, Step, StepStatus
from radrecon.model.patient import Demographics, Visit

PRIORITIES = (
    dict.fromkeys(("S", "STAT"), "STAT")
    | dict.fromkeys(("A", "ASAP", "P", "PREOP", "C", "CALLBACK"), "HIGH")
    | dict.fromkeys(("R", "ROUTINE"), "ROUTINE")
    | {"T": "MEDIUM"}
)
MODALITIES = {"NMR": "MR", "NMS": "NM"} | dict.fromkeys(("RUS", "OUS", "VUS", "CUS"), "US")
"""Sections of table 0074 that mean one DICOM modality; RAD may be CR or DX and stays as it is."""

_SCHEDULED = StepStatus.SCHEDULED
_DEFINITELY_PREGNANT = "3"  # (0010,21C0)
_AS_SAID_ONCE = ("2.1", "2.2")  # versions where OBR-6 was still the requested time
_ABSENT = Segment("")

PLACER, FILLER = ("ORC-2.1", "OBR-2.1"), ("ORC-3.1", "OBR-3.1")
_PROCEDURE_ID, _STUDY_UID = ("IPC-2", "OBR-19"), ("IPC-3", "ZDS-1.1")
_TIMING = ("ORC-7.4", "OBR-27.4", "OBR-36")
_PRIORITY = ("TQ1-9", "ORC-7.6", "OBR-27.6", "OBR-5")
_FIELDS = {
    "placer_order_number": PLACER,
    "filler_order_number": FILLER,
    "requested_procedure_id": _PROCEDURE_ID,
    "study_instance_uid": _STUDY_UID,
    "requested_procedure_code": ("OBR-44",),
    "reason": ("OBR-31",),
    "priority": _PRIORITY[:3],
    "requesting_physician": ("OBR-16", "ORC-12"),
    "referring_physician": ("PV1-8",),
    "pregnancy_status": ("PV1-15",),
    "medical_alerts": ("OBR-13",),
    "patient_state": ("OBR-12",),
    "patient_transport": ("OBR-30",),
}
_STEP_FIELDS = {
    "modality": ("IPC-5", "OBR-24"),
    "station_ae_title": ("IPC-9",),
    "station_name": ("IPC-7",),
    "location": ("IPC-8",),
    "start": ("TQ1-7", *_TIMING),
    "performing_physician": ("OBR-34",),
}
"""Which fields say `""` to delete a value of the order or of its step (2.5.3)."""


@dataclass(frozen=True)
class _Reading:
    """What all places of a message share."""

    patient: Demographics
    visit: Visit
    sender: str
    remarks: tuple[str, ...]
    rules: SenderRules
    zone: tzinfo
    referring: PersonName
    pregnancy: str
    delimiters: Delimiters
    charset: str
    accession_paths: tuple[str, ...]
    start_paths: tuple[str, ...]
    replaced_here: bool
    deletes: bool
    written: str


def read_orders(message: Message, rules: SenderRules = USUAL, zone: tzinfo = UTC) -> list[Order]:
    """Every order in the message; `zone` is the site's. Raises ContentError without a patient or any order."""
    return [request.order for request in read_requests(message, rules, zone)]


def read_requests(message: Message, rules: SenderRules = USUAL, zone: tzinfo = UTC) -> list[OrderRequest]:
    """Every order with what is asked of it. Raises ContentError without a patient or any order."""
    requests = [one for run in patients_of(message.segments) for one in _of_patient(message, run, rules, zone)]
    if not requests:
        raise ContentError("there is no order in the message", "ORC")
    return joined(requests)


def _of_patient(message: Message, segments: Sequence[Segment], rules: SenderRules, zone: tzinfo) -> list[OrderRequest]:
    """The requests of one patient of the message."""
    places = places_of(segments)
    reading = _reading(message, segments, places, rules, zone)
    return [_request(place, reading) for place in places]


def _reading(
    message: Message, segments: Sequence[Segment], places: Sequence[Place], rules: SenderRules, zone: tzinfo
) -> _Reading:
    own = {segment.name: segment for segment in reversed(segments) if segment.name in ("PID", "PV1")}
    kind, pid, pv1 = message.message_type, own.get("PID"), own.get("PV1")
    patient = pid_group.demographics(pid, rules)
    return _Reading(
        patient=patient,
        visit=pid_group.visit(segments),
        sender="^".join((message.sending_application, message.sending_facility)).rstrip("^"),
        remarks=pid_group.flags(message, patient, pid),
        rules=rules,
        zone=zone,
        referring=_physician(pv1, 8) if pv1 else _NOBODY,
        pregnancy=_pregnancy(pv1),
        delimiters=message.delimiters,
        charset=message.charset,
        accession_paths=paths_for(kind, rules),
        start_paths=_start_paths(kind, message.version),
        replaced_here=len(places) > 1 and any(control_of(place) == "RO" for place in places),
        deletes=NULL in message.text,
        written=message.timestamp,
    )


@lru_cache(maxsize=64)
def _start_paths(kind: str, version: str) -> tuple[str, ...]:
    """TQ1 first where the message type has it, the quantity/timing fields first in an ORM."""
    paths = ("TQ1-7", *_TIMING) if kind.startswith(("OMI", "OMG")) else (*_TIMING, "TQ1-7")
    return (*paths, "OBR-6") if version in _AS_SAID_ONCE else paths


# -- orders -----------------------------------------------------------------------------------------------------------


def _request(place: Place, reading: _Reading) -> OrderRequest:
    """One place as an order of at most one step."""
    orc, obr = place.get("ORC", _ABSENT), place.get("OBR", _ABSENT)
    control = orc.value(1).upper()
    asked = meaning(control, orc.value(5), obr.value(25), reading.replaced_here)
    status = asked.status or _SCHEDULED
    service = _service(obr.raw(4), obr.raw(44), place.get("IPC", _ABSENT).raw(6), reading.delimiters, reading.charset)
    step, step_id_path, trouble = _step(place, obr, service, status, reading)
    accession, accession_path = found(place, reading.accession_paths)
    placer, placer_path = found(place, PLACER)
    filler, filler_path = found(place, FILLER)
    procedure, procedure_path = found(place, _PROCEDURE_ID)
    uid, uid_path, no_uid = _study_uid(place)
    sources = {
        "accession_number": accession_path,
        "placer_order_number": placer_path,
        "filler_order_number": filler_path,
        "requested_procedure_id": procedure_path,
        "study_instance_uid": uid_path,
        "scheduled_procedure_step_id": step_id_path,
    }
    told = _told(place, control, status, step, reading) if status in _TOLD else NOTHING_TOLD
    wanted = ("number_wanted",) if control == "SN" and not placer else ()
    order = Order(
        accession_number=accession,
        issuer_of_accession=_accession_issuer(place, accession, accession_path, reading.rules),
        placer_order_number=placer,
        issuer_of_placer_order_number=assigner(place, placer_path),
        filler_order_number=filler,
        issuer_of_filler_order_number=assigner(place, filler_path),
        requested_procedure_id=procedure,
        study_instance_uid=uid,
        requested_procedure_description=service.requested,
        requested_procedure_code=service.requested_code,
        reason="; ".join(filter(None, map(values.text_of, obr.repeats(31)))),
        priority=_priority(found(place, _PRIORITY)[0].upper()),
        requesting_physician=_physician(obr, 16) or _physician(orc, 12),
        referring_physician=reading.referring,
        patient=reading.patient,
        visit=reading.visit,
        steps=(step,) if step else (),
        status=status,
        control=control,
        pregnancy_status=reading.pregnancy,
        medical_alerts=_text(obr.whole("13")) if obr.raw(13) else "",
        patient_state=values.text_of(obr.field(12)) if obr.raw(12) else "",
        patient_transport=_text(obr.value(30)),
        sources={name: path for name, path in sources.items() if path} | told.sources,
        flags=(*reading.remarks, *asked.flags, *wanted, *trouble, *no_uid),
        sender=reading.sender,
        begun=told.begun,
        ended=told.ended,
    )
    if not reading.deletes:
        return OrderRequest(order, asked.status is None, step_deletes=_NO_DELETES if step else ())
    return OrderRequest(
        order,
        keeps_status=asked.status is None,
        deletes=deleted(place, _FIELDS | {"accession_number": reading.accession_paths}),
        step_deletes=(deleted(place, _STEP_FIELDS),) if step else (),
    )


_NO_DELETES: tuple[frozenset[str], ...] = (frozenset(),)
_TOLD = (StepStatus.STARTED, StepStatus.COMPLETED)


def _told(place: Place, control: str, status: StepStatus, step: Step | None, reading: _Reading) -> Told:
    """When it began and ended, in the site's wall clock."""
    start = step.start if step else ""
    said = place["ORC"].value(5).upper() if "ORC" in place else ""
    return told_times(
        place,
        control,
        said,
        status,
        start,
        reading.written,
        lambda text: _wall_clock(text, reading.zone, reading.rules.zone),
    )


def _study_uid(place: Place) -> tuple[str, str, tuple[str, ...]]:
    """The UID, where it stood, and what is wrong. A set id in its place would make one study of many patients'."""
    stated = [found(place, (path,)) for path in _STUDY_UID]
    uid, path = next((one for one in stated if values.is_study_uid(one[0])), ("", ""))
    return uid, path, ("bad_study_uid",) if not uid and any(text for text, _ in stated) else ()


def _accession_issuer(place: Place, number: str, path: str, rules: SenderRules) -> str:
    """IPC-1 is an entity identifier with its namespace; the other places say nothing of accession numbers."""
    if not number:
        return ""
    stated = found(place, ("IPC-1.2", "IPC-1.3"))[0] if path.startswith("IPC-1") else ""
    return stated or rules.accession_issuer


def _step(
    place: Place, obr: Segment, service: _Service, status: StepStatus, reading: _Reading
) -> tuple[Step | None, str, tuple[str, ...]]:
    """The step, where its id stood, and what is wrong with it. A cancellation without OBR needs none."""
    open_now = status is _SCHEDULED
    if "OBR" not in place and "IPC" not in place:
        return None, "", (("no_step",) if open_now else ())
    text = found(place, reading.start_paths)[0]
    start = _wall_clock(text, reading.zone, reading.rules.zone) if text else ""
    section = found(place, ("IPC-5", "OBR-24"))[0].upper()
    step_id, step_id_path = found(place, ("IPC-4", "OBR-20"))
    station = _station(place["IPC"]) if "IPC" in place else ("", "", "")
    step = Step(
        scheduled_procedure_step_id=step_id,
        modality=MODALITIES.get(section, section),
        station_ae_title=station[0],
        station_name=station[1],
        location=station[2],
        start=start,
        description=service.description,
        protocol_code=service.protocol,
        performing_physician=values.physician_name(obr.field(34).sub(1)) if obr.raw(34) else _NOBODY,
        status=status,
    )
    if not open_now or (start and section):
        return step, step_id_path, ()
    wanting = (("bad_start", bool(text) and not start), ("no_start", not text), ("no_modality", not section))
    return step, step_id_path, tuple(name for name, true in wanting if true)


def _station(ipc: Segment) -> tuple[str, str, str]:
    """AE title, station name and location."""
    place = {"IPC": ipc}
    return found(place, ("IPC-9",))[0], found(place, ("IPC-7.1", "IPC-7.2"))[0], values.text_of(ipc.field(8))


@lru_cache(maxsize=4096)
def _wall_clock(text: str, zone: tzinfo, sender_zone: tzinfo | None) -> str:
    """Wall clock of the site; "" for what is no time."""
    point = values.when(text)
    return values.wall_clock(point, zone, sender_zone) if point else ""


def _priority(text: str) -> str:
    """(0040,1003): STAT, HIGH, ROUTINE, MEDIUM; `TM15` or `T2` (timing critical within that time) is MEDIUM too."""
    return PRIORITIES.get(text) or ("MEDIUM" if text.startswith("T") else "")


def _physician(segment: Segment, number: int) -> PersonName:
    return values.physician_name(segment.field(number)) if segment.raw(number) else _NOBODY


_NOBODY = PersonName()


def _pregnancy(pv1: Segment | None) -> str:
    if pv1 is None or not pv1.raw(15):
        return ""
    return _DEFINITELY_PREGNANT if any(one.get(1).upper() == "B6" for one in pv1.repeats(15)) else ""


# -- what is to be done -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Service:
    """What is to be done, in words and codes: of the step, and of the requested procedure."""

    description: str
    protocol: Code
    requested: str
    requested_code: Code


@lru_cache(maxsize=4096)
def _service(obr_4: str, obr_44: str, ipc_6: str, delimiters: Delimiters, charset: str) -> _Service:
    """From the fields' texts: a site orders the same procedures again and again."""
    service, procedure, protocol = (_first_of(text, delimiters, charset) for text in (obr_4, obr_44, ipc_6))
    return _Service(
        description=_first_text((protocol, 5), (protocol, 2), (service, 5), (service, 2), (service, 1)),
        protocol=_complete(values.code(protocol), values.code(service, first=4), values.code(service)),
        requested=_first_text((procedure, 2), (service, 2), (service, 5), (service, 1)),
        requested_code=_complete(values.code(procedure), values.code(service)),
    )


def _first_of(text: str, delimiters: Delimiters, charset: str) -> Field:
    return Field(text.split(delimiters.repetition, 1)[0], delimiters, charset)


def _first_text(*parts: tuple[Field, int]) -> str:
    for field, component in parts:
        if field.raw and (text := _text(field.whole(component))):
            return text
    return ""


def _complete(*codes: Code) -> Code:
    """The first code that names its scheme; else the first with a value, so that what was sent is still seen."""
    return next(filter(None, codes), None) or next((one for one in codes if one.value), Code())


def _text(text: str) -> str:
    text = text.strip()
    return "" if text == NULL else text
