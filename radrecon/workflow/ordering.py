"""Orders and reports from messages, applied (HL7 chapters 4 and 7; IHE RAD-2, RAD-3, RAD-4)."""

from __future__ import annotations

from dataclasses import replace

from radrecon.model.order import Order, ReportVersion, Step, StepStatus
from radrecon.recon.overlay import suspected_overlay
from radrecon.store import orders, persons, queue, reports
from radrecon.store.database import Connection
from radrecon.workflow.intake import Context
from radrecon.workflow.keys import index_order
from radrecon.workflow.people import Effect, person_for

TAKEN_OVER = "images"  # an order's Study UID that came from its images is not given back by an update
DONE = (StepStatus.COMPLETED, StepStatus.DISCONTINUED, StepStatus.CANCELLED)


def apply_order(conn: Connection, order: Order, context: Context, effect: Effect) -> None:
    """Insert or update one order with its steps."""
    person_id = person_for(conn, order.patient, context, effect)
    order = _checked_identity(conn, replace(order, person_id=person_id), effect)
    known = orders.find(conn, order)
    merged = combined(known, order) if known else order
    order_id = orders.save(conn, merged, at=context.at, message_id=context.message_id)
    index_order(conn, replace(merged, id=order_id), context.at)
    if known and known.accession_number not in ("", merged.accession_number):
        queue.touch(conn, "accession", [known.accession_number], context.at)
    effect.orders.append(order_id)
    effect.persons.append(person_id)
    effect.remarks += [REMARKS[flag] for flag in merged.flags if flag in REMARKS]


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
    sources = known.sources | new.sources | ({"study_instance_uid": TAKEN_OVER} if taken else {})
    return replace(
        new,
        id=known.id,
        status=status,
        study_instance_uid=uid,
        sources=sources,
        steps=_steps(known, new, status, keep_status),
        **{name: getattr(new, name) or getattr(known, name) for name in _KEPT},
    )


_KEPT = (
    "accession_number", "issuer_of_accession", "placer_order_number", "filler_order_number", "requested_procedure_id",
    "requested_procedure_description", "requested_procedure_code", "reason", "priority", "requesting_physician",
    "referring_physician", "sender",
)  # fmt: skip


def _steps(known: Order, new: Order, status: StepStatus, keep_status: bool) -> tuple[Step, ...]:
    """The message's steps; a cancel (often without timing) moves those that are known."""
    if not new.steps or (status in DONE and new.control != "XO"):
        return tuple(step if keep_status else replace(step, status=status) for step in known.steps)
    statuses = {step.scheduled_procedure_step_id: step.status for step in known.steps}
    if keep_status:
        return tuple(replace(step, status=statuses.get(step.scheduled_procedure_step_id, status)) for step in new.steps)
    return new.steps


def apply_report(conn: Connection, report: ReportVersion, context: Context, effect: Effect) -> None:
    """Keep a report version; a final one means that its order was performed."""
    order = _order_of(conn, report)
    order_id = order.id if order else 0
    effect.reports.append(reports.add(conn, report, order_id=order_id, at=context.at, message_id=context.message_id))
    if order is None:
        effect.remarks.append("no order is known for this report")
    elif report.status in ("F", "C"):
        waiting = (StepStatus.SCHEDULED, StepStatus.ARRIVED, StepStatus.STARTED)
        orders.set_status(conn, order.id, StepStatus.COMPLETED, waiting)


def _order_of(conn: Connection, report: ReportVersion) -> Order | None:
    known = persons.find(conn, report.patient.patient_id)
    query = Order(
        accession_number=report.accession_number,
        placer_order_number=report.placer_order_number,
        filler_order_number=report.filler_order_number,
        person_id=known.person_id if known else 0,
    )
    return orders.find(conn, query)
