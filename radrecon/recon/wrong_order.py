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
from radrecon.recon.content import Content, content, without_copied_words
from radrecon.recon.veto import DEAD

CLEARLY = 2.0  # by what was examined
FAR, CLOSE, VISIT = timedelta(hours=12), timedelta(hours=4), timedelta(hours=36)


@dataclass(frozen=True)
class WrongOrder:
    """`named` by the images; `fits` better, by what was done; `against`: what speaks against `named`, in words."""

    named: Order
    fits: Order
    against: tuple[str, ...]
    fit: float = 0.0


def wrong_order(
    facts: StudyFacts, named: Order, others: Sequence[Order], taken: Mapping[int, int], study_id: int
) -> WrongOrder | None:
    """`others`: the same patient's orders. None where the one named fits, or none fits clearly better."""
    facts = without_copied_words(facts, named)
    own = content(facts, named)
    if not _in_doubt(own):
        return None
    weighed = [(content(facts, one), one) for one in others if one.id != named.id and _open(one, taken, study_id)]
    better = [(each, one) for each, one in weighed if _takes(each, own)]
    if not better:
        return None
    fit, best = max(better, key=lambda pair: (pair[0].bits, -pair[1].id))
    return WrongOrder(named, best, own.against, fit.bits)


def is_in_doubt(facts: StudyFacts, named: Order) -> bool:
    """Whether another order of the patient could be meant at all."""
    return _in_doubt(content(without_copied_words(facts, named), named))


def _in_doubt(own: Content) -> bool:
    return own.examined <= -CLEARLY or (own.gap is not None and abs(own.gap) > FAR)


def _open(order: Order, taken: Mapping[int, int], study_id: int) -> bool:
    return order.status not in DEAD and taken.get(order.id, study_id) == study_id


def _takes(each: Content, own: Content) -> bool:
    """What was examined is not against it, and it was at its time; that time is no further than the one named's."""
    if each.contradicted or each.gap is None:
        return False
    if each.examined - own.examined >= CLEARLY:
        sooner = own.gap is None or abs(each.gap) <= abs(own.gap) + CLOSE
        return sooner or (own.contradicted and abs(each.gap) <= VISIT)
    if own.gap is None or abs(own.gap) <= FAR:
        return False
    return each.examined >= own.examined and abs(each.gap) <= max(CLOSE, abs(own.gap) / 2)
