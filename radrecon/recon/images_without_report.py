"""Images without report: complete, linked, and after hours nobody has said a word of them, preliminary or final.

Judged where reports of that modality's exams are usually heard from the order's sender.
"""

from __future__ import annotations

from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.expectation import ROUTINE, URGENT, Expectation
from radrecon.model.order import Order, StepStatus
from radrecon.model.person import Watch
from radrecon.recon.expectation import OrderFacts, is_urgent, modality_of, named
from radrecon.recon.performed import UNDONE
from radrecon.recon.times import local_day

PLAIN, GRAVE = 2, 3


def expect(facts: OrderFacts, watch: Watch) -> Expectation | None:
    """A report of linked images. A cancelled order gets none, and one of several steps none before the last of them."""
    order, since = facts.order, facts.images_at
    if since is None or not facts.study_id or facts.reported or order.status is StepStatus.CANCELLED:
        return None
    if _goes_on(order):
        return None
    if local_day(since, watch) < watch.watch_from or not modality_of(order):
        return None
    return Expectation(
        _finding(order, facts.study_id),
        f"order:{order.id}",
        since,
        f"{modality_of(order)}/{order.sender}",
        URGENT if is_urgent(order) else ROUTINE,
    )


def _goes_on(order: Order) -> bool:
    """Some of its steps are done, and others are still to be."""
    states = {step.status for step in order.steps}
    return StepStatus.COMPLETED in states and bool(states & set(UNDONE))


def _finding(order: Order, study_id: int) -> Finding:
    urgent = f"{order.priority.upper()} " if is_urgent(order) else ""
    return Finding(
        CaseKind.IMAGES_WITHOUT_REPORT,
        f"order:{order.id}",
        f"the images of {urgent}{named(order)} are complete, and no report of them has been heard",
        CaseOwner.RIS,
        GRAVE if urgent else PLAIN,
        study_id=study_id,
        order_id=order.id,
        person_id=order.person_id,
        evidence={"study": study_id, "accession_number": order.accession_number},
    )


def why_gone(facts: OrderFacts) -> str:
    if facts.reported:
        return "a report was heard"
    if facts.order.status is StepStatus.CANCELLED:
        return "the order was cancelled"
    if _goes_on(facts.order):
        return "some of it is still to be done"
    return "the images are no longer this order's"
