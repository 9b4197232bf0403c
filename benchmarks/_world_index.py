"""The index of one world in memory: what the store answers the reconciler, without a store.

The same keys, limits and rules as workflow/reconcile.py (load_neighbourhood) and store/orders.by_keys, so that the
run measures what the program would decide; a test holds the two against each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from benchmarks._world import World
from benchmarks._world_exams import said_of_stations
from radrecon.model.altering import altered
from radrecon.model.order import Order, StepStatus
from radrecon.model.patient import PatientId
from radrecon.model.person import Person
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.classify import Neighbourhood
from radrecon.recon.compare import SAME, compare_accessions
from radrecon.recon.issuers import as_issued, by_station, issuer_of
from radrecon.recon.normalise import accession_key, blocking_keys_of_order, blocking_keys_of_study, fold
from radrecon.recon.times import day_of
from radrecon.recon.wrong_pick import Slot

STRONG = frozenset(("accession", "uid", "patient_id", "name_birth"))
BLOCK_LIMIT, WEAK_LIMIT, ALIKE_LIMIT = 200, 60, 100
MOST_SLOTS = 200
DONE = frozenset((StepStatus.COMPLETED, StepStatus.STARTED))
DAY = len("1960-05-17")
GENERATED = "radrecon"

Key = tuple[str, str]


class Claim(NamedTuple):
    """One identifier and whom it leads to."""

    person_id: int
    issuer: str
    retired: bool
    value: str


def normal(value: str) -> str:
    folded = "".join(value.split()).casefold()
    return folded.lstrip("0") or folded


class Index:
    """Orders by key, persons by number and birth date, studies by accession number and UID."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.issuers = by_station(said_of_stations())
        self.persons = world.register.persons
        self.orders = {order.id: order for order in world.radiology.orders}
        self.named = {order.id: self._as_named(order) for order in world.radiology.orders}
        self.unnamed = {
            order.id: altered(order, study_instance_uid="") for order in self.named.values() if _ours(order)
        }
        self.slots: dict[int, tuple[Slot, frozenset[int]]] = {}
        self.takers: dict[int, tuple[int, ...]] = {}
        self.by_key: dict[Key, list[int]] = defaultdict(list)
        for order in world.radiology.orders:
            for key in blocking_keys_of_order(self._with_identity(order)):
                self.by_key[key].append(order.id)
        self.claims, self.born = _claims(self.persons), _born(self.persons)
        self.numbers = {
            person.id: frozenset(normal(one.value) for one in person.identifiers) for person in self.persons.values()
        }
        self.by_accession: dict[str, list[Study]] = defaultdict(list)
        self.by_uid: dict[str, list[int]] = defaultdict(list)
        self.studies = {study.id: study for study in world.studies}
        self.by_request: dict[str, list[Study]] = defaultdict(list)
        self.unnumbered: dict[int, list[Study]] = defaultdict(list)
        for study in world.studies:
            self._file(study)

    def _file(self, study: Study) -> None:
        facts = study.facts
        if facts.accession_number:
            self.by_accession[facts.accession_number].append(study)
        if not accession_key(facts.accession_number) and (person_id := self.person(facts.patient.patient_id)):
            self.unnumbered[person_id].append(study)
        for accession in {item.accession_number for item in facts.requests} - {"", facts.accession_number}:
            self.by_request[accession].append(study)
        self.by_uid[facts.study_instance_uid].append(study.id)

    def _with_identity(self, order: Order) -> Order:
        person = self.persons.get(order.person_id)
        return order if person is None or person.quarantined else altered(order, patient=person.demographics)

    # -- neighbourhood -----------------------------------------------------------------------------------------------

    def neighbourhood(self, study: Study) -> Neighbourhood:
        study = self._issued(study)
        facts, number = study.facts, as_issued(study).facts.patient.patient_id
        person_id = self.person(number) if number else 0
        ids, truncated = self._candidates(study)
        orders = [self.orders[order_id] for order_id in sorted(ids)]
        wanted = {person_id, *self.born_on(facts.patient.birth_date), *(order.person_id for order in orders)}
        people = {one: self.persons[one] for one in wanted if one in self.persons}
        return Neighbourhood(
            study=altered(study, person_id=person_id),
            orders=tuple(self._as_known(order, facts) for order in orders),
            persons=people,
            study_person_id=person_id,
            taken=self._taken(study, orders),
            orders_total=len(self.orders),
            truncated=truncated,
            persons_truncated=len(self.born.get(facts.patient.birth_date, ())) > ALIKE_LIMIT,
            rivals=self._rivals(study, person_id),
            slots=self._slots(study, orders),
        )

    def _issued(self, study: Study) -> Study:
        """As workflow/neighbourhood.issued."""
        found = issuer_of(study.facts, self.issuers)
        known = self.claims.get(normal(study.facts.patient.patient_id.value), ())
        if found is None or all(row.issuer != found.issuer for row in known):
            return study
        return altered(study, issuer_by_station=found.issuer, station_of_issuer=found.station)

    def _candidates(self, study: Study) -> tuple[Iterable[int], bool]:
        keys = blocking_keys_of_study(study)
        exact = self._shared(key for key in keys if key[0] in STRONG)
        near = self._shared(keys)
        first = _most(exact, BLOCK_LIMIT)
        return {*first, *_most(near, WEAK_LIMIT)}, len(exact) > BLOCK_LIMIT

    def _shared(self, keys: Iterable[Key]) -> dict[int, int]:
        """Order → how many keys it shares."""
        counts: dict[int, int] = {}
        for key in keys:
            for order_id in self.by_key.get(key, ()):
                counts[order_id] = counts.get(order_id, 0) + 1
        return counts

    def person(self, number: PatientId) -> int:
        """As store/persons.find: value and issuer exactly; an unknown issuer only where it is unambiguous."""
        rows = self.claims.get(normal(number.value), ())
        exact = [row for row in rows if row.issuer == number.issuer]
        exact = [row for row in exact if row.value == number.value] or exact
        loose = [row for row in rows if not (row.issuer and number.issuer)]
        found = exact or (loose if len({row.person_id for row in loose}) == 1 else [])
        return found[0].person_id if found else 0

    def born_on(self, birth: str) -> Sequence[int]:
        return self.born.get(birth, ())[:ALIKE_LIMIT] if len(birth) == DAY else ()

    def _as_named(self, order: Order) -> Order:
        """A chimera is judged by its person alone."""
        return self._with_identity(order) if "identity_conflict" in order.flags else order

    def _as_known(self, order: Order, facts: StudyFacts) -> Order:
        """A UID of our own making is evidence where it agrees and none where not."""
        unnamed = self.unnamed.get(order.id)
        if unnamed and order.study_instance_uid != facts.study_instance_uid:
            return unnamed
        return self.named[order.id]

    def _taken(self, study: Study, near: Sequence[Order]) -> dict[int, int]:
        taken: dict[int, int] = {}
        for order in near:
            for other_id in self._takers_of(order):
                if other_id != study.id:
                    taken[order.id] = other_id
        return taken

    def _takers_of(self, order: Order) -> tuple[int, ...]:
        """Every study that has this order, by accession number and patient, or by UID."""
        known = self.takers.get(order.id)
        if known is None:
            numbers = self.numbers.get(order.person_id, frozenset())
            naming = [
                other.id
                for other in self._naming(order.accession_number)
                if normal(other.facts.patient.patient_id.value) in numbers
            ]
            known = self.takers[order.id] = (*naming, *self.by_uid.get(order.study_instance_uid, ()))
        return known

    def _naming(self, accession: str) -> Sequence[Study]:
        by_request = self.by_request.get(accession)
        by_accession = self.by_accession.get(accession, [])
        return [*by_request, *by_accession] if by_request else by_accession

    def _rivals(self, study: Study, person_id: int) -> tuple[Study, ...]:
        """The same person's other studies of that week without an accession number."""
        if not person_id or accession_key(study.facts.accession_number):
            return ()
        found = [one for one in self.unnumbered.get(person_id, ()) if one.id != study.id]
        return tuple(one for one in found if _within_a_week(one.facts.performed, study.facts.performed))

    # -- who was due there, as workflow/surroundings.slots_of --------------------------------------------------------

    def _slots(self, study: Study, near: Sequence[Order]) -> tuple[Slot, ...]:
        facts = study.facts
        day = day_of(facts.performed)
        named = [one for one in near if compare_accessions(one.accession_number, facts.accession_number) in SAME]
        if not day or not named or study.baseline:
            return ()
        stations = {fold(series.station_name) for series in facts.series}
        stations |= {fold(step.station_ae_title) for one in named for step in one.steps}
        found = self._shared(("station_day", f"{station}/{day}") for station in stations - {""})
        if len(found) > MOST_SLOTS:
            return ()
        due = [one for one in map(self.orders.__getitem__, sorted(found)) if one.steps[0].start[:10] == day]
        return tuple(self._slot(one, study) for one in due)

    def _slot(self, order: Order, study: Study) -> Slot:
        known = self.slots.get(order.id)
        if known is None or study.id in known[1]:
            having = [self.studies[one] for one in self.by_uid.get(order.study_instance_uid, ())]
            having += self.by_accession.get(order.accession_number) or self.by_request.get(order.accession_number, [])
            if known:
                return _slot_of(order, [one for one in having if one.id != study.id])
            self.slots[order.id] = _slot_of(order, having), frozenset(one.id for one in having)
            return self._slot(order, study)
        return known[0]


def _slot_of(order: Order, having: Sequence[Study]) -> Slot:
    images = having[0].facts if having else None
    return Slot(order, images is not None or order.status in DONE, images)


def _ours(order: Order) -> bool:
    return order.sources.get("study_instance_uid") == GENERATED


def _within_a_week(one: str, other: str) -> bool:
    return abs((date.fromisoformat(one[:10]) - date.fromisoformat(other[:10])).days) <= 7


def _most(counts: dict[int, int], limit: int) -> Iterable[int]:
    """Those that share most first, the newest first among equals."""
    if len(counts) <= limit:
        return counts
    return sorted(counts, key=lambda order_id: (-counts[order_id], -order_id))[:limit]


def _claims(persons: dict[int, Person]) -> dict[str, list[Claim]]:
    claims: dict[str, list[Claim]] = defaultdict(list)
    for person in persons.values():
        for one in person.identifiers:
            retired = one.issuer == person.demographics.patient_id.issuer and one != person.demographics.patient_id
            claims[normal(one.value)].append(Claim(person.id, one.issuer, retired, one.value))
    for rows in claims.values():
        rows.sort(key=lambda row: row.retired)
    return claims


def _born(persons: dict[int, Person]) -> dict[str, list[int]]:
    born: dict[str, list[int]] = defaultdict(list)
    for person in persons.values():
        if not person.merged_into:
            born[person.demographics.birth_date].append(person.id)
    return born
