"""Two who were merged stand apart again: what is whose then, also of what came in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from radrecon.model.order import Order
from radrecon.store import crosswalk, identifiers, merges, orders, persons
from radrecon.store.database import Connection


def apart(conn: Connection, restored_id: int, at: datetime) -> int:
    """Undo the merge of one who was merged away; returns with whom everything was until now, 0 if with nobody.

    Orders that have come since under a number of theirs alone go back too: they were meant for them. So do numbers that
    the crosswalk has given since.
    """
    merged = merges.standing(conn, restored_id)
    if merged is None:
        return 0
    holder = merges.root(conn, merged.survivor_id)
    merges.unmerge(conn, merged.survivor_id, restored_id, at=at)
    identifiers.give(conn, _legacy(conn, restored_id, holder), restored_id)
    since = orders.of_person(conn, holder, since=merged.at)
    named = [order.id for order in orders.load_many(conn, since) if set(_named(conn, order)) == {restored_id}]
    merges.give_orders(conn, named, restored_id)
    return holder


def _legacy(conn: Connection, restored_id: int, holder: int) -> list[int]:
    own = [one.patient_id for one in identifiers.of_person(conn, restored_id)]
    held = (identifiers.held(conn, one) for one in crosswalk.partners(conn, own))
    return [one.id for one in held if one and one.person_id == holder]


def _named(conn: Connection, order: Order) -> Iterator[int]:
    """To whom the numbers lead now that an order was made under."""
    found = (persons.find(conn, number) for number in (order.patient.patient_id, *order.patient.other_ids))
    return (known.person_id for known in found if known)
