"""Never accessioned: an order that its filler should have given an accession number by now, and has not.

The RIS has not taken the order, so that nobody will find its images. Judged only where accession numbers are heard
at all, and not for exams from before the watch.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.order import Order
from radrecon.model.person import Watch
from radrecon.recon.order_update import OPEN

PLAIN = 2


def due_at(heard_at: datetime, minutes: int) -> datetime:
    return heard_at + timedelta(minutes=minutes)


def lacks_accession(order: Order) -> bool:
    """Whether it still waits for a number."""
    return not order.accession_number and order.status in OPEN


def classify_order(
    order: Order, heard_at: datetime, watch: Watch, now: datetime, *, minutes: int, told: bool, elsewhere: bool = False
) -> tuple[Finding, ...]:
    """`told`: some order here has an accession number; `elsewhere`: this one was heard again with its number."""
    if not (minutes and told and lacks_accession(order)) or elsewhere or now < due_at(heard_at, minutes):
        return ()
    if _is_of_before(order, watch.watch_from):
        return ()
    return (
        Finding(
            CaseKind.NEVER_ACCESSIONED,
            f"order:{order.id}",
            _cause(order, minutes),
            CaseOwner.RIS,
            PLAIN,
            order_id=order.id,
            person_id=order.person_id,
            evidence={
                "placer_order_number": order.placer_order_number,
                "filler_order_number": order.filler_order_number,
                "requested_procedure": order.requested_procedure_description,
            },
        ),
    )


def _is_of_before(order: Order, watch_from: date) -> bool:
    """All its exams were due before anything is judged."""
    days = [step.start[:10] for step in order.steps if step.start]
    return bool(days) and max(days) < watch_from.isoformat()


def _cause(order: Order, minutes: int) -> str:
    number = order.placer_order_number or order.filler_order_number
    named = f"order {number}" if number else "an order without any number"
    sender = f" from {order.sender}" if order.sender else ""
    return f"{named}{sender} has no accession number after {minutes} minutes"
