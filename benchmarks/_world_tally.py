"""What came out of one block, counted so that blocks can be added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks._world import Group, Truth, World
from benchmarks._world_index import Index
from radrecon.model.study import Study
from radrecon.recon.classify import Verdict, classify

LIKELY = 0.5
EXAMPLES = 30  # of a block, of each failure
PICK_KINDS = ("wrong_pick", "wrong_worklist_pick")


@dataclass
class Tally:
    """`counts`: (kind, what) → how many. `examples`: failure → what to look at."""

    studies: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    vetoes: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 0.0
    making: float = 0.0

    def add(self, other: Tally) -> None:
        self.studies += other.studies
        self.counts += other.counts
        self.vetoes += other.vetoes
        self.seconds += other.seconds
        self.making += other.making
        for what, some in other.examples.items():
            self.examples.setdefault(what, []).extend(some[: max(0, EXAMPLES - len(self.examples.get(what, ())))])

    def note(self, what: str, text: str) -> None:
        some = self.examples.setdefault(what, [])
        if len(some) < EXAMPLES:
            some.append(text)

    def of(self, what: str, kinds: Iterable[str] = ()) -> int:
        """How often something happened, in these classes or in all."""
        return sum(count for key, count in self.counts.items() if key.endswith(f"/{what}")
                   and (not kinds or key.split("/")[0] in kinds))  # fmt: skip

    def data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Tally:
        return cls(**data | {"counts": Counter(data["counts"]), "vetoes": Counter(data["vetoes"])})


def tally(world: World) -> Tally:
    """Every study of a world through the rules."""
    index, found = Index(world), Tally(studies=len(world.studies))
    for study, truth in zip(world.studies, world.truths, strict=True):
        judge(found, world, study, truth, classify(index.neighbourhood(study), world.watch))
    return found


def linked_orders(verdict: Verdict) -> frozenset[int]:
    """The orders that the study is associated with by the rules alone."""
    several = getattr(verdict, "order_ids", ())
    return frozenset(several or ((verdict.order_id,) if verdict.order_id else ()))


def judge(found: Tally, world: World, study: Study, truth: Truth, verdict: Verdict) -> None:
    """Count one study under its class."""
    counts, kind = found.counts, truth.kind
    linked, ranking = linked_orders(verdict), verdict.ranking

    def count(what: str) -> None:
        counts[f"{kind}/{what}"] += 1

    def example(what: str) -> None:
        count(what)
        found.note(f"{what}/{kind}", describe(world, study, truth, verdict))

    count("n")
    counts[f"group/{truth.group}"] += 1
    wrong = [one for one in linked if world.human_of(one) != truth.human]
    if wrong:
        example("picked" if truth.group is Group.PICK else "wrong_patient")
    elif linked - truth.orders:
        example("wrong_order")
    elif linked == truth.orders and linked:
        count("solved")
    elif linked:
        count("partly")
    if not linked:
        count("unlinked")
        _why(found, kind, truth, verdict)
    if flagged(verdict):
        count("flagged")
    if truth.orders:
        _places(count, example, truth, [each.order_id for each in ranking.candidates])
    if no_order(verdict):
        count("no_order")
        if truth.group not in (Group.ORPHAN, Group.OUTSIDE):
            found.note(f"false_orphan/{kind}", describe(world, study, truth, verdict))


def _places(count: Any, example: Any, truth: Truth, ranked: list[int]) -> None:
    place = next((at for at, order_id in enumerate(ranked) if order_id in truth.orders), len(ranked))
    if place == 0 and ranked:
        count("first")
    if place < 3 and place < len(ranked):
        count("among_three")
    else:
        example("not_among_three")


def _why(found: Tally, kind: str, truth: Truth, verdict: Verdict) -> None:
    """Which vetoes stood between a study and its order."""
    mine = next((each for each in verdict.ranking.weighed if each.candidate.order_id in truth.orders), None)
    if mine is None:
        found.vetoes[f"{kind}/{'not found' if truth.orders else 'no order'}"] += 1
        return
    names = "+".join(str(veto.kind) for veto in mine.vetoes)
    found.vetoes[
        f"{kind}/{names or ('no veto' if mine.evidence.order_key else 'no veto, not named by the images')}"
    ] += 1


def flagged(verdict: Verdict) -> bool:
    """A person is told that the wrong line may have been picked."""
    return any("pick" in str(finding.kind) for finding in verdict.findings)


def no_order(verdict: Verdict) -> bool:
    """The rules say that there is none: the null candidate leads, or the study is outside the game."""
    named = str(getattr(verdict, "match_class", ""))
    if named:
        return named in ("orphan", "outside")
    return not linked_orders(verdict) and verdict.ranking.null_probability >= LIKELY


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
    linked = sorted(linked_orders(verdict))
    return (
        f"IMAGES {images} | TRUTH {orders} | LINKED {linked} null={verdict.ranking.null_probability:.4f} | "
        + " || ".join(said)
    )


def _order_line(world: World, order_id: int) -> str:
    order = world.order_of(order_id)
    block, step = order.patient, order.steps[0]
    known = world.register.persons[order.person_id].demographics
    now = "" if known.name == block.name else f" now {known.name}"
    return (
        f"#{order_id} human {world.human_of(order_id)} acc={order.accession_number} {block.patient_id} {block.name}"
        f"{now} {block.birth_date} {block.sex} {step.modality} {step.start} {step.description!r} {order.status}"
    )
