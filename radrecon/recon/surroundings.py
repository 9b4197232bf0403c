"""All that is known around one study when it is judged: orders, persons, what is taken, and by whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from radrecon.model.order import Order
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study
from radrecon.recon.compare import SAME, compare_id_sets
from radrecon.recon.identity import resolve, survivor_of
from radrecon.recon.normalise import accession_key, id_key


@dataclass(frozen=True)
class Surroundings:
    """All that is known around one study: what else could it be?"""

    study: Study
    orders: tuple[Order, ...]
    persons: Mapping[int, Person]
    truncated: bool
    taken: Mapping[int, int]
    watch: Watch
    linked: frozenset[int] = frozenset()  # persons whom registration has linked with the study's own
    persons_truncated: bool = False  # more namesakes or persons of one birth date than were looked at
    rivals: tuple[Study, ...] = ()  # other studies of this patient that carry no accession number either

    def person_of(self, order: Order) -> int:
        return survivor_of(order.person_id, self.persons)

    def is_taken(self, order: Order) -> bool:
        """By another study."""
        return self.taken.get(order.id, self.study.id) != self.study.id

    @cached_property
    def present_person(self) -> int:
        """Whom the images' present id leads to, after merges; 0 if to nobody known."""
        study = self.study
        if study.person_id:
            return survivor_of(study.person_id, self.persons)
        return resolve(study.facts.patient.patient_id, self.persons, self.watch.patient_id_issuer)

    @cached_property
    def number_holders(self) -> frozenset[int]:
        """Persons whose number reads as the images' does: of an issuer that they do not name, or but for zeros."""
        found, issuer = self.study.facts.patient.patient_id, self.watch.patient_id_issuer
        key = id_key(found.value)
        reading = {
            person.id: [
                each for each in (person.demographics.patient_id, *person.identifiers) if id_key(each.value) == key
            ]
            for person in self.persons.values()
            if key
        }
        holders = (
            number for number, known in reading.items() if known and compare_id_sets(found, known, issuer) in SAME
        )
        return frozenset(survivor_of(number, self.persons) for number in holders)

    @cached_property
    def namesakes(self) -> dict[int, bool]:
        """Persons who have one, as far as they were looked at."""
        return {}

    @cached_property
    def _by_number(self) -> dict[str, list[Order]]:
        found: dict[str, list[Order]] = defaultdict(list)
        for order in self.orders:
            found[accession_key(order.accession_number)].append(order)
        return found

    def numbered(self, accession: str) -> Sequence[Order]:
        """The orders of one accession number, however it is written."""
        key = accession_key(accession)
        return self._by_number.get(key, ()) if key else ()

    def linked_with(self, order: Order) -> Person | None:
        """The study's own person, where the order's is linked with them."""
        return self.persons.get(self.present_person) if self.person_of(order) in self.linked else None
