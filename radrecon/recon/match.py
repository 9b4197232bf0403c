"""Which order a study belongs to: ranked candidates with a null, and what forbids linking by itself.

Vetoes come before scores. A probability only ranks; an association without a person needs an identifier that agrees,
an identity that agrees with it, near certainty of the patient and of the order within the patient, and no veto.
Everything is a function of facts and people's decisions, so that the order of arrival does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp2, log2

from radrecon.model.altering import altered
from radrecon.model.case import Candidate, Odds
from radrecon.model.order import Order
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study
from radrecon.recon.bound import bound_of, shares_of
from radrecon.recon.evidence import Evidence, Scale, is_dead, weigh_order
from radrecon.recon.issuers import as_issued, in_words
from radrecon.recon.learned import UNTAUGHT, Learned
from radrecon.recon.normalise import accession_key
from radrecon.recon.veto import Surroundings, Veto, VetoKind, conflict_of, vetoes
from radrecon.recon.weigh import DEFAULT, Weights

SMALLEST_COUNT = 1000
SHOWN = 9
STRONGEST = 400.0
BEHIND = 30.0  # bits: an order that is a billion times less likely than the best is not weighed
LARGEST_MARGIN = 99.0

PATIENT_ENOUGH = 0.9999
MARGIN_ENOUGH = 14.0  # bits between a person and any other, and nobody
ORDER_ENOUGH = 0.999  # of the patient's orders, or none of them
BETTER_FIT = 3.0  # bits: what was done speaks for another of the patient's orders

BY_ACCESSION, BY_PATIENT_ID = "link_by_accession", "link_by_patient_id"


@dataclass(frozen=True)
class Standing:
    """Where a candidate stands among all: its patient, its order within the patient, and the margin in bits."""

    patient_probability: float
    order_probability: float
    margin: float
    better: str = ""  # the patient's order that what was done speaks for instead


@dataclass(frozen=True)
class Weighed:
    """A candidate with what it was made from."""

    candidate: Candidate
    evidence: Evidence
    vetoes: tuple[Veto, ...]
    person_id: int
    standing: Standing = Standing(0.0, 0.0, 0.0)

    @property
    def automatic(self) -> bool:
        return not self.vetoes

    @property
    def rule(self) -> str:
        """The rule by which it may be associated without a person; "" where none may."""
        if not self.automatic:
            return ""
        return BY_ACCESSION if self.evidence.order_key else BY_PATIENT_ID


@dataclass(frozen=True)
class Ranking:
    """Candidates best first. `null_probability`: no order that was heard fits; `weighed` is parallel to candidates.

    `margin`: bits between the likeliest person and the next one, or nobody.
    """

    candidates: tuple[Candidate, ...] = ()
    null_probability: float = 1.0
    best_person_probability: float = 0.0
    weighed: tuple[Weighed, ...] = ()
    margin: float = 0.0

    @property
    def automatic(self) -> Weighed | None:
        """The one order that may be associated without a person; two of them are none."""
        found = [each for each in self.weighed if each.automatic]
        return found[0] if len(found) == 1 else None

    @property
    def odds(self) -> Odds:
        return Odds(self.best_person_probability, self.null_probability, self.margin)


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
    persons_truncated: bool = False,
    rivals: tuple[Study, ...] = (),
    weights: Weights = DEFAULT,
    learned: Learned = UNTAUGHT,
) -> Ranking:
    """Rank the orders that share a key with a study.

    `taken`: orders that another study has by a person's decision or by accession and UID; `truncated`: the list of
    orders was cut off, `persons_truncated` that of persons. `study.person_id` is whom its present id leads to (0:
    looked up in `persons`); `linked` are those whom registration has linked with them; `rivals` are other studies of
    this patient without an accession number. A number whose issuer was inferred is read as that one's.
    """
    study = as_issued(study)
    around = Surroundings(study, tuple(orders), persons, truncated, taken, watch, linked, persons_truncated, rivals)
    scale = scale_of(max(orders_total, len(orders)), watch, weights, learned)
    return _rank(_evidence(around, scale), around, scale, learned)


def scale_of(orders_total: int, watch: Watch, weights: Weights = DEFAULT, learned: Learned = UNTAUGHT) -> Scale:
    """What levels are worth at a site of so many orders."""
    return Scale(max(orders_total, SMALLEST_COUNT), watch.patient_id_issuer, weights, learned.names)


def _evidence(around: Surroundings, scale: Scale) -> list[Evidence]:
    """Of the orders that may count, by id: those that something specific speaks for, and those not hopelessly behind.

    What shares no number and no birth date can bring only so much, and is compared only where that is enough.
    """
    named, others = _parted(around)
    found = [_weigh(order, around, scale) for order in named]
    found += _catching_up(others, max((each.bits for each in found), default=0.0), around, scale)
    best = max((each.bits for each in found), default=0.0)
    kept = [each for each in found if each.order_key or each.identity.agrees or each.bits >= best - BEHIND]
    return sorted(kept, key=lambda each: each.order.id)


def _catching_up(others: Sequence[Order], best: float, around: Surroundings, scale: Scale) -> Iterator[Evidence]:
    bound = bound_of(around.study.facts, scale)
    if bound.loose < best - BEHIND:
        return
    for order in others:
        if bound.tight(order, around.persons.get(around.person_of(order))) >= best - BEHIND:
            yield _weigh(order, around, scale)


def _weigh(order: Order, around: Surroundings, scale: Scale) -> Evidence:
    person = around.persons.get(around.person_of(order))
    facts, linked = around.study.facts, around.linked_with(order)
    found = weigh_order(facts, order, person, scale, linked, around.is_taken(order))
    return _as_inferred(found, around.study) if around.study.inferred_issuer else found


def _as_inferred(evidence: Evidence, study: Study) -> Evidence:
    """The patient number's reason says by what its issuer is known: the images do not."""
    said = tuple(
        altered(one, text=f"{one.text}; {in_words(study)}") if one.field == "patient_id" else one
        for one in evidence.reasons
    )
    return altered(evidence, reasons=said)


def _parted(around: Surroundings) -> tuple[list[Order], list[Order]]:
    """Orders that share a number or the birth date with the images, or are a linked patient's; and the others."""
    named: list[Order] = []
    others: list[Order] = []
    sharing = shares_of(around.study.facts)
    people = {person.id for person in around.persons.values() if sharing.person(person)}
    for order in around.orders:
        person_id = around.person_of(order)
        near = person_id in people or person_id in around.linked or sharing.order(order)
        (named if near else others).append(order)
    return named, others


def _rank(all_evidence: Sequence[Evidence], around: Surroundings, scale: Scale, learned: Learned) -> Ranking:
    """Posterior by two questions: which patient, and which of their orders, or none.

    Each patient brings a hypothesis "this patient, an order never heard", else a patient's only order would win by
    the patient alone.
    """
    no_order = _no_order(around, scale.weights)
    groups = _by_person(all_evidence, around)
    order_prior, patient_prior = (1 - no_order) / scale.count, no_order / scale.count
    weights = [order_prior * _power(each.bits) for each in all_evidence]
    nulls = {key: patient_prior * _power(max(all_evidence[at].patient_bits for at in group)) for key, group in groups}
    sums = {key: nulls[key] + sum(weights[at] for at in group) for key, group in groups}
    total = no_order + sum(sums.values())
    margins = _margins(sums, no_order)
    standings = {
        all_evidence[at].order.id: Standing(
            sums[key] / total, weights[at] / sums[key], margins[key], _better(all_evidence, at, group, around)
        )
        for key, group in groups
        for at in group
    }
    ranked = sorted(zip(all_evidence, weights, strict=True), key=lambda pair: _rank_key(pair[0]))
    best = [(each, weight) for each, weight in ranked if _worth_showing(each)][:SHOWN]
    shown = [_weighed(each, weight / total, standings[each.order.id], around, learned) for each, weight in best]
    null = (no_order + sum(nulls.values())) / total
    likeliest = max(sums, key=sums.__getitem__, default=0)
    return Ranking(
        tuple(each.candidate for each in shown),
        null,
        sums.get(likeliest, 0.0) / total,
        tuple(shown),
        margins.get(likeliest, 0.0),
    )


def _no_order(around: Surroundings, weights: Weights) -> float:
    """How often nothing was ordered, of studies that say as much of where they come from as this one."""
    facts = around.study.facts
    if not around.present_person and facts.patient.patient_id and not shares_of(facts).any_number(around.orders):
        return weights.no_order_stranger
    return weights.no_order if accession_key(facts.accession_number) else weights.no_order_unnumbered


def _power(bits: float) -> float:
    return exp2(max(-STRONGEST, min(bits, STRONGEST)))


def _margins(sums: Mapping[int, float], nobody: float) -> dict[int, float]:
    """Bits of each person over the likeliest other one, or nobody."""
    ranked = sorted(sums.values(), reverse=True)[:2]
    found = {}
    for key, own in sums.items():
        other = next((each for each in ranked if each != own), 0.0) if ranked.count(own) < 2 else own
        found[key] = round(min(LARGEST_MARGIN, log2(own / max(nobody, other))), 1)
    return found


def _better(all_evidence: Sequence[Evidence], at: int, group: Sequence[int], around: Surroundings) -> str:
    """Another open order of the patient that modality, body part, side, station and time speak for, clearly."""
    own = all_evidence[at]
    others = (all_evidence[other] for other in group if other != at)
    better = [
        each
        for each in others
        if each.fit_bits >= own.fit_bits + BETTER_FIT and not (is_dead(each.order) or around.is_taken(each.order))
    ]
    best = max(better, key=lambda each: (each.fit_bits, -each.order.id), default=None)
    return "" if best is None else best.order.accession_number or str(best.order.id)


def _by_person(all_evidence: Sequence[Evidence], around: Surroundings) -> list[tuple[int, list[int]]]:
    """Positions by person; an order of nobody known is a group of its own."""
    groups: dict[int, list[int]] = defaultdict(list)
    for at, each in enumerate(all_evidence):
        groups[around.person_of(each.order) or -1 - at].append(at)
    return list(groups.items())


def _weighed(each: Evidence, probability: float, standing: Standing, around: Surroundings, learned: Learned) -> Weighed:
    found = (*vetoes(each, around), *_uncertain(each, standing))
    order = each.order
    candidate = Candidate(
        order.id,
        order.accession_number,
        learned.calibration.probability(probability),
        each.bits,
        each.reasons,
        tuple(veto.text for veto in found),
        conflict_of(found),
        standing.patient_probability,
        standing.order_probability,
    )
    return Weighed(candidate, each, found, around.person_of(order), standing)


def _uncertain(each: Evidence, standing: Standing) -> tuple[Veto, ...]:
    """What the odds forbid, after all that the facts forbid."""
    found = []
    if standing.patient_probability < PATIENT_ENOUGH or standing.margin < MARGIN_ENOUGH:
        found.append(Veto(VetoKind.PERSON, "who the patient is is not certain enough"))
    if standing.better:
        found.append(Veto(VetoKind.ORDER, f"what was done fits order {standing.better} of the patient better"))
    elif standing.order_probability < ORDER_ENOUGH:
        found.append(Veto(VetoKind.ORDER, "which of the patient's orders it is is not certain enough"))
    return tuple(found)


def _worth_showing(each: Evidence) -> bool:
    return each.bits > 0 or each.order_key


def _rank_key(each: Evidence) -> tuple[float, int]:
    return -each.bits, each.order.id
