"""The cases of the classes: several orders, the wrong order, perhaps the wrong patient, no accession number.

As every case's, their evidence holds no probability and no clock.
"""

from __future__ import annotations

from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.order import Order
from radrecon.model.study import Study
from radrecon.recon.classes import Split
from radrecon.recon.compare import SAME, compare_accessions
from radrecon.recon.match import Ranking
from radrecon.recon.normalise import accession_key
from radrecon.recon.wrong_order import WrongOrder
from radrecon.recon.wrong_pick import WrongPick

GRAVE, PLAIN = 3, 2


def name(order: Order) -> str:
    return order.accession_number or order.placer_order_number or order.filler_order_number or str(order.id)


def split_cause(split: Split) -> str:
    """`one study for several orders: A1042 and A1043; no order was heard with A1044`."""
    listed = " and ".join(name(order) for order in split.orders)
    missing = f"; no order was heard with {' or '.join(split.missing)}" if split.missing else ""
    how = "perhaps " if split.unnamed else ""
    return f"{how}one study for several orders: {listed}{missing}"


def split_accession(study: Study, split: Split, ranking: Ranking) -> Finding:
    return Finding(
        CaseKind.SPLIT_ACCESSION,
        f"study:{study.id}",
        split_cause(split),
        CaseOwner.US,
        PLAIN,
        study_id=study.id,
        order_id=split.ids[0],
        person_id=_person(ranking, split.ids[0]),
        candidates=ranking.candidates,
        evidence={"orders": list(split.ids), "missing": list(split.missing)},
    )


def wrong_order(study: Study, found: WrongOrder, ranking: Ranking) -> Finding:
    against = ", ".join(found.against) or "its slot was at another time"
    return Finding(
        CaseKind.WRONG_ORDER,
        f"study:{study.id}",
        f"the images name order {name(found.named)}, but {against}; order {name(found.fits)} of the same patient fits",
        CaseOwner.US,
        GRAVE,
        study_id=study.id,
        person_id=_person(ranking, found.fits.id),
        candidates=ranking.candidates,
        evidence={"named": found.named.id, "fits": found.fits.id, "against": list(found.against)},
    )


def possible_wrong_pick(study: Study, found: WrongPick, ranking: Ranking) -> Finding:
    """Who the images show only those know who made them."""
    then = "was due then and has no images"
    if found.swapped:
        then = "has images that fit the first: swapped?"
    elif found.closed:
        then = "was closed in the RIS as done and has no images"
    cause = (
        f"perhaps the wrong worklist line: the images name order {name(found.named)}, but {', '.join(found.against)}; "
        f"order {name(found.fits)} of another patient {then}"
    )
    return Finding(
        CaseKind.POSSIBLE_WRONG_PICK,
        f"study:{study.id}",
        cause,
        CaseOwner.TECHNOLOGIST,
        GRAVE,
        study_id=study.id,
        order_id=found.named.id,
        person_id=_person(ranking, found.named.id),
        candidates=ranking.candidates,
        evidence={
            "named": found.named.id,
            "fits": found.fits.id,
            "against": list(found.against),
            "bits": [one.bits for one in found.signs],
        },
    )


def accession_missing(study: Study, order_id: int, ranking: Ranking) -> Finding | None:
    """The order is clear without it, but a worklist of the PACS goes by the number."""
    order = next((each.evidence.order for each in ranking.weighed if each.candidate.order_id == order_id), None)
    found = study.facts.accession_number
    if order is None or not order.accession_number or compare_accessions(order.accession_number, found) in SAME:
        return None
    carried = f"accession number {found}" if accession_key(found) else "no accession number"
    return Finding(
        CaseKind.ACCESSION_MISSING,
        f"study:{study.id}",
        f"the images carry {carried}; they are order {name(order)}'s",
        CaseOwner.US,
        PLAIN,
        study_id=study.id,
        order_id=order_id,
        person_id=_person(ranking, order_id),
        candidates=ranking.candidates[:1],
        evidence={"accession_number": [order.accession_number, study.facts.accession_number], "order": order_id},
    )


def _person(ranking: Ranking, order_id: int) -> int:
    return next((each.person_id for each in ranking.weighed if each.candidate.order_id == order_id), 0)
