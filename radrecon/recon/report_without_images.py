"""Report without images: an exam was read, and none of its images was ever seen at a PACS that we follow.

Judged for modalities whose images usually come: a report of a visit, or of an exam at another house, needs none.
"""

from __future__ import annotations

from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.expectation import Expectation
from radrecon.model.order import Order
from radrecon.model.person import Watch
from radrecon.recon.expectation import OrderFacts, modality_of, named
from radrecon.recon.times import local_day

PLAIN = 2


def expect(facts: OrderFacts, watch: Watch) -> Expectation | None:
    """Images of a finally reported order of a modality; exams from before the watch are not judged."""
    order, since = facts.order, facts.final_at
    if since is None or facts.ever or not modality_of(order) or local_day(since, watch) < watch.watch_from:
        return None
    days = [step.start[:10] for step in order.steps if step.start]
    if days and min(days) < watch.watch_from.isoformat():
        return None
    return Expectation(_finding(order), f"order:{order.id}", since, f"{modality_of(order)}/")


def _finding(order: Order) -> Finding:
    return Finding(
        CaseKind.REPORT_WITHOUT_IMAGES,
        f"order:{order.id}",
        f"{named(order)} has a final report, and no images of it were ever seen",
        CaseOwner.TECHNOLOGIST,
        PLAIN,
        order_id=order.id,
        person_id=order.person_id,
        evidence={"accession_number": order.accession_number, "modality": modality_of(order)},
    )


def why_gone(facts: OrderFacts) -> str:
    return "its images came" if facts.ever else "the final report is its own no more"
