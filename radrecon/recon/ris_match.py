"""Which order an entry of another system's worklist is of.

By accession number, order numbers or Study Instance UID; where one side has no accession number, by the same patient's
exam of the same procedure or of the same modality on the same day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from radrecon.model.order import Order
from radrecon.model.person import Person
from radrecon.model.ris_worklist import WorklistEntry
from radrecon.recon.identity import identity_levels
from radrecon.recon.normalise import accession_key, fold, id_key
from radrecon.recon.times import day_of

Key = tuple[str, str]


def entry_keys(entry: WorklistEntry) -> frozenset[Key]:
    """What an entry is found by."""
    return frozenset(_keys(entry, (entry.patient.patient_id.value,)))


def order_keys(order: Order, person: Person | None) -> frozenset[Key]:
    """What an order is found by, under every number that leads to its person."""
    ids = [one.value for one in person.identifiers] if person else []
    ids += [order.patient.patient_id.value]
    steps = ((step.placer_order_number, step.filler_order_number) for step in order.steps)
    numbers = {number for pair in steps for number in pair if number}
    return frozenset((*_keys(order, ids), *(("number", number) for number in numbers)))


def _keys(one: WorklistEntry | Order, patient_ids: Iterable[str]) -> Iterator[Key]:
    if accession := accession_key(one.accession_number):
        yield "accession", accession
    if one.study_instance_uid:
        yield "uid", one.study_instance_uid
    for number in (one.placer_order_number, one.filler_order_number):
        if number:
            yield "number", number
    for value in patient_ids:
        if key := id_key(value):
            yield "patient_id", key


def blocking_keys(entry: WorklistEntry) -> frozenset[Key]:
    """The keys that orders are found by in the store."""
    return frozenset(key for key in entry_keys(entry) if key[0] != "number")


def is_of(entry: WorklistEntry, order: Order, person: Person | None, issuer: str) -> bool:
    """Whether an entry that shares a key with an order is this order's."""
    mine, theirs = accession_key(entry.accession_number), accession_key(order.accession_number)
    if mine and theirs:
        return mine == theirs and _same_issuer(entry.issuer_of_accession, order.issuer_of_accession)
    shared = {kind for kind, _ in entry_keys(entry) & order_keys(order, person)}
    return bool(shared & {"uid", "number"}) or (
        _same_patient(entry, order, person, issuer) and _same_exam(entry, order)
    )


def _same_issuer(one: str, other: str) -> bool:
    return not (one and other) or fold(one) == fold(other)


def _same_patient(entry: WorklistEntry, order: Order, person: Person | None, issuer: str) -> bool:
    known = person.identifiers if person else ()
    return identity_levels(order.patient, entry.patient, known, issuer).agrees


def _same_exam(entry: WorklistEntry, order: Order) -> bool:
    if entry.requested_procedure_id and entry.requested_procedure_id == order.requested_procedure_id:
        return True
    day = day_of(entry.start)
    return any(day and step.modality == entry.modality and day_of(step.start) == day for step in order.steps)


class Finder:
    """Orders, found by the keys of entries."""

    def __init__(self, orders: Iterable[Order], people: Mapping[int, Person], issuer: str) -> None:
        self._people, self._issuer = people, issuer
        self._by_key: dict[Key, list[Order]] = defaultdict(list)
        for order in orders:
            for key in order_keys(order, people.get(order.person_id)):
                self._by_key[key].append(order)

    def near(self, entry: WorklistEntry) -> tuple[Order, ...]:
        """Those that share any key."""
        found = {order.id: order for key in entry_keys(entry) for order in self._by_key.get(key, ())}
        return tuple(found[order_id] for order_id in sorted(found))

    def orders_of(self, entry: WorklistEntry) -> tuple[Order, ...]:
        return tuple(one for one in self.near(entry) if is_of(entry, one, self.person(one), self._issuer))

    def person(self, order: Order) -> Person | None:
        return self._people.get(order.person_id)
