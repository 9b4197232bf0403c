"""Imaging orders: ORM^O01, OMG^O19 (chapter 4) and OMI^O23 (4.13) → orders with their scheduled procedure steps.

The mapping is IHE's (RAD TF-2 appendix B, RAD-4). Each OBR, and in an OMI each IPC, is one step; steps that share the
accession number (else the placer's, else the filler's order number) are steps of one order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from radrecon.hl7v2 import patient as pid_group
from radrecon.hl7v2 import values
from radrecon.hl7v2.reader import NULL, Field, Message, Segment
from radrecon.hl7v2.rules import USUAL, SenderRules, first_value, paths_for
from radrecon.model.errors import ContentError
from radrecon.model.names import PersonName
from radrecon.model.order import Code, Order, Step, StepStatus
from radrecon.model.patient import Demographics, Visit

_SCHEDULED, _COMPLETED = StepStatus.SCHEDULED, StepStatus.COMPLETED
_CANCELLED, _DISCONTINUED = StepStatus.CANCELLED, StepStatus.DISCONTINUED
STATUS = {
    ("NW", "SC"): _SCHEDULED,
    ("NW", "IP"): _SCHEDULED,
    ("NW", ""): _SCHEDULED,
    ("XO", "SC"): _SCHEDULED,
    ("XO", ""): _SCHEDULED,
    ("SC", "SC"): _SCHEDULED,
    ("SN", ""): _SCHEDULED,
    ("SN", "SC"): _SCHEDULED,
    ("NA", ""): _SCHEDULED,
    ("NA", "SC"): _SCHEDULED,
    ("XO", "CM"): _COMPLETED,
    ("SC", "CM"): _COMPLETED,
    ("SC", "A"): _COMPLETED,
    ("CA", "CA"): _CANCELLED,
    ("CA", ""): _CANCELLED,
    ("OC", "CA"): _CANCELLED,
    ("OC", ""): _CANCELLED,
    ("CR", "CA"): _CANCELLED,
    ("CR", ""): _CANCELLED,
    ("SC", "CA"): _CANCELLED,
    ("DC", "CA"): _DISCONTINUED,
    ("DC", "DC"): _DISCONTINUED,
    ("DC", ""): _DISCONTINUED,
    ("OD", "DC"): _DISCONTINUED,
    ("OD", ""): _DISCONTINUED,
    ("DR", "DC"): _DISCONTINUED,
    ("DR", ""): _DISCONTINUED,
    ("SC", "DC"): _DISCONTINUED,
}
"""ORC-1 and ORC-5 → where the order stands; any other pair is flagged `unknown_control`."""

PRIORITIES = (
    dict.fromkeys(("S", "STAT"), "STAT")
    | dict.fromkeys(("A", "ASAP", "P", "PREOP", "C", "CALLBACK"), "HIGH")
    | dict.fromkeys(("R", "ROUTINE"), "ROUTINE")
    | {"T": "MEDIUM"}
)
_DEFINITELY_PREGNANT = "3"  # (0010,21C0)
_ABSENT = Segment("")


@dataclass(frozen=True)
class _Place:
    """One OBR (and IPC) with the segments around it."""

    segments: dict[str, Segment]
    message_type: str

    def __getitem__(self, name: str) -> Segment:
        return self.segments.get(name, _ABSENT)

    def first(self, *paths: str) -> str:
        return first_value(self.segments, paths)[0]

    def field(self, path: str) -> Field:
        return self[path[:3]].field(int(path[4:]))


def read_orders(message: Message, rules: SenderRules = USUAL, zone: tzinfo = UTC) -> list[Order]:
    """Every order in the message; `zone` is the site's. Raises ContentError without a patient or any order."""
    patient = pid_group.demographics(message.first("PID"), rules)
    visit = pid_group.visit(message.segments)
    remarks = pid_group.flags(message, patient)
    places = _places(message)
    if not places:
        raise ContentError("there is no order in the message", "ORC")
    orders = [_order(place, patient, visit, remarks, rules, zone) for place in places]
    sender = "^".join((message.sending_application, message.sending_facility)).rstrip("^")
    return [replace(order, sender=sender) for order in _joined(orders)]


def _places(message: Message) -> list[_Place]:
    """Cut the message into places: per ORC run, per OBR in it, per IPC in that."""
    common = {segment.name: segment for segment in message.segments if segment.name in ("PV1", "PID", "PV2")}
    runs = _runs([segment for segment in message.segments if segment.name != "PID"], "ORC", also="OBR")
    if len(runs) == 1 and (zds := message.first("ZDS")):
        common["ZDS"] = zds
    return [
        _Place(common | _named(head) | _named(part), message.message_type)
        for run in runs
        for head, parts in [_split(run)]
        for part in parts
    ]


def _runs(segments: Sequence[Segment], start: str, also: str) -> list[list[Segment]]:
    """Runs that begin at each ORC; where a sender leaves ORC out, at each OBR."""
    start = start if any(segment.name == start for segment in segments) else also
    runs: list[list[Segment]] = []
    for segment in segments:
        if segment.name == start:
            runs.append([])
        if runs:
            runs[-1].append(segment)
    return runs


def _split(run: Sequence[Segment]) -> tuple[list[Segment], list[list[Segment]]]:
    """An ORC run → what all its parts share, and a part per OBR, or per IPC where an OBR has some."""
    names = [segment.name for segment in run]
    if "OBR" not in names:
        return [one for one in run if one.name != "IPC"], [[one] for one in run if one.name == "IPC"] or [[]]
    at = names.index("OBR")
    parts = []
    for group in _runs(run[at:], "OBR", also="OBR"):
        rest = [segment for segment in group if segment.name != "IPC"]
        parts += [[*rest, ipc] for ipc in group if ipc.name == "IPC"] or [rest]
    return list(run[:at]), parts


def _named(segments: Sequence[Segment]) -> dict[str, Segment]:
    """The first segment of each name."""
    return {segment.name: segment for segment in reversed(segments)}


def _order(
    place: _Place, patient: Demographics, visit: Visit, remarks: tuple[str, ...], rules: SenderRules, zone: tzinfo
) -> Order:
    numbers = _numbers(place, rules)
    control = place["ORC"].get("1").upper()
    status = STATUS.get((control, place["ORC"].get("5").upper()))
    step, trouble = _step(place, status or _SCHEDULED, rules, zone)
    if status is None:
        trouble = ("unknown_control", *trouble)
    return Order(
        accession_number=numbers["accession_number"][0],
        placer_order_number=numbers["placer_order_number"][0],
        filler_order_number=numbers["filler_order_number"][0],
        requested_procedure_id=numbers["requested_procedure_id"][0],
        study_instance_uid=numbers["study_instance_uid"][0],
        issuer_of_accession=_accession_issuer(place, numbers, rules),
        requested_procedure_description=_requested_description(place),
        requested_procedure_code=_requested_code(place),
        reason="; ".join(filter(None, map(values.text_of, place["OBR"].repeats(31)))),
        priority=_priority(place),
        requesting_physician=_physician(place, "OBR-16", "ORC-12"),
        referring_physician=_physician(place, "PV1-8"),
        patient=patient,
        visit=visit,
        steps=(step,) if step else (),
        status=status or _SCHEDULED,
        control=control,
        pregnancy_status=_pregnancy(place),
        medical_alerts=_text(place["OBR"].whole("13")),
        patient_state=values.text_of(place.field("OBR-12")),
        patient_transport=_text(place["OBR"].get("30")),
        sources={name: path for name, (_, path) in numbers.items() if path},
        flags=remarks + trouble,
    )


def _numbers(place: _Place, rules: SenderRules) -> dict[str, tuple[str, str]]:
    """The identifying values, each with the path it was taken from."""
    paths = {
        "accession_number": paths_for(place.message_type, rules),
        "placer_order_number": ("ORC-2.1", "OBR-2.1"),
        "filler_order_number": ("ORC-3.1", "OBR-3.1"),
        "requested_procedure_id": ("IPC-2", "OBR-19"),
        "study_instance_uid": ("IPC-3", "ZDS-1.1"),
    }
    return {name: first_value(place.segments, ways) for name, ways in paths.items()}


def _accession_issuer(place: _Place, numbers: dict[str, tuple[str, str]], rules: SenderRules) -> str:
    """IPC-1 is an entity identifier with its namespace; the other places say nothing of accession numbers."""
    number, path = numbers["accession_number"]
    if not number:
        return ""
    stated = place.first("IPC-1.2", "IPC-1.3") if path.startswith("IPC-1") else ""
    return stated or rules.accession_issuer


def _step(place: _Place, status: StepStatus, rules: SenderRules, zone: tzinfo) -> tuple[Step | None, tuple[str, ...]]:
    """The step, and what is wrong with it. A cancellation without OBR needs none."""
    if "OBR" not in place.segments and "IPC" not in place.segments:
        return None, (("no_step",) if status is _SCHEDULED else ())
    start, bad = _start(place, rules, zone)
    step = Step(
        scheduled_procedure_step_id=place.first("IPC-4", "OBR-20"),
        modality=place.first("IPC-5", "OBR-24").upper(),
        station_ae_title=place.first("IPC-9"),
        station_name=place.first("IPC-7.1", "IPC-7.2"),
        location=values.text_of(place.field("IPC-8")),
        start=start,
        description=_step_description(place),
        protocol_code=_protocol(place),
        performing_physician=values.physician_name(place.field("OBR-34").sub(1)),
        status=status,
    )
    wanting = [("bad_start", bad), ("no_start", not (start or bad)), ("no_modality", not step.modality)]
    return step, tuple(name for name, true in wanting if true and status is _SCHEDULED)


def _start(place: _Place, rules: SenderRules, zone: tzinfo) -> tuple[str, bool]:
    """Wall clock of the site, and whether something was there that is no time."""
    quantity_timing = ("ORC-7.4", "OBR-27.4", "OBR-36")
    by_table = place.message_type.startswith(("OMI", "OMG"))
    text = place.first(*(("TQ1-7", *quantity_timing) if by_table else (*quantity_timing, "TQ1-7")))
    point = values.when(text)
    start = values.wall_clock(point, zone, rules.zone) if point else ""
    return start, bool(text) and not start


def _priority(place: _Place) -> str:
    """(0040,1003): STAT, HIGH, ROUTINE, MEDIUM; `TM15` or `T2` (timing critical within that time) is MEDIUM too."""
    text = place.first("TQ1-9", "ORC-7.6", "OBR-27.6", "OBR-5").upper()
    return PRIORITIES.get(text) or ("MEDIUM" if text.startswith("T") else "")


def _step_description(place: _Place) -> str:
    ipc, obr = place.field("IPC-6"), place.field("OBR-4")
    texts = (ipc.whole(5), ipc.whole(2), obr.whole(5), obr.whole(2), obr.whole(1))
    return next(filter(None, map(_text, texts)), "")


def _protocol(place: _Place) -> Code:
    ipc, obr = place.field("IPC-6"), place.field("OBR-4")
    return _complete(values.code(ipc), values.code(obr, first=4), values.code(obr))


def _requested_description(place: _Place) -> str:
    service, procedure = place.field("OBR-4"), place.field("OBR-44")
    texts = (procedure.whole(2), service.whole(2), service.whole(5), service.whole(1))
    return next(filter(None, map(_text, texts)), "")


def _requested_code(place: _Place) -> Code:
    return _complete(values.code(place.field("OBR-44")), values.code(place.field("OBR-4")))


def _complete(*codes: Code) -> Code:
    """The first code that names its scheme; else the first with a value, so that what was sent is still seen."""
    return next(filter(None, codes), None) or next((one for one in codes if one.value), Code())


def _physician(place: _Place, *paths: str) -> PersonName:
    return next(filter(None, (values.physician_name(place.field(path)) for path in paths)), PersonName())


def _pregnancy(place: _Place) -> str:
    return _DEFINITELY_PREGNANT if any(one.get(1).upper() == "B6" for one in place["PV1"].repeats(15)) else ""


def _text(text: str) -> str:
    return "" if text.strip() == NULL else text.strip()


def _joined(orders: Sequence[Order]) -> list[Order]:
    """Orders of one accession (placer, filler) number become one with all their steps."""
    found: dict[tuple[str, str], Order] = {}
    for at, order in enumerate(orders):
        key = _key(order) or ("", str(at))
        found[key] = _with_steps_of(found[key], order) if key in found else order
    return list(found.values())


def _key(order: Order) -> tuple[str, str] | None:
    names = ("accession_number", "placer_order_number", "filler_order_number")
    return next(((name, getattr(order, name)) for name in names if getattr(order, name)), None)


def _with_steps_of(first: Order, second: Order) -> Order:
    return replace(
        first,
        steps=first.steps + second.steps,
        study_instance_uid=first.study_instance_uid or second.study_instance_uid,
        status=_furthest_open(first.status, second.status),
        sources=second.sources | first.sources,
        flags=tuple(dict.fromkeys(first.flags + second.flags)),
    )


def _furthest_open(first: StepStatus, second: StepStatus) -> StepStatus:
    """An order with one step still to be done is still to be done."""
    return _SCHEDULED if _SCHEDULED in (first, second) else first
