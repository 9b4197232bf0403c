"""Wrong order of the right patient: the images name one order of a patient, and are another one's.

The header agrees with what was selected; modality, region, side and time speak for another open order of the same
patient, clearly. Both are named and a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from radrecon.model.order import Order
from radrecon.model.study import StudyFacts
from radrecon.recon.content import Content, content
from radrecon.recon.veto import DEAD

CLEARLY = 6.0
FAR, CLOSE = timedelta(hours=4), timedelta(hours=1)


@dataclass(frozen=True)
class WrongOrder:
    """`named` by the images; `fits` better, by what was done; `against`: what speaks against `named`, in words."""

    named: Order
    fits: Order
    against: tuple[str, ...]


def wrong_order(
    facts: StudyFacts, named: Order, others: Sequence[Order], taken: Mapping[int, int], study_id: int
) -> WrongOrder | None:
    """`others`: the same patient's orders. None where the one named fits, or none fits clearly better."""
    own = content(facts, named)
    if not _in_doubt(own):
        return None
    weighed = [(content(facts, one), one) for one in others if one.id != named.id and _open(one, taken, study_id)]
    better = [(each, one) for each, one in weighed if each.bits - own.bits >= CLEARLY and _takes(each, own)]
    if not better:
        return None
    _, best = max(better, key=lambda pair: (pair[0].bits, -pair[1].id))
    return WrongOrder(named, best, own.against)


def _in_doubt(own: Content) -> bool:
    return own.contradicted or (own.gap is not None and abs(own.gap) > FAR)


def _open(order: Order, taken: Mapping[int, int], study_id: int) -> bool:
    return order.status not in DEAD and taken.get(order.id, study_id) == study_id


def _takes(each: Content, own: Content) -> bool:
    """What was examined is not against it; where only the time is against the one named, it must be at its own."""
    if each.contradicted:
        return False
    return own.contradicted or (each.gap is not None and abs(each.gap) <= CLOSE)
