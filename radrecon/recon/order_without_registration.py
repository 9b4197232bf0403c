"""Order without registration: somebody is to be imaged whom no ADT has ever named.

Judged where the assigning authority's patients are usually named by an ADT; a site whose ADT feed is not connected has
no such case. Several orders of one patient are one case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.expectation import Expectation
from radrecon.model.order import StepStatus
from radrecon.model.person import Watch
from radrecon.recon.expectation import OrderFacts, named
from radrecon.recon.temporary_identity import ALIAS, NUMBER
from radrecon.recon.times import local_day

PLAIN = 2


def expect(facts: OrderFacts, watch: Watch) -> Expectation | None:
    """A registration. Who has a temporary identity is a case of their own."""
    order = facts.order
    if (
        facts.registered
        or facts.temporary in (ALIAS, NUMBER)
        or order.status is StepStatus.CANCELLED
        or not order.person_id
    ):
        return None
    if local_day(facts.heard_at, watch) < watch.watch_from:
        return None
    sender = f" from {order.sender}" if order.sender else ""
    finding = Finding(
        CaseKind.ORDER_WITHOUT_REGISTRATION,
        f"person:{order.person_id}",
        f"{named(order)}{sender} is of a patient whom no ADT has named",
        CaseOwner.REGISTRATION,
        PLAIN,
        order_id=order.id,
        person_id=order.person_id,
        evidence={"patient_id": str(order.patient.patient_id)},
    )
    return Expectation(finding, f"order:{order.id}", facts.heard_at, facts.issuer)


def together(findings: Sequence[Finding]) -> Finding:
    """The case of one patient with all their orders."""
    first, ids = findings[0], tuple(one.order_id for one in findings)
    if len(ids) == 1:
        return first
    cause = f"{len(ids)} orders are of a patient whom no ADT has named"
    return replace(first, cause=cause, order_ids=ids, total=len(ids))


def why_gone(facts: OrderFacts) -> str:
    if facts.registered:
        return "an ADT has named the patient"
    return "the order was cancelled" if facts.order.status is StepStatus.CANCELLED else "it is another patient's now"
