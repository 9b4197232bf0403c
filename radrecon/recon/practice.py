"""What is usual at a place, judged by what came of the last days' orders.

Only what was due before the last one came counts: an outage says nothing of what is usual.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from radrecon.model.expectation import Practice

FEWEST = 3  # came at a place, before it is said to be usual there
USUAL = 0.5  # of those due had it
REGISTERED = 0.8
BLOCK = 200  # orders whose patients' registration is judged together

Came = tuple[datetime, datetime | None]  # when it could have come, and when it did


def of_outcomes(outcomes: Iterable[tuple[str, datetime, datetime | None]]) -> dict[str, Practice]:
    """(place, due, came) → what is usual at each place where it came at all."""
    by_place: dict[str, list[Came]] = defaultdict(list)
    for place, due, came in outcomes:
        by_place[place].append((due, came))
    return {place: found for place, some in by_place.items() if (found := _usual(some))}


def _usual(outcomes: Sequence[Came]) -> Practice | None:
    came = [(due, at) for due, at in outcomes if at is not None]
    if not came:
        return None
    last = max(at for _, at in came)
    could = sum(due <= last for due, _ in outcomes)
    usual = len(came) >= FEWEST and len(came) >= USUAL * could
    return Practice(min(min(due, at) for due, at in came), last, usual, len(came))


def of_registrations(orders: Iterable[tuple[str, datetime, bool]]) -> dict[str, Practice]:
    """The latest orders first: (authority, heard, registered) → where patients are usually registered.

    Block by block, so that an outage of the ADT feed does not make its absence usual at once.
    """
    by_place: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    for place, at, registered in orders:
        by_place[place].append((at, registered))
    return {place: found for place, some in by_place.items() if (found := _registering(some))}


def _registering(orders: Sequence[tuple[datetime, bool]]) -> Practice | None:
    instants = []
    for start in range(0, len(orders), BLOCK):
        block = orders[start : start + BLOCK]
        named = [at for at, registered in block if registered]
        if len(named) >= FEWEST and len(named) >= REGISTERED * len(block):
            instants += named
    return Practice(min(instants), max(instants), True, len(instants)) if instants else None


def remembered(known: Mapping[str, Practice], found: Mapping[str, Practice]) -> dict[str, Practice]:
    """What is new of each place: the first ever, the last, and whether it is usual as these days show it.

    Days with hardly any say nothing against what was usual.
    """
    return {place: _both(known[place], one) if place in known else one for place, one in found.items()}


def _both(known: Practice, found: Practice) -> Practice:
    usual = known.usual if found.seen < FEWEST else found.usual
    return Practice(min(found.first_at, known.first_at), max(found.last_at, known.last_at), usual)
