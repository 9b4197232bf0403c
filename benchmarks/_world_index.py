"""The index of one world in memory: what the store answers the reconciler, without a store.

The same keys, limits and rules as workflow/neighbourhood.py, and its three looks, so that the run measures what the
program would decide; a test holds the two against each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import log2
from typing import NamedTuple

from benchmarks._world import World
from benchmarks._world_exams import said_of_stations
from radrecon.model.altering import altered
from radrecon.model.order import Order, Outline, Timed
from radrecon.model.patient import PatientId
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study, StudyFacts
from radrecon.recon import aside
from radrecon.recon.classify import Neighbourhood, Verdict, classify
from radrecon.recon.compare import SAME, compare_accessions
from radrecon.recon.follow import is_companion
from radrecon.recon.issuers import as_issued, by_station, infer, inferred
from radrecon.recon.match import scale_of
from radrecon.recon.normalise import (
    accession_key,
    blocking_keys_of_order,
    blocking_keys_of_person,
    blocking_keys_of_study,
    fold,
)
from radrecon.recon.slots import Slot, Wanted, is_seen
from radrecon.recon.times import day_of
from radrecon.recon.weigh import DEFAULT, Weights
from radrecon.recon.wrong_pick import wanted_slots
from radrecon.store.blocking import COMMON
from radrecon.store.order_keys import BLOCK_LIMIT
from radrecon.store.person_keys import ALIKE_LIMIT
from radrecon.workflow.neighbourhood import COMMON_KEY, PERSONAL, STRONG, WEAK_LIMIT
from radrecon.workflow.surroundings import MOST_SLOTS

GENERATED = "radrecon"
MOST_UNNUMBERED = 100

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


class Keys:
    """Who holds which blocking key, as store/blocking.KeyTable."""

    def __init__(self) -> None:
        self.of: dict[Key, list[int]] = defaultdict(list)

    def add(self, holder: int, keys: Iterable[Key]) -> None:
        for key in keys:
            self.of[key].append(holder)

    def ranked(self, keys: Iterable[Key], most: int) -> tuple[list[int], bool]:
        """Those that share most come first, rare keys counting for more; and whether a key has more than `most`."""
        found = [self.of[key] for key in sorted(keys) if key in self.of]
        weights: dict[int, float] = {}
        for several in found:
            if len(several) <= most:
                weight = WEIGHTS[len(several)]
                for one in several:
                    weights[one] = weights.get(one, 0.0) + weight
        too_common = any(len(several) > most for several in found)
        return sorted(weights, key=lambda one: (-round(weights[one], 9), -one)), too_common


WEIGHTS = [COMMON, *(COMMON - log2(many) for many in range(1, BLOCK_LIMIT + 1))]


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
        self.outlines = {order.id: _outline(order) for order in world.radiology.orders}
        self.takers: dict[int, tuple[int, ...]] = {}
        self.due: dict[tuple[frozenset[str], str], Sequence[Timed]] = {}
        self.order_keys, self.person_keys = Keys(), Keys()
        for order in world.radiology.orders:
            self.order_keys.add(order.id, blocking_keys_of_order(self._with_identity(order)))
        for person in self.persons.values():
            if not person.merged_into:
                self.person_keys.add(person.id, blocking_keys_of_person(person.demographics))
        self.claims = _claims(self.persons)
        self.numbers = {
            person.id: frozenset(normal(one.value) for one in person.identifiers) for person in self.persons.values()
        }
        self.by_accession: dict[str, list[Study]] = defaultdict(list)
        self.by_uid: dict[str, list[int]] = defaultdict(list)
        self.studies = {study.id: study for study in world.studies}
        self.companions = frozenset(study.id for study in world.studies if is_companion(study.facts))
        self.by_request: dict[str, list[Study]] = defaultdict(list)
        self.unnumbered: dict[str, list[Study]] = defaultdict(list)
        self.by_number: dict[str, list[Study]] = defaultdict(list)
        for study in world.studies:
            self._file(study)

    def _file(self, study: Study) -> None:
        facts = study.facts
        if facts.accession_number:
            self.by_accession[facts.accession_number].append(study)
        number = normal(facts.patient.patient_id.value)
        self.by_number[number].append(study)
        if not accession_key(facts.accession_number):
            self.unnumbered[number].append(study)
        for accession in {item.accession_number for item in facts.requests} - {"", facts.accession_number}:
            self.by_request[accession].append(study)
        self.by_uid[facts.study_instance_uid].append(study.id)

    def _with_identity(self, order: Order) -> Order:
        person = self.persons.get(order.person_id)
        return order if person is None or person.quarantined else altered(order, patient=person.demographics)

    # -- neighbourhood -----------------------------------------------------------------------------------------------

    def decide(self, study: Study, watch: Watch, weights: Weights = DEFAULT) -> Verdict:
        """As workflow/neighbourhood.decide: without what changes nothing, over what is named exactly, over all."""
        own, keys = self._own(study), blocking_keys_of_study(study)
        exact, truncated = self._exact(keys)
        if not truncated and (found := self._at_once(own, exact, watch, weights)):
            return found
        if self._asks_more(own) or aside.named_by(own.facts, self._outlines(exact)):
            verdict = classify(self._load(own, exact, keys, truncated), watch, weights)
            if aside.is_plain(verdict):
                return verdict
        return classify(self._load(own, {*exact, *self._near(keys)}, keys, truncated), watch, weights)

    def _at_once(self, own: Study, exact: Sequence[int], watch: Watch, weights: Weights) -> Verdict | None:
        """Without the orders and persons that change nothing for images that name their order; None where any could."""
        outlines = self._outlines(exact)
        named, left = aside.named_by(own.facts, outlines), aside.left_out(own.facts, outlines)
        apart = {one.id for one in left}
        owners = {one.id: one.person_id for one in outlines if one.id not in apart}
        if self._asks_more(own) or len(named) != 1 or not own.person_id or set(owners.values()) != {own.person_id}:
            return None
        near = self._load(own, owners, (), truncated=False)
        verdict = classify(near, watch, weights)
        best = verdict.ranking.automatic
        if best is None or not aside.is_plain(verdict) or best.candidate.order_id != named[0].id:
            return None
        scale = scale_of(len(self.orders), watch, weights)
        return verdict if aside.changes_nothing(best, near.study, near.persons or {}, left, scale) else None

    def _outlines(self, ids: Iterable[int]) -> list[Outline]:
        return [self.outlines[one] for one in sorted(ids)]

    def _asks_more(self, own: Study) -> bool:
        return bool(own.facts.requests) or is_companion(own.facts)

    def neighbourhood(self, study: Study) -> Neighbourhood:
        """What the store would show: everything that may belong to a study."""
        keys = blocking_keys_of_study(study)
        exact, truncated = self._exact(keys)
        return self._load(self._own(study), {*exact, *self._near(keys)}, keys, truncated)

    def _own(self, study: Study) -> Study:
        """With the issuer that is inferred, and the person whom its number leads to."""
        issued = self._issued(study)
        number = as_issued(issued).facts.patient.patient_id
        return altered(issued, person_id=self.person(number) if number else 0)

    def _load(self, study: Study, ids: Iterable[int], keys: Iterable[Key], truncated: bool) -> Neighbourhood:
        """`keys`: of those who share a name or a number with the images."""
        facts = study.facts
        orders = [self.orders[order_id] for order_id in sorted(ids)]
        alike, too_common = self.person_keys.ranked((key for key in keys if key[0] in PERSONAL), ALIKE_LIMIT)
        wanted = {study.person_id, *alike, *(order.person_id for order in orders)}
        people = {one: self.persons[one] for one in sorted(wanted) if one in self.persons}
        return Neighbourhood(
            study=study,
            orders=tuple(self._as_known(order, facts) for order in orders),
            persons=people,
            study_person_id=study.person_id,
            taken=self._taken(study, orders),
            orders_total=len(self.orders),
            truncated=truncated,
            persons_truncated=too_common,
            rivals=self._rivals(study, people.get(study.person_id)),
            slots=self.slots(study, orders),
            sources=self._sources(study),
        )

    def _issued(self, study: Study) -> Study:
        """As workflow/neighbourhood.issued."""
        known = self.claims.get(normal(study.facts.patient.patient_id.value), ())
        holders = [(row.person_id, row.issuer) for row in known]
        return inferred(study, infer(study.facts, self.issuers, self.world.watch.patient_id_issuer, holders))

    def _exact(self, keys: Iterable[Key]) -> tuple[Sequence[int], bool]:
        found, too_common = self.order_keys.ranked((key for key in keys if key[0] in STRONG), BLOCK_LIMIT)
        return found[:BLOCK_LIMIT], too_common or len(found) > BLOCK_LIMIT

    def _near(self, keys: Iterable[Key]) -> Sequence[int]:
        found, _ = self.order_keys.ranked((key for key in keys if key[0] not in STRONG), COMMON_KEY)
        return found[:WEAK_LIMIT]

    def person(self, number: PatientId) -> int:
        """As store/persons.find: value and issuer exactly; an unknown issuer only where it is unambiguous."""
        rows = self.claims.get(normal(number.value), ())
        exact = [row for row in rows if row.issuer == number.issuer]
        exact = [row for row in exact if row.value == number.value] or exact
        loose = [row for row in rows if not (row.issuer and number.issuer)]
        found = exact or (loose if len({row.person_id for row in loose}) == 1 else [])
        return found[0].person_id if found else 0

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
                if self.studies[other_id].facts.study_instance_uid != study.facts.study_instance_uid:
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
                if normal(other.facts.patient.patient_id.value) in numbers and other.id not in self.companions
            ]
            known = self.takers[order.id] = (*naming, *self.by_uid.get(order.study_instance_uid, ()))
        return known

    def _naming(self, accession: str) -> Sequence[Study]:
        by_request = self.by_request.get(accession)
        by_accession = self.by_accession.get(accession, [])
        return [*by_request, *by_accession] if by_request else by_accession

    def _rivals(self, study: Study, person: Person | None) -> tuple[Study, ...]:
        """The same person's other studies without an accession number, the newest first."""
        if person is None or accession_key(study.facts.accession_number):
            return ()
        found = {one.id: one for number in self.numbers[person.id] for one in self.unnumbered.get(number, ())}
        newest = [found[one] for one in sorted(found, reverse=True)[:MOST_UNNUMBERED]]
        return tuple(one for one in newest if one.id != study.id and one.id not in self.companions)

    def _sources(self, study: Study) -> tuple[Study, ...]:
        """What a study of companions only may have been made from."""
        number = study.facts.accession_number
        if not number or not is_companion(study.facts):
            return ()
        return tuple(one for one in self.by_accession.get(number, ()) if one.id != study.id)

    # -- who was due there, as workflow/surroundings.slots_of --------------------------------------------------------

    def slots(self, study: Study, near: Sequence[Order], *, every: bool = False) -> tuple[Slot, ...]:
        """`every`: also those that can show nothing."""
        facts = study.facts
        day = day_of(facts.performed)
        named = [one for one in near if compare_accessions(one.accession_number, facts.accession_number) in SAME]
        if not day or not named or study.baseline:
            return ()
        wanted = self._wanted(study, near, named)
        if not wanted and not every:
            return ()
        stations = {fold(series.station_name) for series in facts.series}
        steps = [step for one in named for step in one.steps]
        stations |= {fold(name) for step in steps for name in (step.station_ae_title, step.station_name)}
        due = self._due(frozenset(stations - {""}), day)
        if not every:
            several = [each.chosen(due, lambda some: self._having(some, study)) for each in wanted]
            ids = {one.id for some in several for one in some}
            due = [one for one in due if one.id in ids]
        return tuple(self._slot(self.orders[one.id], study, day) for one in due)

    def _due(self, stations: frozenset[str], day: str) -> Sequence[Timed]:
        """Orders of a day at these stations; none where there are too many to be looked at."""
        known = self.due.get((stations, day))
        if known is None:
            keys = [("station_day", f"{station}/{day}") for station in stations]
            found, too_common = self.order_keys.ranked(keys, MOST_SLOTS)
            several = () if too_common or len(found) > MOST_SLOTS else sorted(found)
            orders = map(self.orders.__getitem__, several)
            known = [
                Timed(one.id, one.status, (one.steps[0].start,), one.arrived, one.ended)
                for one in orders
                if one.steps[0].start[:10] == day
            ]
            self.due[stations, day] = known
        return known

    def _wanted(self, study: Study, near: Sequence[Order], named: Sequence[Order]) -> list[Wanted]:
        uid, ids = study.facts.study_instance_uid, {one.id for one in named}
        headers = [one for one in near if one.id in ids or one.study_instance_uid == uid]
        taken = self._taken(study, headers)
        found = (wanted_slots(study.facts, one, twice=taken.get(one.id, study.id) != study.id) for one in headers)
        return [one for one in found if one]

    def _having(self, some: Sequence[Timed], study: Study) -> set[int]:
        return {one.id for one in some if self._images(self.orders[one.id], study)}

    def _images(self, order: Order, study: Study) -> list[StudyFacts]:
        having = [self.studies[one] for one in self.by_uid.get(order.study_instance_uid, ())]
        having += self.by_accession.get(order.accession_number) or self.by_request.get(order.accession_number, [])
        return [one.facts for one in having if one.id != study.id and one.id not in self.companions]

    def _slot(self, order: Order, study: Study, day: str) -> Slot:
        images = self._images(order, study)
        return Slot(order, images[0]) if images else Slot(order, seen=is_seen(order, self._others(order, study, day)))

    def _others(self, order: Order, study: Study, day: str) -> list[StudyFacts]:
        """Whatever else that patient has of that day."""
        found = [one for number in self.numbers.get(order.person_id, ()) for one in self.by_number.get(number, ())]
        return [
            one.facts
            for one in found
            if one.id != study.id and one.facts.performed[:10] == day and one.id not in self.companions
        ]


def _outline(order: Order) -> Outline:
    starts = tuple(step.start for step in order.steps)
    return Outline(order.id, order.person_id, order.accession_number, order.study_instance_uid, starts)


def _ours(order: Order) -> bool:
    return order.sources.get("study_instance_uid") == GENERATED


def _claims(persons: dict[int, Person]) -> dict[str, list[Claim]]:
    claims: dict[str, list[Claim]] = defaultdict(list)
    for person in persons.values():
        for one in person.identifiers:
            retired = one.issuer == person.demographics.patient_id.issuer and one != person.demographics.patient_id
            claims[normal(one.value)].append(Claim(person.id, one.issuer, retired, one.value))
    for rows in claims.values():
        rows.sort(key=lambda row: row.retired)
    return claims
