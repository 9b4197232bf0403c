"""What a rule said of a study beside what a person decided of it afterwards: agreement, disagreement, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from radrecon.model.decision import Decision
from radrecon.model.rule import RuleName

ABOUT_ORDERS = ("link", "dismiss")


def answer(rule: str, at: datetime, ended_at: datetime | None, decisions: Sequence[Decision]) -> Decision | None:
    """The first decision on the study that answers what a rule said from `at` until `ended_at` (None: still says).

    A fix answers only whether late images are to be corrected again: of the order it says nothing.
    """
    verbs = (*ABOUT_ORDERS, "fix", "merge") if rule == RuleName.CORRECT_LATE_IMAGES else ABOUT_ORDERS
    found = [
        one for one in decisions if one.at >= at and one.verb in verbs and (ended_at is None or one.at <= ended_at)
    ]
    return min(found, key=lambda one: (one.at, one.id), default=None)


def agrees(rule: str, order_id: int, decision: Decision) -> bool:
    """`order_id`: what the rule links to, 0 where it puts the study aside."""
    if decision.verb == "dismiss":
        return not order_id and rule == RuleName.FOLLOW_DECISION
    return decision.verb != "link" or decision.order_id == order_id
