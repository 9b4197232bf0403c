"""Messages that we send: ADT^A04 A08 A28 A31 A40 (chapter 3) and an order's status as ORM^O01 (chapter 4, IHE RAD-4).

Everything is escaped; segments end with CR; `charset` (MSH-18) is stated in the message and used by `encode`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from radrecon.hl7v2 import charset as charsets
from radrecon.hl7v2.escape import STANDARD, escape
from radrecon.hl7v2.values import cx, da, join, ts, xpn
from radrecon.model.errors import ContentError
from radrecon.model.names import PersonName
from radrecon.model.order import Code, Order, Step
from radrecon.model.patient import Demographics, Visit

AdtTrigger = Literal["A04", "A08", "A28", "A31", "A40"]
_STRUCTURES = {"A04": "ADT_A01", "A08": "ADT_A01", "A28": "ADT_A05", "A31": "ADT_A05", "A40": "ADT_A39"}
DEFAULT_CHARSET = "UNICODE UTF-8"

encode = charsets.encode


def adt(
    event: AdtTrigger,
    patient: Demographics,
    *,
    non_survivor: Demographics | None = None,
    visit: Visit | None = None,
    now: datetime,
    control_id: str,
    sender: tuple[str, str] = ("RADRECON", ""),
    receiver: tuple[str, str] = ("", ""),
    version: str = "2.5.1",
    charset: str = DEFAULT_CHARSET,
) -> str:
    """An ADT message; for A40 `patient` survives and `non_survivor` does not. `now` is aware."""
    if not patient.patient_id:
        raise ContentError("a patient without an identifier cannot be sent", "PID-3")
    kind = f"ADT^{event}^{_STRUCTURES[event]}"
    head = [_msh(kind, now, control_id, sender, receiver, version, charset), _evn(event, now)]
    if event != "A40":
        return _message([*head, _pid(patient), _pv1(visit or Visit())])
    if non_survivor is None or not non_survivor.patient_id:
        raise ContentError("a merge without the prior patient identifier cannot be sent", "MRG-1")
    return _message([*head, _pid(patient), _mrg(non_survivor)])


def order_status(
    order: Order,
    study_instance_uid: str = "",
    *,
    control: str = "SC",
    status: str = "CM",
    now: datetime,
    control_id: str,
    sender: tuple[str, str] = ("RADRECON", ""),
    receiver: tuple[str, str] = ("", ""),
    version: str = "2.5.1",
    charset: str = DEFAULT_CHARSET,
) -> str:
    """ORM^O01 with ORC-1 = `control`, ORC-5 = `status`, an OBR per step, and the study's UID in ZDS-1."""
    if not order.patient.patient_id:
        raise ContentError("an order without a patient identifier cannot be sent", "PID-3")
    uid = study_instance_uid or order.study_instance_uid
    steps = order.steps or (Step(),)
    segments = [
        _msh("ORM^O01^ORM_O01", now, control_id, sender, receiver, version, charset),
        _pid(order.patient),
        _pv1(order.visit, order.referring_physician),
    ]
    for number, step in enumerate(steps, 1):
        segments += [_orc(order, step, control, status, now), _obr(order, step, number)]
    zds = [f"ZDS|{join((uid, 'RADRECON', 'Application', 'DICOM'))}"] if uid else []
    return _message(segments + zds)


def timeless(message: str) -> list[list[str]]:
    """The fields of a message built here but for what is new in each: MSH, EVN, and ORC-9, when it was said."""
    segments = [segment.split("|") for segment in message.split("\r")]
    segments = [one for one in segments if one[0] not in ("MSH", "EVN")]
    return [[*one[:9], *one[10:]] if one[0] == "ORC" else one for one in segments]


def _message(segments: Sequence[str]) -> str:
    return "".join(segment.rstrip("|") + "\r" for segment in segments)


def _segment(name: str, fields: dict[int, str]) -> str:
    """A segment from its fields by number; values are already escaped."""
    return "|".join((name, *(fields.get(at, "") for at in range(1, max(fields, default=0) + 1))))


def _msh(
    kind: str,
    now: datetime,
    control_id: str,
    sender: tuple[str, str],
    receiver: tuple[str, str],
    version: str,
    charset: str,
) -> str:
    ends = {at: escape(text) for at, text in enumerate((*sender, *receiver), 2)}  # MSH-1 is the separator itself
    rest = {6: ts(now), 8: kind, 9: escape(control_id), 10: "P", 11: escape(version), 17: escape(charset)}
    return _segment("MSH", {1: STANDARD.encoding} | ends | rest)


def _evn(event: str, now: datetime) -> str:
    return _segment("EVN", {1: event, 2: ts(now), 6: ts(now)})


def _pid(patient: Demographics) -> str:
    return _segment(
        "PID",
        {
            3: cx(patient.patient_id),
            5: xpn(patient.name),
            7: escape(da(patient.birth_date)),
            8: escape(patient.sex),
        },
    )


def _pv1(visit: Visit, referring: PersonName | None = None) -> str:
    """PV1-2 is required: N, "not applicable", where nothing is known of a visit."""
    name = PersonName.parse(visit.referring) if visit.referring else (referring or PersonName())
    number = join((visit.number, "", "", visit.issuer)) if visit.number else ""
    known = {2: escape(visit.patient_class or "N"), 3: escape(visit.location), 8: _xcn(name), 19: number}
    return _segment("PV1", known)


def _mrg(non_survivor: Demographics) -> str:
    return _segment("MRG", {1: cx(non_survivor.patient_id), 7: xpn(non_survivor.name)})


def _orc(order: Order, step: Step, control: str, status: str, now: datetime) -> str:
    return _segment(
        "ORC",
        {
            1: escape(control),
            2: escape(order.placer_order_number),
            3: escape(order.filler_order_number),
            5: escape(status),
            7: _timing(order, step),
            9: ts(now),
            12: _xcn(order.requesting_physician),
        },
    )


def _timing(order: Order, step: Step) -> str:
    """TQ: start in component 4, priority in 6."""
    start = "".join(char for char in step.start if char.isdigit())
    letter = {"STAT": "S", "HIGH": "A", "ROUTINE": "R", "MEDIUM": "T"}.get(order.priority, "")
    return join(("", "", "", start, "", letter))


def _obr(order: Order, step: Step, number: int) -> str:
    procedure = _ce(order.requested_procedure_code, order.requested_procedure_description)
    protocol = _ce(step.protocol_code, step.description)
    return _segment(
        "OBR",
        {
            1: str(number),
            2: escape(order.placer_order_number),
            3: escape(order.filler_order_number),
            4: "^".join((*procedure, *protocol)).rstrip("^"),
            13: escape(order.medical_alerts),
            16: _xcn(order.requesting_physician),
            18: escape(order.accession_number),
            19: escape(order.requested_procedure_id),
            20: escape(step.scheduled_procedure_step_id),
            24: escape(step.modality),
            31: join(("", order.reason)) if order.reason else "",
            44: "^".join(procedure).rstrip("^"),
        },
    )


def _ce(code: Code, text: str) -> tuple[str, str, str]:
    return escape(code.value), escape(code.meaning or text), escape(code.scheme)


def _xcn(name: PersonName) -> str:
    group = name.alphabetic
    return join(("", group.family, group.given, group.middle, group.suffix, group.prefix)) if group else ""
