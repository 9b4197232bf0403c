"""What people have decided, as rules would have seen it before: nothing is written, nobody waits.

Each study is taken as its images were before corrections, without its link, and with an order's own Study UID where
the order had taken over the images'. What other studies and the index of persons say is what they say today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from radrecon.model.order import Order
from radrecon.model.person import Watch
from radrecon.model.rule import RuleName, RuleState, RuleStates
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.classify import Neighbourhood, Verdict, classify
from radrecon.recon.decisions import keys_of
from radrecon.recon.former import former_facts
from radrecon.store import decided, decisions, settings, studies
from radrecon.store.database import Connection, Store
from radrecon.store.decided import Decided
from radrecon.workflow.deciding import Memory, people_of
from radrecon.workflow.keys import order_keys_of, study_keys
from radrecon.workflow.neighbourhood import load_neighbourhood
from radrecon.workflow.ordering import TAKEN_OVER
from radrecon.workflow.reconcile import load_watch

PAGE = 10  # studies per reading transaction, well under a second also where the machine is busy


@dataclass(frozen=True)
class Past:
    """One decision and what classification says of its study as it was."""

    decided: Decided
    verdict: Verdict


def only(rule: RuleName) -> RuleStates:
    """One rule on, all others off."""
    return {name: RuleState.ON if name is rule else RuleState.OFF for name in RuleName}


def past(store: Store, states: RuleStates, since: datetime | None = None) -> Iterator[Past]:
    """Every decided study in turn: first those linked, then those put aside."""
    for page in (decided.links, decided.dismissals):
        after = 0
        while found := _page(store, states, since, page, after):
            yield from (one for one, _ in found if one)
            after = found[-1][1]


def _page(
    store: Store,
    states: RuleStates,
    since: datetime | None,
    page: Callable[[Connection, datetime | None, int, int], list[Decided]],
    after: int,
) -> list[tuple[Past | None, int]]:
    with store.reading() as conn:
        watch = load_watch(conn, settings.load_config(conn))
        found: list[tuple[Past | None, int]] = []
        for one in page(conn, since, after, PAGE):
            near = _neighbourhood(conn, one, states, watch)
            found.append((Past(one, classify(near, watch)) if near else None, one.id))
    return found


def _neighbourhood(conn: Connection, one: Decided, states: RuleStates, watch: Watch) -> Neighbourhood | None:
    study = studies.load_one(conn, one.study_id)
    if study is None:
        return None
    facts = former_facts(study.facts, decided.edits(conn, study.facts.study_instance_uid))
    before = replace(study, facts=facts, gone=False)
    near = load_neighbourhood(conn, before, Memory(None, states), watch)
    found = [_own_uid(order, facts) for order in near.orders]
    kept = tuple(order for order in found if order.id != one.order_id or _would_be_found(conn, order, facts))
    return _with_decisions(conn, replace(near, orders=kept, links=(), correcting=False), before, one)


def _own_uid(order: Order, facts: StudyFacts) -> Order:
    took = order.sources.get("study_instance_uid") == TAKEN_OVER
    return (
        replace(order, study_instance_uid="")
        if took and order.study_instance_uid == facts.study_instance_uid
        else order
    )


def _would_be_found(conn: Connection, order: Order, facts: StudyFacts) -> bool:
    return bool(order_keys_of(conn, order) & study_keys(facts))


def _with_decisions(conn: Connection, near: Neighbourhood, study: Study, one: Decided) -> Neighbourhood:
    """What had been decided by then about other studies with these numbers."""
    keys = (key for keys in keys_of(study.facts).values() for key in keys)
    found = tuple(each for each in decisions.past(conn, keys, one.at) if each.study_id != study.id)
    persons = dict(near.persons or {}) | people_of(conn, found)
    return replace(near, decisions=found, persons=persons)
