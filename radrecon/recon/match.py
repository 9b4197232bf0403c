"""Which order a study belongs to: ranked candidates with a null, and what forbids linking by itself.

Vetoes come before scores. A probability only ranks; an association without a person needs the order named by the
images, an identity that agrees, and no veto. Everything is a function of facts and people's decisions, so that the
order of arrival does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp2

from radrecon.model.case import Candidate
from radrecon.model.order import Order
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study
from radrecon.recon.evidence import Evidence, weigh_order
from radrecon.recon.veto import Surroundings, Veto, vetoes

NO_ORDER = 0.05
SMALLEST_COUNT = 1000
SHOWN = 9
STRONGEST = 400.0


@dataclass(frozen=True)
class Weighed:
    """A candidate with what it was made from."""

    candidate: Candidate
    evidence: Evidence
    vetoes: tuple[Veto, ...]
    person_id: int

    @property
    def automatic(self) -> bool:
        return self.evidence.order_key and self.evidence.identity.agrees and not self.vetoes


@dataclass(frozen=True)
class Ranking:
    """Candidates best first. `null_probability`: no order that was heard fits; `weighed` is parallel to candidates."""

    candidates: tuple[Candidate, ...] = ()
    null_probability: float = 1.0
    best_person_probability: float = 0.0
    weighed: tuple[Weighed, ...] = ()

    @property
    def automatic(self) -> Weighed | None:
        """The one order that may be associated without a person; two of them are none."""
        found = [each for each in self.weighed if each.automatic]
        return found[0] if len(found) == 1 else None


def candidates(
    study: Study,
    orders: Sequence[Order],
    persons: Mapping[int, Person],
    *,
    orders_total: int,
    truncated: bool,
    taken: Mapping[int, int],
    watch: Watch,
    linked: frozenset[int] = frozenset(),
) -> Ranking:
    """Rank the orders that share a key with a study.

    `taken`: orders that another study has by a person's decision or by accession and UID; `truncated`: the list of
    orders was cut off. `study.person_id` is whom its present id leads to (0: looked up in `persons`); `linked` are
    those whom registration has linked with them.
    """
    around = Surroundings(study, tuple(orders), persons, truncated, taken, watch, linked)
    count = max(orders_total, len(orders), SMALLEST_COUNT)
    all_evidence = [
        weigh_order(
            study.facts,
            order,
            persons.get(around.person_of(order)),
            count,
            watch.patient_id_issuer,
            around.linked_with(order),
        )
        for order in sorted(orders, key=lambda order: order.id)
    ]
    return _rank(all_evidence, around, count)


def _rank(all_evidence: Sequence[Evidence], around: Surroundings, count: int) -> Ranking:
    """Posterior by two questions: which patient, and which of their orders, or none.

    Each patient brings a hypothesis "this patient, an order never heard", else a patient's only order would win by
    the patient alone.
    """
    groups = _by_person(all_evidence, around)
    order_prior, patient_prior = (1 - NO_ORDER) / count, NO_ORDER / count
    weights = [order_prior * _power(each.bits) for each in all_evidence]
    nulls = {key: patient_prior * _power(max(all_evidence[at].patient_bits for at in group)) for key, group in groups}
    total = NO_ORDER + sum(weights) + sum(nulls.values())
    persons = [(nulls[key] + sum(weights[at] for at in group)) / total for key, group in groups]
    ranked = sorted(zip(all_evidence, weights, strict=True), key=lambda pair: _rank_key(pair[0]))
    best = [(each, weight) for each, weight in ranked if _worth_showing(each)][:SHOWN]
    shown = [_weighed(each, weight / total, around) for each, weight in best]
    null = (NO_ORDER + sum(nulls.values())) / total
    return Ranking(tuple(each.candidate for each in shown), null, max(persons, default=0.0), tuple(shown))


def _power(bits: float) -> float:
    return exp2(max(-STRONGEST, min(bits, STRONGEST)))


def _by_person(all_evidence: Sequence[Evidence], around: Surroundings) -> list[tuple[int, list[int]]]:
    """Positions by person; an order of nobody known is a group of its own."""
    groups: dict[int, list[int]] = defaultdict(list)
    for at, each in enumerate(all_evidence):
        groups[around.person_of(each.order) or -1 - at].append(at)
    return list(groups.items())


def _weighed(each: Evidence, probability: float, around: Surroundings) -> Weighed:
    found = vetoes(each, around)
    order = each.order
    words = tuple(veto.text for veto in found)
    candidate = Candidate(order.id, order.accession_number, probability, each.bits, each.reasons, words)
    return Weighed(candidate, each, found, around.person_of(order))


def _worth_showing(each: Evidence) -> bool:
    return each.bits > 0 or each.order_key


def _rank_key(each: Evidence) -> tuple[float, int]:
    return -each.bits, each.order.id
