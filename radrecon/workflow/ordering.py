"""Orders from messages, applied (HL7 chapter 4; IHE RAD-2, RAD-3, RAD-4)."""

from __future__ import annotations

import uuid
from dataclasses import replace

from radrecon.hl7v2.orders import read_orders
from radrecon.hl7v2.reader import Message
from radrecon.model.order import Order, Step, StepStatus
from radrecon.model.patient import Visit
from radrecon.recon.overlay import suspected_overlay
from radrecon.store import orders, persons, queue
from radrecon.store.database import Connection
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.keys import index_order
from radrecon.workflow.people import person_for

TAKEN_OVER = "images"  # an order's Study UID that came from its images is not given back by an update
GENERATED = "radrecon"  # ... one that nobody else knows says nothing against images with another
DONE = (StepStatus.COMPLETED, StepStatus.DISCONTINUED, StepStatus.CANCELLED)


def apply_orders(conn: Connection, message: Message, context: Context, effect: Effect) -> None:
    """Every order of an ORM, OMG or OMI."""
    for order in read_orders(message, context.rules, context.zone):
        apply_order(conn, replace(order, sender=message.sending_application), context, effect)
        effect.accessions.append(order.accession_number)


def apply_order(conn: Connection, order: Order, context: Context, effect: Effect) -> None:
    """Insert or update one order with its steps."""
    person_id = person_for(conn, order.patient, context, effect)
    order = _checked_identity(conn, replace(order, person_id=person_id), effect)
    known = orders.find(conn, _asked_for(order))
    merged = _with_uid(combined(known, order) if known else order)
    order_id = orders.save(conn, merged, at=context.at, message_id=context.message_id)
    index_order(conn, replace(merged, id=order_id), context.at, new=known is None)
    if known and known.accession_number not in ("", merged.accession_number):
        queue.touch(conn, "accession", [known.accession_number], context.at)
    effect.orders.append(order_id)
    effect.persons.append(person_id)
    effect.remarks += [REMARKS[flag] for flag in merged.flags if flag in REMARKS]


def _with_uid(order: Order) -> Order:
    """An order whose RIS names no Study UID gets the one that its modality will be told."""
    if order.study_instance_uid:
        return order
    return replace(order, study_instance_uid=new_study_uid(), sources=order.sources | {"study_instance_uid": GENERATED})


def new_study_uid() -> str:
    """A UID of a UUID (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid4().int}"


def _asked_for(order: Order) -> Order:
    """A number that only repeats the filler's says nothing of the accession number: a cancel often has no OBR."""
    return replace(order, accession_number="") if _repeats_filler(order) else order


def _repeats_filler(order: Order) -> bool:
    place = order.sources.get("accession_number", "")
    return order.accession_number == order.filler_order_number and place in ("OBR-3.1", "ORC-3.1")


REMARKS = {
    "no_step": "this order makes no scheduled step: it is on no worklist",
    "unknown_control": "unknown order control: the order is kept as it was",
    "identity_conflict": "the order's patient differs from the person known under this number: never linked by itself",
}


def _checked_identity(conn: Connection, order: Order, effect: Effect) -> Order:
    """An order whose identity block contradicts the person's (two of name, birth date, sex) carries a flag."""
    person = persons.load_one(conn, order.person_id)
    if person and suspected_overlay(person.demographics, order.patient):
        return replace(order, flags=(*order.flags, "identity_conflict"))
    return order


def combined(known: Order, new: Order) -> Order:
    """An update of a known order: what the message does not say stays."""
    keep_status = "unknown_control" in new.flags
    status = known.status if keep_status else new.status
    taken = known.sources.get("study_instance_uid") == TAKEN_OVER
    uid = known.study_instance_uid if taken or not new.study_instance_uid else new.study_instance_uid
    new = _with_known_accession(known, new)
    sources = known.sources | new.sources | ({"study_instance_uid": TAKEN_OVER} if taken else {})
    return replace(
        new,
        id=known.id,
        status=status,
        study_instance_uid=uid,
        sources=sources,
        steps=_steps(known, new, status, keep_status),
        visit=new.visit if new.visit != Visit() else known.visit,
        **{name: getattr(new, name) or getattr(known, name) for name in _KEPT},
    )


_KEPT = (
    "accession_number", "issuer_of_accession", "placer_order_number", "filler_order_number", "requested_procedure_id",
    "requested_procedure_description", "requested_procedure_code", "reason", "priority", "requesting_physician",
    "referring_physician", "sender", "pregnancy_status", "medical_alerts", "patient_state", "patient_transport",
)  # fmt: skip


def _with_known_accession(known: Order, new: Order) -> Order:
    """The filler's number, where an update names nothing better, corrects no accession number that came as such."""
    place = "accession_number"
    if not (known.accession_number and _repeats_filler(new)) or known.sources.get(place) == new.sources.get(place):
        return new
    sources = {name: path for name, path in new.sources.items() if name != place}
    return replace(new, accession_number=known.accession_number, sources=sources)


def _steps(known: Order, new: Order, status: StepStatus, keep_status: bool) -> tuple[Step, ...]:
    """The message's steps; a cancel (often without timing) moves those that are known."""
    if not new.steps or (status in DONE and new.control != "XO"):
        return tuple(step if keep_status else replace(step, status=status) for step in known.steps)
    statuses = {step.scheduled_procedure_step_id: step.status for step in known.steps}
    if keep_status:
        return tuple(replace(step, status=statuses.get(step.scheduled_procedure_step_id, status)) for step in new.steps)
    return new.steps
