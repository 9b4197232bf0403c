"""Split accession: one study that was made for several orders, chest and ribs in one scan.

The images say so themselves where their Request Attributes Sequence (0040,0275) or the modality's performed step names
several requests, whatever the accession number says: in a grouped study it is the first order's, or empty. Where
nothing names them, open orders of the same patient, modality and time that the images cover are proposed, and a person
decides. The set is taken whole: each member has to stand by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from radrecon.model.order import Order
from radrecon.model.study import RequestAttributes, SeriesFacts, Study, StudyFacts
from radrecon.recon.compare import SAME, Level, compare_accessions
from radrecon.recon.content import compare_sides_there
from radrecon.recon.normalise import accession_key
from radrecon.recon.performed import UNDONE
from radrecon.recon.procedure import COMPANIONS, compare_modalities
from radrecon.recon.regions import compare_regions, regions, regions_of_images, regions_of_order
from radrecon.recon.times import gap, nearest_gap

NEAR_TIMES = timedelta(minutes=60)


@dataclass(frozen=True)
class Named:
    """An order and the item by which the images name it."""

    order: Order
    item: RequestAttributes


def named_orders(
    facts: StudyFacts, requests: Sequence[RequestAttributes], orders: Sequence[Order]
) -> tuple[Named, ...]:
    """Every order that the images name, the one of their own accession number first, each once."""
    items = [RequestAttributes(facts.accession_number)] if accession_key(facts.accession_number) else []
    items += dict.fromkeys((*facts.requests, *requests))
    found: dict[int, Named] = {}
    for item in items:
        for order in sorted(orders, key=lambda order: order.id):
            if _means(item, order):
                found.setdefault(order.id, Named(order, item))
    return tuple(found.values())


def _means(item: RequestAttributes, order: Order) -> bool:
    """By accession number; without one by both the requested procedure's and the step's id."""
    theirs, mine = accession_key(order.accession_number), accession_key(item.accession_number)
    if theirs and mine:
        return theirs == mine
    if not item.requested_procedure_id:
        return False
    steps = {step.scheduled_procedure_step_id for step in order.steps} - {""}
    return item.requested_procedure_id == order.requested_procedure_id and item.scheduled_procedure_step_id in steps


def unmet(facts: StudyFacts, requests: Sequence[RequestAttributes], named: Sequence[Named]) -> tuple[str, ...]:
    """Accession numbers that the images name and no order has been heard with."""
    stated = [facts.accession_number, *(item.accession_number for item in (*facts.requests, *requests))]
    numbers = dict.fromkeys(text.strip() for text in stated if accession_key(text))
    known = [one.order.accession_number for one in named]
    return tuple(n for n in numbers if not any(compare_accessions(one, n) in SAME for one in known))


def as_named(study: Study, named: Named) -> Study:
    """The study as it would be if it were this order's alone: its number, no word of the others'."""
    facts = study.facts
    series = tuple(replace(one, body_part="", laterality="", description="") for one in facts.series)
    own = replace(
        facts, accession_number=named.order.accession_number, description=named.item.description, series=series
    )
    return replace(study, facts=own)


def covers(facts: StudyFacts, orders: Sequence[Order]) -> bool:
    """What the series show is against none of these orders; the description is mostly the first one's."""
    shown = regions_of_images(replace(facts, description=""))
    return all(compare_regions(shown, regions_of_order(order)) is not Level.DIFFERENT for order in orders)


# -- where nothing names them -----------------------------------------------------------------------------------------


def together(
    facts: StudyFacts,
    first: Order,
    others: Sequence[Order],
    person_of: Callable[[Order], int],
    taken: Mapping[int, int],
) -> tuple[Order, ...]:
    """`first` and the open orders of the same patient that the rest of the images was made for."""
    owner, rest = person_of(first), _rest(facts, first)
    if not owner or rest is None:
        return (first,)
    mine = [one for one in others if one.id not in (first.id, *taken) and person_of(one) == owner]
    mates = [one for one in mine if one.status in UNDONE and _mate(rest, first, one)]
    return (first, *sorted(mates, key=lambda order: order.id))


def is_explained(facts: StudyFacts, first: Order) -> bool:
    """Whether an order alone may be what all the images were made for: no other one is looked for then."""
    return _rest(facts, first) is None


def _rest(facts: StudyFacts, first: Order) -> StudyFacts | None:
    """The images that the first order does not explain, where some are its own."""
    images = [one for one in facts.series if one.modality not in COMPANIONS]
    rest = tuple(one for one in images if not _explains(one, first))
    if not rest or len(rest) == len(images):
        return None
    begun = min((one.performed for one in rest if one.performed), default=facts.performed)
    return replace(facts, series=rest, modalities=(), description="", performed=begun)


def _explains(series: SeriesFacts, order: Order) -> bool:
    """Of its region, or, where no region is told, of its modality."""
    shown, ordered = regions(f"{series.body_part} {series.description}"), regions_of_order(order)
    if shown and ordered:
        return bool(shown & ordered) or "wholebody" in shown | ordered
    modalities = {step.modality for step in order.steps}
    return series.modality in modalities or not modalities


def _mate(rest: StudyFacts, first: Order, other: Order) -> bool:
    """An order that the rest shows: its modality, region and side, at the first one's time and place."""
    shown = regions_of_images(rest) & regions_of_order(other)
    if not shown or compare_modalities(rest, other) is not Level.EQUAL or not _at_one_time(rest, first, other):
        return False
    return _at_one_place(first, other) and compare_sides_there(rest, other) is not Level.DIFFERENT


def _at_one_time(rest: StudyFacts, first: Order, other: Order) -> bool:
    apart = [abs(found) for a in first.steps for b in other.steps if (found := gap(a.start, b.start)) is not None]
    done = nearest_gap(rest.performed, (step.start for step in other.steps))
    return min(apart, default=NEAR_TIMES * 2) <= NEAR_TIMES or (done is not None and abs(done) <= NEAR_TIMES * 2)


def _at_one_place(first: Order, other: Order) -> bool:
    """One room, or rooms for two kinds of examination."""
    mine, theirs = ({step.station_ae_title for step in one.steps} - {""} for one in (first, other))
    kinds = [{step.modality for step in one.steps} for one in (first, other)]
    return not mine or not theirs or bool(mine & theirs) or not (kinds[0] & kinds[1])
