"""Blocking keys of orders and studies, written to the store; a changed one is noted as touched, old and new."""

from __future__ import annotations

from datetime import datetime

from radrecon.model.order import Order
from radrecon.model.patient import Demographics
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.normalise import accession_key, blocking_keys_of_order, blocking_keys_of_study
from radrecon.store import orders, persons, queue, studies
from radrecon.store.codec import key_number
from radrecon.store.database import Connection
from radrecon.store.worklist import with_identity


def order_keys(conn: Connection, order: Order) -> frozenset[int]:
    """An order's keys under its person's identity as it stands now."""
    named = with_identity(order, persons.load_many(conn, [order.person_id]))
    return frozenset(key_number(kind, value) for kind, value in blocking_keys_of_order(named))


STRONG = ("accession", "uid", "patient_id", "name_birth")  # keys that an automatic link rests on


def study_keys(facts: StudyFacts) -> frozenset[int]:
    return frozenset(key_number(kind, value) for kind, value in blocking_keys_of_study(Study(facts)))


def strong_keys(facts: StudyFacts) -> frozenset[int]:
    """Only those that name an order or a person exactly: few records share them."""
    keys = blocking_keys_of_study(Study(facts))
    return frozenset(key_number(kind, value) for kind, value in keys if kind in STRONG)


def index_order(conn: Connection, order: Order, at: datetime, *, new: bool = False) -> None:
    """Write an order's keys; everything that shares an old or new one is looked at again."""
    old, keys = frozenset() if new else orders.keys(conn, order.id), order_keys(conn, order)
    if old != keys:
        orders.set_keys(conn, order.id, keys, new=new)
    accessions = [order.accession_number] if order.accession_number else []
    queue.touch_all(conn, {"order": [order.id], "key": sorted(old - keys), "accession": accessions}, at)


def touch_namesakes(conn: Connection, patient: Demographics, at: datetime) -> None:
    """A person of this name and birth date speaks against linking others' images by themselves."""
    keys = blocking_keys_of_study(Study(StudyFacts("", "", patient=patient)))
    named = {key_number(kind, value) for kind, value in keys if kind == "name_birth"}
    queue.touch(conn, "key", sorted(named), at)


def touch_rivals(conn: Connection, facts: StudyFacts, at: datetime) -> None:
    """Whether an order is taken depends on every study that carries its numbers: all of them are looked at again."""
    near, _ = orders.by_keys(conn, _naming(facts.accession_number, facts.study_instance_uid))
    for order in orders.load_many(conn, near):
        queue.touch(conn, "key", sorted(_naming(order.accession_number, order.study_instance_uid)), at)


def _naming(accession: str, uid: str) -> frozenset[int]:
    named = (("accession", accession_key(accession)), ("uid", uid))
    return frozenset(key_number(kind, value) for kind, value in named if value)


def touch_order(conn: Connection, order_id: int, at: datetime) -> None:
    """All that could belong to an order is looked at again."""
    queue.touch(conn, "order", [order_id], at)


def index_study(conn: Connection, study_id: int, facts: StudyFacts, *, new: bool = False) -> None:
    studies.set_keys(conn, study_id, study_keys(facts), new=new)
