"""The worklist of another system beside the orders that were heard: what is missing there, and what was never ordered.

A list is judged as it stood when it was last asked for and answered in full; `now` is never read. What cannot be judged
(the source is down, the list was cut off) is kept as it is: silence is no evidence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from radrecon.config import ModalityConfig
from radrecon.model.case import CaseKind, CaseOwner, Difference, Finding, Weight
from radrecon.model.order import Order
from radrecon.model.person import Person, Watch
from radrecon.model.ris_worklist import Listed, ListState, WorklistEntry
from radrecon.recon.compare import differences
from radrecon.recon.identity import cannot_be_one
from radrecon.recon.ris_match import Finder
from radrecon.recon.ris_scope import callers_in_scope, window
from radrecon.recon.ris_words import mismatch_cause, missing_cause, never_ordered_cause, wall_of

PLAIN, GRAVE = 2, 3
STAT = ("S", "STAT", "A", "ASAP")


@dataclass(frozen=True)
class RisView:
    """All that is known of one source and of the orders near it.

    `states` and `modalities` by AE title; `listed`: what stands on its lists, `gone`: the last stay of what does no
    more, by order; `heard`: when each order was last heard of; `performed`: orders whose images are there.
    """

    source: str
    modalities: tuple[ModalityConfig, ...]
    states: Mapping[str, ListState]
    listed: tuple[Listed, ...]
    orders: tuple[Order, ...]
    people: Mapping[int, Person]
    waiting: frozenset[int] = frozenset()
    heard: Mapping[int, datetime] = field(default_factory=dict)
    performed: frozenset[int] = frozenset()
    gone: tuple[Listed, ...] = ()
    grace: timedelta = timedelta(minutes=5)
    coverage: timedelta = timedelta(days=30)


@dataclass(frozen=True)
class Judgement:
    """`findings`: cases that should be open; `kept`: subjects that cannot be judged now and stay as they are."""

    findings: tuple[Finding, ...] = ()
    kept: frozenset[str] = frozenset()


def order_subject(source: str, order: Order) -> str:
    return f"ris:{source}/order:{order.id}"


def entry_subject(source: str, key: str) -> str:
    return f"ris:{source}/entry:{key}"


def classify_lists(view: RisView, watch: Watch) -> Judgement:
    """Every waiting order, and every entry, of one source."""
    judging = _Judging(view, watch)
    judging.judge()
    return Judgement(tuple(judging.findings), frozenset(judging.kept))


def as_listed(entry: WorklistEntry, source: str) -> dict[str, Any]:
    """What a person is shown of an entry. Its UID is left out: some systems make a new one for each answer."""
    return {
        "source": source,
        "accession_number": entry.accession_number,
        "patient_id": entry.patient.patient_id.value,
        "issuer_of_patient_id": entry.patient.patient_id.issuer,
        "patient_name": str(entry.patient.name),
        "patient_birth_date": entry.patient.birth_date,
        "patient_sex": entry.patient.sex,
        "modality": entry.modality,
        "scheduled_station_ae_title": entry.station_ae_title,
        "scheduled_start": entry.start,
        "requested_procedure_description": entry.requested_procedure_description or entry.step_description,
        "flags": list(entry.flags),
    }


class _Judging:
    """One pass over one source."""

    def __init__(self, view: RisView, watch: Watch) -> None:
        self.view, self.watch = view, watch
        self.findings: list[Finding] = []
        self.kept: set[str] = set()
        self.finder = Finder(view.orders, view.people, watch.patient_id_issuer)
        self.entries: dict[str, list[Listed]] = defaultdict(list)
        for one in view.listed:
            self.entries[one.key].append(one)
        self.of_key = {key: self.finder.orders_of(stays[0].entry) for key, stays in self.entries.items()}
        self.keys_of_order: dict[int, list[str]] = defaultdict(list)
        for key, orders in self.of_key.items():
            for order in orders:
                self.keys_of_order[order.id].append(key)
        self.between = {
            one.ae_title: window(one, watch.zone, state.complete_at)
            for one in view.modalities
            if (state := view.states.get(one.ae_title)) and state.complete_at
        }

    def judge(self) -> None:
        for order in self.view.orders:
            if order.id in self.keys_of_order:
                self._compare(order)
            elif order.id in self.view.waiting:
                self._missing(order)
        for key, stays in self.entries.items():
            if not self.of_key[key]:
                self._never_ordered(key, stays)

    # -- ordered, but not on the list ---------------------------------------------------------------------------------

    def _missing(self, order: Order) -> None:
        unknown = {one.ae_title for one in self.view.modalities} - set(self.between)
        callers = callers_in_scope(order, self.view.modalities, self.between)
        states = [self.view.states[one.ae_title] for one in callers]
        if any(not state.is_current for state in states) or (unknown and not callers):
            self.kept.add(order_subject(self.view.source, order))
        elif callers and self._should_be_there(order, states):
            self.findings.append(self._missing_finding(order, [one.ae_title for one in callers]))

    def _should_be_there(self, order: Order, states: Sequence[ListState]) -> bool:
        asked = min(state.complete_at for state in states if state.complete_at)
        stay = self._last_stay(order)
        moments = [self.view.heard.get(order.id, asked), *([stay.gone_at] if stay and stay.gone_at else [])]
        days = [step.start[:10] for step in order.steps]
        return (
            order.id not in self.view.performed
            and max(days) >= self.watch.watch_from.isoformat()
            and asked - max(moments) >= self.view.grace
        )

    def _last_stay(self, order: Order) -> Listed | None:
        """The latest of the entries that were this order's."""
        own = (one for one in self.view.gone if order in self.finder.orders_of(one.entry) and one.gone_at)
        return max(own, key=lambda one: (one.gone_at, one.id), default=None)

    def _missing_finding(self, order: Order, stations: Sequence[str]) -> Finding:
        stay = self._last_stay(order)
        until = wall_of(stay.gone_at, self.watch.zone) if stay and stay.gone_at else ""
        return Finding(
            CaseKind.NOT_ON_RIS_WORKLIST,
            order_subject(self.view.source, order),
            missing_cause(order, self.view.source, stations, until),
            CaseOwner.RIS,
            GRAVE if order.priority.upper() in STAT else PLAIN,
            order_id=order.id,
            person_id=order.person_id,
            evidence={
                "source": self.view.source,
                "stations": sorted(stations),
                "accession_number": order.accession_number,
                "starts": sorted({step.start for step in order.steps}),
                "was_listed_until": until,
            },
        )

    # -- on the list, never ordered -----------------------------------------------------------------------------------

    def _never_ordered(self, key: str, stays: Sequence[Listed]) -> None:
        states = [self.view.states[one.station] for one in stays if one.station in self.view.states]
        current = [state.complete_at for state in states if state.is_current and state.complete_at]
        if not current:
            self.kept.add(entry_subject(self.view.source, key))
        elif self._should_be_ordered(stays, max(current)):
            self.findings.append(self._never_ordered_finding(key, stays))

    def _should_be_ordered(self, stays: Sequence[Listed], asked: datetime) -> bool:
        """Orders are heard since long before, or at least since before the entry was put there under our eyes."""
        since, first = self.watch.orders_since, min(one.first_seen for one in stays)
        if since is None:
            return False
        covered = since + self.view.coverage <= first or (since <= first and all(one.fresh for one in stays))
        day = stays[0].entry.start[:10]
        return covered and not (day and day < self.watch.watch_from.isoformat()) and asked - first >= self.view.grace

    def _never_ordered_finding(self, key: str, stays: Sequence[Listed]) -> Finding:
        entry, stations = stays[0].entry, sorted({one.station for one in stays})
        near = [order for order in self.finder.near(entry) if order.id in self.view.waiting]
        person = next((order.person_id for order in self.finder.near(entry)), 0)
        return Finding(
            CaseKind.NEVER_ORDERED,
            entry_subject(self.view.source, key),
            never_ordered_cause(entry, self.view.source, stations, near),
            CaseOwner.RIS,
            PLAIN,
            person_id=person,
            evidence={
                "source": self.view.source,
                "stations": stations,
                "near": [order.id for order in near],
                "listed": as_listed(entry, self.view.source),
            },
        )

    # -- on both, and not alike ---------------------------------------------------------------------------------------

    def _compare(self, order: Order) -> None:
        stays = [one for key in self.keys_of_order[order.id] for one in self.entries[key]]
        current = [one for one in stays if self._is_current(one)]
        if not current:
            self.kept.add(order_subject(self.view.source, order))
            return
        unlike = next(self._unlike(order, current), None)
        if unlike is not None:
            self.findings.append(self._mismatch_finding(order, *unlike))

    def _is_current(self, one: Listed) -> bool:
        state = self.view.states.get(one.station)
        return state is not None and state.is_current

    def _unlike(self, order: Order, stays: Sequence[Listed]) -> Iterator[tuple[Listed, tuple[Difference, ...]]]:
        """Entries that name another identity, after the grace, of an order that is still to be done."""
        person = self.finder.person(order)
        if order.id not in self.view.waiting or (person and person.quarantined):
            return
        changed = person.updated_at if person else None
        for one in stays:
            asked = self.view.states[one.station].complete_at or one.first_seen
            ripe = asked - max(one.first_seen, changed or one.first_seen) >= self.view.grace
            found = self._differences(order, one)
            if ripe and any(each.weight is Weight.DIFFERS for each in found) and not self._anothers(one, order):
                yield one, found

    def _differences(self, order: Order, one: Listed) -> tuple[Difference, ...]:
        return differences(order.patient, one.entry.patient, self.watch.patient_id_issuer)

    def _anothers(self, one: Listed, order: Order) -> bool:
        """Several orders may share an accession number: the entry is fine if it is like any of them."""
        others = [other for other in self.of_key[one.key] if other.id != order.id]
        return any(all(each.weight is not Weight.DIFFERS for each in self._differences(other, one)) for other in others)

    def _mismatch_finding(self, order: Order, one: Listed, found: tuple[Difference, ...]) -> Finding:
        known = person.identifiers if (person := self.finder.person(order)) else ()
        another = cannot_be_one(order.patient, one.entry.patient, self.watch.patient_id_issuer, known)
        unlike = [each for each in found if each.weight is Weight.DIFFERS]
        return Finding(
            CaseKind.WORKLIST_MISMATCH,
            order_subject(self.view.source, order),
            mismatch_cause(order, one.entry, self.view.source, unlike, another=another),
            CaseOwner.RIS,
            GRAVE if another else PLAIN,
            order_id=order.id,
            person_id=order.person_id,
            differences=found,
            evidence={
                "source": self.view.source,
                "accession_number": order.accession_number,
                "differences": [[each.field, each.truth, each.found] for each in unlike],
                "listed": as_listed(one.entry, self.view.source),
            },
        )
