"""By which rule a study may be linked without a person, and what the site lets that rule do.

A rule that is off says nothing; in shadow it says what it would do and a person decides; on, it links.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from radrecon.model.case import Candidate, CaseKind, Finding
from radrecon.model.rule import ALL_ON, Act, RuleName, RuleState, RuleStates
from radrecon.recon.decisions import Ruling
from radrecon.recon.match import Ranking, Weighed
from radrecon.recon.veto import VetoKind

OTHER_CONFLICT = "a person has decided otherwise for images like these"
# A person has looked past these for images that say the same; what else speaks against an order still does.
DECIDED = frozenset(
    (
        VetoKind.ID, VetoKind.NAME, VetoKind.BIRTH_DATE, VetoKind.SEX, VetoKind.ACCESSION, VetoKind.SHARED,
        VetoKind.NAMESAKE, VetoKind.TAKEN, VetoKind.TRUNCATED, VetoKind.IDENTIFIER, VetoKind.PERSON, VetoKind.ORDER,
        VetoKind.RIVAL,
    )
)  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """What rules make of a study: the order it is linked to by itself (0 none), and what each said.

    `held`: why the order that a rule names is left to a person, "" where nothing is held back.
    """

    order_id: int = 0
    acts: tuple[Act, ...] = ()
    held: str = ""


def state_of(states: RuleStates | None, rule: RuleName) -> RuleState:
    """Where no states are given every rule is on."""
    return (ALL_ON if states is None else states).get(rule, RuleState.OFF)


def propose(ranking: Ranking, ruling: Ruling | None, states: RuleStates | None) -> Proposal:
    """The order that may be linked without a person, by which rule, and whether that rule is on."""
    best, decided = ranking.automatic, ruling.order_id if ruling else 0
    if best and _contradicts(best, ruling):
        return Proposal(held=OTHER_CONFLICT)
    if best:
        return _by_rule(RuleName(best.rule), best.candidate.order_id, 0, states)
    if ruling and decided and _fits(ranking, ruling):
        return _by_rule(RuleName.FOLLOW_DECISION, decided, ruling.decision.id, states)
    if ruling and ruling.puts_aside:
        return _by_rule(RuleName.FOLLOW_DECISION, 0, ruling.decision.id, states)
    return Proposal()


def _contradicts(best: Weighed, ruling: Ruling | None) -> bool:
    """Somebody linked images with these numbers to another order."""
    return bool(ruling and ruling.order_id and ruling.order_id != best.candidate.order_id)


def _fits(ranking: Ranking, ruling: Ruling) -> bool:
    """Nothing speaks against the decided order but what that person has looked past."""
    named = next((each for each in ranking.weighed if each.candidate.order_id == ruling.order_id), None)
    return named is not None and {veto.kind for veto in named.vetoes} <= DECIDED


def several(order_ids: tuple[int, ...], states: RuleStates | None) -> Proposal:
    """The orders that the images name, together: by the same rule as one that they name."""
    return _by_rule(RuleName.LINK_BY_ACCESSION, order_ids[0], 0, states)


def _by_rule(rule: RuleName, order_id: int, decision_id: int, states: RuleStates | None) -> Proposal:
    state = state_of(states, rule)
    act = Act(rule, state, order_id, decision_id)
    said = () if state is RuleState.OFF else (act,)
    if state is RuleState.ON:
        return Proposal(order_id, said)
    return Proposal(0, said, f"rule {rule} is {'in shadow' if state is RuleState.SHADOW else 'off'}")


def with_reason(candidates: tuple[Candidate, ...], held: str) -> tuple[Candidate, ...]:
    """The candidate that nothing speaks against says why it is not linked by itself."""
    if not held:
        return candidates
    return tuple(each if each.vetoes else replace(each, vetoes=(held,)) for each in candidates)


def again(ruling: Ruling | None, found: Sequence[Finding], states: RuleStates | None) -> tuple[Act, ...]:
    """Late images of a corrected study that show what was corrected: the same correction may go once more."""
    state = state_of(states, RuleName.CORRECT_LATE_IMAGES)
    if ruling is None or state is RuleState.OFF or not ruling.follows or not ruling.late:
        return ()
    if not any(each.kind is CaseKind.LATE_IMAGES for each in found):
        return ()
    return (Act(RuleName.CORRECT_LATE_IMAGES, state, ruling.decision.order_id, ruling.decision.id),)
