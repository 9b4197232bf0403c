"""Orders found by their numbers where one order is not enough: asked only off the path of a plain new order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from radrecon.model.order import Order
from radrecon.store import tables as t
from radrecon.store.codec import key_number
from radrecon.store.database import Connection
from radrecon.store.orders import load_many

KIND = "request_number"  # of a step's own order numbers among the order's keys


def sharing(conn: Connection, order: Order) -> list[Order]:
    """All orders of the same person that bear one of this order's numbers, the oldest first."""
    o = t.imaging_order.c
    ways = [
        column == value
        for column, value in (
            (o.filler_order_number, order.filler_order_number),
            (o.placer_order_number, order.placer_order_number),
            (o.accession_number, order.accession_number),
        )
        if value
    ]
    if not ways:
        return []
    query = sa.select(o.id).where(o.person_id == order.person_id, sa.or_(*ways))
    return load_many(conn, conn.execute(query).scalars())


def of_step(conn: Connection, order: Order) -> list[Order]:
    """Orders of the same person one of whose steps has these numbers as its own."""
    numbers = keys_of_numbers((order.filler_order_number, order.placer_order_number))
    k, o = t.order_key.c, t.imaging_order.c
    if not numbers:
        return []
    query = sa.select(o.id).join(t.order_key, k.order_id == o.id)
    return load_many(conn, conn.execute(query.where(k.key.in_(numbers), o.person_id == order.person_id)).scalars())


def own_keys(order: Order) -> frozenset[int]:
    """Keys of the numbers that single steps have of their own."""
    return keys_of_numbers(
        number for step in order.steps for number in (step.filler_order_number, step.placer_order_number)
    )


def keys_of_numbers(numbers: Iterable[str]) -> frozenset[int]:
    return frozenset(key_number(KIND, number) for number in numbers if number)


def any_accession(conn: Connection) -> bool:
    """Whether any order here was ever heard with an accession number."""
    o = t.imaging_order.c
    return conn.execute(sa.select(o.id).where(o.accession_number > "").limit(1)).first() is not None


def heard_at(conn: Connection, order_id: int) -> datetime | None:
    """When the order was first heard; None if there is no such order."""
    o = t.imaging_order.c
    found: datetime | None = conn.execute(sa.select(o.received_at).where(o.id == order_id)).scalar()
    return found
