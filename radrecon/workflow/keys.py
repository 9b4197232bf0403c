"""Blocking keys of orders and studies, written to the store; a changed one is noted as touched, old and new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from radrecon.model.order import Order
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.normalise import (
    accession_key,
    blocking_keys_of_order,
    blocking_keys_of_person,
    blocking_keys_of_study,
    id_key,
    namesake_keys,
)
from radrecon.store import order_keys, orders, person_keys, person_links, persons, queue, studies
from radrecon.store.codec import key_number
from radrecon.store.database import Connection, Store
from radrecon.store.order_numbers import own_keys
from radrecon.store.worklist import with_identity
from radrecon.workflow import former_keys

NONE: frozenset[int] = frozenset()


def order_keys_of(conn: Connection, order: Order) -> frozenset[int]:
    """An order's keys under its person's identity as it stands now."""
    person = persons.load_one(conn, order.person_id)
    return _keys_of(order, {order.person_id: person} if person else {}) | _linked_keys(conn, order.person_id)


def _keys_of(order: Order, people: Mapping[int, Person]) -> frozenset[int]:
    named = with_identity(order, people)
    return frozenset(key_number(kind, value) for kind, value in blocking_keys_of_order(named)) | own_keys(order)


def _linked_keys(conn: Connection, person_id: int) -> frozenset[int]:
    """The numbers of persons linked with the order's own: their studies find it, and a person decides."""
    linked = persons.load_many(conn, person_links.linked(conn, [person_id]))
    numbers = {id_key(one.value) for person in linked.values() for one in person.identifiers}
    return frozenset(key_number("patient_id", number) for number in numbers if number)


def study_keys(facts: StudyFacts) -> frozenset[int]:
    return frozenset(key_number(kind, value) for kind, value in blocking_keys_of_study(Study(facts)))


def index_order(conn: Connection, order: Order, at: datetime, *, new: bool = False) -> None:
    """Note that an order's keys are to be written; what shares an old or new one is looked at again.

    The reconciler writes them (`write_keys`), so that nobody waits for them to be acknowledged; only those that
    messages themselves are told apart by are written here.
    """
    if own := own_keys(order):
        order_keys.set_keys(conn, order.id, own | (frozenset() if new else order_keys.keys(conn, order.id)))
    accessions = [order.accession_number] if order.accession_number else []
    queue.touch_all(conn, {"order": [order.id], "accession": accessions}, at)


def changed_keys(conn: Connection, order_ids: Iterable[int]) -> dict[int, tuple[frozenset[int], frozenset[int]]]:
    """Old and new keys of those orders whose keys are not as they should be.

    What had another number before (`former_keys`) is not gone.
    """
    loaded = orders.load_many(conn, order_ids)
    people = persons.load_many(conn, {order.person_id for order in loaded})
    linked = {person_id: _linked_keys(conn, person_id) for person_id in person_links.with_links(conn, people)}
    before = order_keys.keys_by_order(conn, [order.id for order in loaded])
    found = {one.id: (before[one.id], _keys_of(one, people) | linked.get(one.person_id, NONE)) for one in loaded}
    changes = {order_id: (old, new) for order_id, (old, new) in found.items() if old != new}
    former = {one.id: _former_keys(one, people) for one in loaded if one.id in changes and changes[one.id][0]}
    return {order_id: (old - former.get(order_id, NONE), new) for order_id, (old, new) in changes.items()}


def _former_keys(order: Order, people: Mapping[int, Person]) -> frozenset[int]:
    return former_keys.numbers(blocking_keys_of_order(with_identity(order, people)))


def write_keys(store: Store, order_ids: Sequence[int], at: datetime) -> None:
    """Write the keys of orders as they stand now; what shared one that is gone is looked at again.

    An order that changes meanwhile is touched again, and then its keys are written anew.
    """
    with store.reading() as conn:
        changes = changed_keys(conn, order_ids)
    if changes:
        with store.transaction() as conn:
            order_keys.replace(conn, {order_id: new for order_id, (_, new) in changes.items()})
            queue.touch(conn, "key", sorted({key for old, new in changes.values() for key in old - new}), at)


def person_keys_of(person: Person) -> frozenset[int]:
    """What a person is found by among persons; nothing for one who was merged away."""
    found = blocking_keys_of_person(person.demographics) if not person.merged_into else ()
    return frozenset(key_number(kind, value) for kind, value in found)


def write_person_keys(store: Store, person_ids: Sequence[int], at: datetime) -> None:
    """The same for persons. What shares a key with one as they are now is looked at again with the person."""
    with store.reading() as conn:
        people = persons.load_many(conn, person_ids).values()
        written = person_keys.keys_of_several(conn, [one.id for one in people])
        found = {one.id: (written[one.id], person_keys_of(one)) for one in people}
    changes = {person_id: (old, new) for person_id, (old, new) in found.items() if old != new}
    if changes:
        with store.transaction() as conn:
            person_keys.replace(conn, {person_id: new for person_id, (_, new) in changes.items()})
            queue.touch(conn, "key", sorted({key for old, new in changes.values() for key in old - new}), at)


def touch_namesakes(conn: Connection, patient: Demographics, at: datetime) -> None:
    """A person of this name and birth date speaks against linking others' images by themselves."""
    queue.touch(conn, "key", sorted(key_number(kind, value) for kind, value in namesake_keys(patient)), at)


def touch_rivals(conn: Connection, facts: StudyFacts, at: datetime, *, freed: bool = False) -> None:
    """Whether an order is taken depends on every study that carries its numbers: all of them are looked at again.

    So are those that it is a candidate of by its patient or by a slip in its number: it fits them no longer, or anew.
    `freed`: the study no longer carries them, so that whoever was due beside it may be meant again: all that shares a
    key with the order.
    """
    named = {facts.accession_number, *(item.accession_number for item in facts.requests)}
    near, _ = order_keys.by_keys(conn, frozenset().union(*(_naming(one, facts.study_instance_uid) for one in named)))
    taken = orders.load_many(conn, near)
    people = persons.load_many(conn, {order.person_id for order in taken})
    for order in taken:
        queue.touch(conn, "key", sorted(_fitting_keys(order, people)), at)
    if freed:
        queue.touch(conn, "order", near, at)
    if not accession_key(facts.accession_number):
        _touch_unnumbered(conn, facts.patient.patient_id, at)


def _touch_unnumbered(conn: Connection, patient_id: PatientId, at: datetime) -> None:
    """Two studies without an accession number may mean one order, under whichever of the patient's numbers each is."""
    known = persons.find(conn, patient_id) if patient_id else None
    person = persons.load_one(conn, known.person_id) if known else None
    numbers = {id_key(one.value) for one in (patient_id, *(person.identifiers if person else ()))} - {""}
    queue.touch(conn, "key", sorted(key_number("patient_id", number) for number in numbers), at)


BUSY = frozenset(("station_day",))  # shared by a day's patients, whom an order rarely fits


def _fitting_keys(order: Order, people: Mapping[int, Person]) -> frozenset[int]:
    """Keys of the studies that an order may fit, whoever was at its station besides."""
    keys = blocking_keys_of_order(with_identity(order, people))
    fitting = frozenset(key_number(kind, value) for kind, value in keys if kind not in BUSY)
    return fitting | _naming(order.accession_number, order.study_instance_uid)


def _naming(accession: str, uid: str) -> frozenset[int]:
    named = (("accession", accession_key(accession)), ("uid", uid))
    return frozenset(key_number(kind, value) for kind, value in named if value)


def touch_order(conn: Connection, order_id: int, at: datetime) -> None:
    """All that could belong to an order is looked at again."""
    queue.touch(conn, "order", [order_id], at)


def index_study(conn: Connection, study_id: int, facts: StudyFacts, *, new: bool = False) -> None:
    studies.set_keys(conn, study_id, study_keys(facts), new=new)
    beside = {item.accession_number.strip() for item in facts.requests} - {facts.accession_number}
    studies.set_requests(conn, study_id, beside, new=new)
