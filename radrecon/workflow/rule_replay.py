"""A rule tried on history before it is switched on: what it would have done with all that people have decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time

from radrecon.model.errors import Refused
from radrecon.model.rows import Disagreement, ReplayedRule
from radrecon.model.rule import Act, RuleName
from radrecon.recon.classify import Verdict, classify
from radrecon.store import cases, decided, settings, studies
from radrecon.store.database import Store
from radrecon.workflow.deciding import Memory
from radrecon.workflow.history import PAGE, only, past
from radrecon.workflow.neighbourhood import load_neighbourhood
from radrecon.workflow.reconcile import load_watch
from radrecon.workflow.ruling import STUDY_KINDS, named

SHOWN = 100
Progress = Callable[[int, int], None]


@dataclass
class _Count:
    decided: int = 0
    agreed: int = 0
    disagreements: list[Disagreement] = field(default_factory=list)
    disagreed: int = 0


def replay(store: Store, rule: str, *, since: date | None, now: datetime, progress: Progress) -> ReplayedRule:
    """Nothing is written. Raises Refused for a rule whose past cannot be seen."""
    name = named(rule)
    if name is RuleName.CORRECT_LATE_IMAGES:
        raise Refused("what late images said is not kept once they are corrected: run this rule in shadow instead")
    start, total = _start(store, since)
    count = _Count()
    for one in past(store, only(name), start):
        count.decided += 1
        _compare(count, one.decided.study_id, one.decided.order_id, _act(one.verdict, name))
        progress(count.decided, max(total, count.decided))
    solved = list(_would_solve(store, name, now))
    return ReplayedRule(
        rule=rule,
        since=since.isoformat() if since else "",
        decided=count.decided,
        would_have_acted=count.agreed + count.disagreed,
        agreed=count.agreed,
        disagreed=count.disagreed,
        silent=count.decided - count.agreed - count.disagreed,
        open_cases=len(solved),
        would_solve=sum(bool(study_id) for study_id in solved),
        disagreements=tuple(count.disagreements),
        solved_studies=tuple(study_id for study_id in solved if study_id)[:SHOWN],
    )


def _start(store: Store, since: date | None) -> tuple[datetime | None, int]:
    """The site's midnight of that day, and how many decisions there are since."""
    with store.reading() as conn:
        zone = settings.load_config(conn).zone()
        start = datetime.combine(since, time(), zone) if since else None
        return start, decided.count(conn, start)


def _act(verdict: Verdict, rule: RuleName) -> Act | None:
    return next((act for act in verdict.acts if act.rule is rule), None)


def _compare(count: _Count, study_id: int, order_id: int, act: Act | None) -> None:
    """Silence is neither: the rule leaves such a study to a person."""
    if act is None:
        return
    if act.order_id == order_id:
        count.agreed += 1
        return
    count.disagreed += 1
    if len(count.disagreements) < SHOWN:
        count.disagreements.append(Disagreement(study_id, act.order_id, order_id))


def _would_solve(store: Store, rule: RuleName, now: datetime) -> Iterator[int]:
    """For each study with an open case: its id if the rule would act on it, else 0."""
    after = 0
    while True:
        with store.reading() as conn:
            watch = load_watch(conn, settings.load_config(conn))
            page = cases.studies_with_live(conn, STUDY_KINDS, after, PAGE)
            memory = Memory(now, only(rule), any=True)
            near = [load_neighbourhood(conn, study, memory, watch) for study in studies.load_many(conn, page)]
        if not page:
            return
        for one in near:
            yield one.study.id if _act(classify(one, watch), rule) else 0
        after = page[-1]
