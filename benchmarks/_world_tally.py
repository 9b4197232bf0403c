"""What came out of one block, counted so that blocks can be added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks._world import Group, Truth, World
from benchmarks._world_index import Index
from radrecon.model.case import CaseKind, MatchClass
from radrecon.model.study import Study
from radrecon.recon.classify import Verdict
from radrecon.recon.weigh import DEFAULT, Weights

EXAMPLES = 20  # of each failure that are kept to be looked at
TELLING = frozenset(("wrong_patient", "wrong_order", "picked", "not_among_three", "false_alarm", "false_orphan"))


@dataclass
class Tally:
    """`counts`: "class/what" → how many; `groups`: class → group; `examples`: failure → what to look at."""

    studies: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    groups: dict[str, str] = field(default_factory=dict)
    vetoes: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 0.0
    making: float = 0.0

    def add(self, other: Tally) -> None:
        self.studies += other.studies
        self.counts.update(other.counts)
        self.vetoes.update(other.vetoes)
        self.groups.update(other.groups)
        self.seconds += other.seconds
        self.making += other.making
        for what, some in other.examples.items():
            mine = self.examples.setdefault(what, [])
            mine.extend(some[: EXAMPLES - len(mine)])

    def note(self, what: str, text: Callable[[], str]) -> None:
        some = self.examples.setdefault(what, [])
        if len(some) < EXAMPLES:
            some.append(text())

    def kinds(self, *groups: Group) -> list[str]:
        """Classes of these groups (of all), the most frequent first."""
        found = [kind for kind, group in self.groups.items() if not groups or group in groups]
        return sorted(found, key=lambda kind: (-self.counts[f"{kind}/n"], kind))

    def of(self, what: str, *groups: Group) -> int:
        """How often something happened, in classes of these groups or in all."""
        return sum(self.counts[f"{kind}/{what}"] for kind in self.kinds(*groups))

    def data(self) -> dict[str, Any]:
        return vars(self) | {"counts": dict(self.counts), "vetoes": dict(self.vetoes)}

    @classmethod
    def read(cls, data: dict[str, Any]) -> Tally:
        return cls(**data | {"counts": Counter(data["counts"]), "vetoes": Counter(data["vetoes"])})


def tally(world: World, weights: Weights = DEFAULT) -> Tally:
    """Every study of a world through the rules."""
    index, found = Index(world), Tally(studies=len(world.studies))
    for study, truth in zip(world.studies, world.truths, strict=True):
        judge(found, world, study, truth, index.decide(study, world.watch, weights))
    return found


def judge(found: Tally, world: World, study: Study, truth: Truth, verdict: Verdict) -> None:
    """Count one study under its class."""
    kind, linked = truth.kind, frozenset(verdict.order_ids)
    found.groups[kind] = truth.group
    for what in happened(world, truth, verdict, linked):
        found.counts[f"{kind}/{what}"] += 1
        if what in TELLING:
            found.note(f"{what}/{kind}", lambda: describe(world, study, truth, verdict))
    if not linked:
        found.vetoes[f"{kind}/{why_not(truth, verdict)}"] += 1


def happened(world: World, truth: Truth, verdict: Verdict, linked: frozenset[int]) -> Iterator[str]:
    """What is to be counted of one study."""
    yield "n"
    yield association(world, truth, linked)
    if truth.orders:
        if truth.orders in (linked, frozenset(verdict.proposed_ids)):
            yield "exact"
        yield from places(truth, [each.order_id for each in verdict.ranking.candidates])
    if flagged(verdict):
        yield "flagged" if truth.group in (Group.PICK, Group.TWICE) else "false_alarm"
    if no_order(verdict):
        yield "no_order" if truth.group in (Group.ORPHAN, Group.OUTSIDE) else "false_orphan"


def association(world: World, truth: Truth, linked: frozenset[int]) -> str:
    if not linked:
        return "unlinked"
    if any(world.human_of(one) != truth.human for one in linked):
        return "picked" if truth.group is Group.PICK else "wrong_patient"
    if linked - truth.orders:
        return "wrong_order"
    return "solved" if linked == truth.orders else "partly"


def places(truth: Truth, ranked: list[int]) -> Iterator[str]:
    place = next((at for at, order_id in enumerate(ranked) if order_id in truth.orders), len(ranked))
    if place == 0 and ranked:
        yield "first"
    yield "among_three" if place < min(3, len(ranked)) else "not_among_three"


def why_not(truth: Truth, verdict: Verdict) -> str:
    """Which vetoes stood between a study and its order."""
    if not truth.orders:
        return "there is none"
    mine = next((each for each in verdict.ranking.weighed if each.candidate.order_id in truth.orders), None)
    if mine is None:
        return "not found"
    return "+".join(str(veto.kind) for veto in mine.vetoes) or "no veto"


def flagged(verdict: Verdict) -> bool:
    """A person is told that the wrong line may have been picked."""
    return any(finding.kind is CaseKind.POSSIBLE_WRONG_PICK for finding in verdict.findings)


def no_order(verdict: Verdict) -> bool:
    """The rules say that there is none: the null candidate leads, or the study is outside the game."""
    return verdict.match_class in (MatchClass.ORPHAN, MatchClass.OUTSIDE)


def describe(world: World, study: Study, truth: Truth, verdict: Verdict) -> str:
    """One line: what the images say, what the truth is, what the rules said."""
    facts, block = study.facts, study.facts.patient
    images = f"acc={facts.accession_number!r} id={block.patient_id} {block.name} {block.birth_date} {block.sex}"
    images += f" {facts.modalities} {facts.performed} {facts.description!r}"
    orders = [_order_line(world, order_id) for order_id in sorted(truth.orders)]
    said = [
        f"{each.candidate.order_id}:{each.candidate.bits:.1f}b p={each.candidate.probability:.5f} "
        f"{[str(veto.kind) for veto in each.vetoes]} {_order_line(world, each.candidate.order_id)}"
        for each in verdict.ranking.weighed[:3]
    ]
    cases = [str(finding.kind) for finding in verdict.findings]
    found = f"LINKED {list(verdict.order_ids)} {verdict.match_class} {cases} proposed {list(verdict.proposed_ids)}"
    null = verdict.ranking.null_probability
    return f"IMAGES {images} | TRUTH {orders} | {found} null={null:.4f} | " + " || ".join(said)


def _order_line(world: World, order_id: int) -> str:
    order = world.order_of(order_id)
    block, step = order.patient, order.steps[0]
    known = world.register.persons[order.person_id].demographics
    now = "" if known.name == block.name else f" now {known.name}"
    return (
        f"#{order_id} human {world.human_of(order_id)} acc={order.accession_number} {block.patient_id} {block.name}"
        f"{now} {block.birth_date} {block.sex} {step.modality} {step.start} {step.description!r} {order.status}"
    )
