"""Rules with a state: what they say of a study is kept, compared with what people decide, and switched by a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from radrecon.model.case import CaseKind
from radrecon.model.decision import Decision
from radrecon.model.errors import NotFound, Refused
from radrecon.model.rows import Disagreement, RuleRow
from radrecon.model.rule import RULES, Act, Rule, RuleName, RuleState
from radrecon.recon.agreement import agrees, answer
from radrecon.recon.classify import Verdict
from radrecon.store import cases, decisions, life, queue, rules
from radrecon.store.codec import iso
from radrecon.store.database import Connection, Store
from radrecon.store.rules import StoredAct

PAGE = 500
SHOWN = 100  # disagreements that are listed one by one


# -- what a look at a study keeps -------------------------------------------------------------------------------------


def kept(verdict: Verdict) -> tuple[Act, ...]:
    """Ordinary links are not kept twice: the links themselves tell."""
    ordinary = (RuleName.LINK_BY_ACCESSION, RuleState.ON)
    return tuple(act for act in verdict.acts if (act.rule, act.state) != ordinary)


def stands(said: Sequence[StoredAct], verdict: Verdict) -> bool:
    """Whether all that rules say of a study is kept already."""
    return {one.said for one in said} == set(kept(verdict))


def note(conn: Connection, study_id: int, verdict: Verdict, now: datetime) -> None:
    """Keep what rules say of a study, and that it follows a decision."""
    rules.note(conn, study_id, kept(verdict), now)
    if verdict.ruling and verdict.ruling.follows:
        decisions.used(conn, verdict.ruling.decision.id, study_id, now)


# -- how rules stand --------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    acted: int = 0
    agreed: int = 0
    disagreed: int = 0
    disagreements: list[Disagreement] = field(default_factory=list)

    def count(self, study_id: int, by_rule: int, decided: int, same: bool) -> None:
        self.agreed += same
        self.disagreed += not same
        if not same and len(self.disagreements) < SHOWN:
            self.disagreements.append(Disagreement(study_id, by_rule, decided))


def rows(store: Store) -> list[RuleRow]:
    """Every rule with its state and how it stands against what people decided."""
    with store.reading() as conn:
        states, history = rules.states(conn), {one.rule: one for one in rules.history(conn)}
    tallies = _tallies(store)
    return [_row(rule, states[rule.name], history.get(rule.name), tallies[rule.name]) for rule in RULES]


def _row(rule: Rule, state: RuleState, change: rules.Change | None, tally: Tally) -> RuleRow:
    return RuleRow(
        id=RULES.index(rule) + 1,
        rule=str(rule.name),
        state=str(state),
        text=rule.text,
        since=iso(change.at) if change else "",
        set_by=change.who if change else "",
        reason=change.reason if change else "",
        acted=tally.acted,
        agreed=tally.agreed,
        disagreed=tally.disagreed,
        undecided=max(tally.acted - tally.agreed - tally.disagreed, 0),
        disagreements=tuple(tally.disagreements),
        sends=rule.sends,
    )


def _tallies(store: Store) -> dict[str, Tally]:
    """In pages, each in a short transaction of its own."""
    tallies = {str(rule.name): Tally() for rule in RULES}
    others = _count_acts(store, tallies)
    with store.reading() as conn:
        ordinary = tallies[RuleName.LINK_BY_ACCESSION]
        ordinary.acted += max(rules.count_auto(conn) - len(others), 0)
        for study_id, by_rule, decided in rules.relinked(conn):
            if study_id not in others:
                ordinary.count(study_id, by_rule, decided, by_rule == decided)
    return tallies


def _count_acts(store: Store, tallies: dict[str, Tally]) -> set[int]:
    """Studies that a rule has linked otherwise than by accession."""
    others: set[int] = set()
    after = 0
    while True:
        with store.reading() as conn:
            page = rules.all_acts(conn, after, PAGE)
            found = decisions.of_studies(conn, {one.study_id for one in page})
        if not page:
            return others
        after = page[-1].id
        for act in page:
            mine = [one for one in found if one.study_id == act.study_id]
            _count(tallies[act.rule], act, answer(act.rule, act.at, act.ended_at, mine))
            others |= {act.study_id} if act.state == RuleState.ON and act.order_id else set()


def _count(tally: Tally, act: StoredAct, decided: Decision | None) -> None:
    if decided:
        tally.count(act.study_id, act.order_id, decided.order_id, agrees(act.rule, act.order_id, decided))
    tally.acted += bool(decided) or act.ended_at is None


# -- switching --------------------------------------------------------------------------------------------------------


def set_state(store: Store, rule: str, state: str, *, who: str, reason: str, now: datetime) -> None:
    """A person's act, with name and reason; live with the next look, and what it concerns is looked at again."""
    name, wanted = named(rule), RuleState(state)
    if not reason.strip():
        raise Refused("switching a rule needs a reason")
    with store.transaction() as conn:
        if rules.states(conn)[name] is wanted:
            raise Refused(f"rule {rule} is {state} already")
        rules.set_state(conn, name, wanted, who=who, reason=reason.strip(), at=now)
        life.audit(conn, at=now, who=who, what="rule", subject=f"rule:{rule}", state=state, reason=reason.strip())
    look_again(store, name, now)


def named(rule: str) -> RuleName:
    try:
        return RuleName(rule)
    except ValueError:
        raise NotFound(f"no rule {rule!r}; there are: {', '.join(RuleName)}") from None


def look_again(store: Store, rule: RuleName, now: datetime) -> None:
    """Touch what a rule has said something of, and every case that it might solve, a page at a time."""
    for page in _concerned(store, rule):
        with store.transaction() as conn:
            queue.touch(conn, "study", page, now)


def _concerned(store: Store, rule: RuleName) -> Iterator[list[int]]:
    ways: list[Callable[[Connection, int], list[int]]] = [
        lambda conn, after: rules.studies_of(conn, rule, after, PAGE),
        lambda conn, after: cases.studies_with_live(conn, STUDY_KINDS, after, PAGE),
    ]
    if rule is RuleName.LINK_BY_ACCESSION:
        ways.append(lambda conn, after: rules.linked_by_rule(conn, after, PAGE))
    for way in ways:
        after = 0
        while page := _page(store, way, after):
            yield page
            after = page[-1]


STUDY_KINDS = (
    CaseKind.UNASSIGNED_STUDY,
    CaseKind.DEMOGRAPHIC_MISMATCH,
    CaseKind.LATE_IMAGES,
    CaseKind.WRONG_ORDER,
    CaseKind.POSSIBLE_WRONG_PICK,
    CaseKind.SPLIT_ACCESSION,
    CaseKind.ACCESSION_MISSING,
)


def _page(store: Store, way: Callable[[Connection, int], list[int]], after: int) -> list[int]:
    with store.reading() as conn:
        return way(conn, after)
