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
from radrecon.model.study import RequestAttributes, Study, StudyFacts
from radrecon.recon.compare import SAME, Level, compare_accessions
from radrecon.recon.content import compare_sides_there
from radrecon.recon.normalise import accession_key
from radrecon.recon.performed import UNDONE
from radrecon.recon.procedure import compare_modalities
from radrecon.recon.regions import compare_regions, regions_of_images, regions_of_order
from radrecon.recon.times import gap

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
    level = compare_accessions(order.accession_number, item.accession_number)
    if level is not Level.MISSING:
        return level in SAME
    steps = {step.scheduled_procedure_step_id for step in order.steps} - {""}
    return (
        bool(item.requested_procedure_id)
        and item.requested_procedure_id == order.requested_procedure_id
        and item.scheduled_procedure_step_id in steps
    )


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
    """What the images show is against none of these orders."""
    shown = regions_of_images(facts)
    return all(compare_regions(shown, regions_of_order(order)) is not Level.DIFFERENT for order in orders)


# -- where nothing names them -----------------------------------------------------------------------------------------


def together(
    facts: StudyFacts,
    first: Order,
    others: Sequence[Order],
    person_of: Callable[[Order], int],
    taken: Mapping[int, int],
) -> tuple[Order, ...]:
    """`first` and the open orders of the same patient that were done with it, as far as the images cover them."""
    mates = [one for one in others if one.id != first.id and _mate(facts, first, one, person_of, taken)]
    return (first, *sorted(mates, key=lambda order: order.id))


def _mate(
    facts: StudyFacts, first: Order, other: Order, person_of: Callable[[Order], int], taken: Mapping[int, int]
) -> bool:
    owner = person_of(first)
    if not owner or person_of(other) != owner or other.id in taken or other.status not in UNDONE:
        return False
    if not (_at_one_time(first, other) and _at_one_place(first, other)):
        return False
    shown = _shown(regions_of_images(facts), regions_of_order(other), regions_of_order(first))
    alike = compare_modalities(facts, other) is Level.EQUAL
    return shown and alike and compare_sides_there(facts, other) is not Level.DIFFERENT


def _at_one_time(first: Order, other: Order) -> bool:
    apart = [abs(found) for a in first.steps for b in other.steps if (found := gap(a.start, b.start)) is not None]
    return bool(apart) and min(apart) <= NEAR_TIMES


def _at_one_place(first: Order, other: Order) -> bool:
    mine, theirs = ({step.station_ae_title for step in one.steps} - {""} for one in (first, other))
    return not mine or not theirs or bool(mine & theirs)


def _shown(shown: frozenset[str], ordered: frozenset[str], first: frozenset[str]) -> bool:
    """The images show the other's region itself, not merely because it is also the first one's, and the first one's."""
    if compare_regions(shown, first) is Level.DIFFERENT:
        return False
    return bool((shown & ordered) - first) or (not ordered and bool(shown - first))
