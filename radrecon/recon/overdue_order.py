"""Overdue orders: the time of the exam is long past, and no image has come, no modality begun, nobody called it off.

Judged where images of that station are usual: a patient who did not come, images that were never sent, an exam that
was done under another number.
"""

from __future__ import annotations

from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.expectation import Expectation
from radrecon.model.order import Order, Step, StepStatus
from radrecon.model.person import Watch
from radrecon.recon.expectation import OrderFacts, is_urgent, named, start_of
from radrecon.recon.order_update import OPEN, UNBOOKED

PLAIN, GRAVE = 2, 3


def expect(facts: OrderFacts, watch: Watch) -> Expectation | None:
    """Images of the first step that is still to be done. Without an accession number it waits for that first."""
    order = facts.order
    waiting = [(start, step) for step in order.steps if step.status in OPEN and (start := start_of(step, watch))]
    if order.status not in OPEN or not waiting or not order.accession_number:
        return None
    if facts.performed or facts.under_way or set(UNBOOKED) & set(order.flags):
        return None
    since, step = min(waiting, key=lambda pair: (pair[0], pair[1].id))
    if step.start[:10] < watch.watch_from.isoformat():
        return None
    return Expectation(_finding(order, step), f"order:{order.id}", since, f"{step.modality}/{step.station_ae_title}")


def _finding(order: Order, step: Step) -> Finding:
    at = f" at {step.station_ae_title}" if step.station_ae_title else ""
    when = step.start[:16].replace("T", " ")
    return Finding(
        CaseKind.OVERDUE_ORDER,
        f"order:{order.id}",
        f"{named(order)} was due {when}{at}: no images, and nobody has called it off",
        CaseOwner.TECHNOLOGIST,
        GRAVE if is_urgent(order) else PLAIN,
        order_id=order.id,
        person_id=order.person_id,
        evidence={"scheduled_start": step.start, "station": step.station_ae_title, "modality": step.modality},
    )


def why_gone(facts: OrderFacts) -> str:
    """What has come of an order that is no longer overdue."""
    order = facts.order
    if facts.performed:
        return "its images came"
    if facts.under_way or order.status is StepStatus.STARTED:
        return "its modality has begun it"
    ended = {
        StepStatus.CANCELLED: "the order was cancelled",
        StepStatus.DISCONTINUED: "the order was broken off",
        StepStatus.COMPLETED: "the order was completed",
        StepStatus.HELD: "the order is on hold",
    }
    if order.status in ended:
        return ended[order.status]
    if "no_show" in order.flags:
        return "the patient did not come"
    if "appointment_cancelled" in order.flags:
        return "its appointment was cancelled"
    return "it has another time, or no longer waits"
