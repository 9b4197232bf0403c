"""Blocking keys of orders and studies, written to the store; a changed one is noted as touched, old and new."""

from __future__ import annotations

from datetime import datetime

from radrecon.model.order import Order
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.normalise import blocking_keys_of_order, blocking_keys_of_study
from radrecon.store import orders, persons, queue, studies
from radrecon.store.codec import key_number
from radrecon.store.database import Connection
from radrecon.store.worklist import with_identity


def order_keys(conn: Connection, order: Order) -> frozenset[int]:
    """An order's keys under its person's identity as it stands now."""
    named = with_identity(order, persons.load_many(conn, [order.person_id]))
    return frozenset(key_number(kind, value) for kind, value in blocking_keys_of_order(named))


def study_keys(facts: StudyFacts) -> frozenset[int]:
    return frozenset(key_number(kind, value) for kind, value in blocking_keys_of_study(Study(facts)))


def index_order(conn: Connection, order: Order, at: datetime) -> None:
    """Write an order's keys; everything that shares an old or new one is looked at again."""
    old, new = orders.keys(conn, order.id), order_keys(conn, order)
    if old != new:
        orders.set_keys(conn, order.id, new)
    queue.touch(conn, "key", sorted(old | new), at)
    queue.touch(conn, "accession", [order.accession_number] if order.accession_number else [], at)


def index_study(conn: Connection, study_id: int, facts: StudyFacts) -> None:
    studies.set_keys(conn, study_id, study_keys(facts))
