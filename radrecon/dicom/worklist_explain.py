"""Why an order is or is not on a station's worklist, in words that a technologist can act on.

The verdict is the one that the worklist server comes to: the same scope, the same matching, the same limit.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from radrecon.dicom.worklist_drops import would_drop
from radrecon.dicom.worklist_match import Objection
from radrecon.dicom.worklist_profile import Profile
from radrecon.dicom.worklist_scope import Asked, in_zone
from radrecon.model.order import Order, Step
from radrecon.model.ris_worklist import RisAnswer

NOT_HEARD, NO_STEP, LIMIT, LATER = "Order", "Scheduled Procedure Step", "Limit", "Time of the query"


@dataclass(frozen=True)
class StepAnswer:
    """One step: on the list, or the one key or rule that keeps it out and the words for it."""

    id: int
    order_id: int
    scheduled_procedure_step_id: str
    on_list: bool
    rule: str = ""
    reason: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """`on_list`: the query gets at least one step of the order. `rule`: what keeps the first one out, "" if nothing.

    `narrowed`: what the query left open and the station's scope stood in for; `details`: one line for each step.
    `query_id`: the recorded query, 0 where the question is what the station would get that asks for everything.
    `ris_lists`: what other systems' worklists have for this station, one per source.
    """

    sentence: str
    on_list: bool
    details: tuple[str, ...] = ()
    rule: str = ""
    steps: tuple[StepAnswer, ...] = ()
    warnings: tuple[str, ...] = ()
    narrowed: tuple[str, ...] = ()
    query_id: int = 0
    ris_lists: tuple[RisAnswer, ...] = ()


@dataclass(frozen=True)
class Question:
    """Who asked and what. `within`: ids of the steps that the limit leaves; `later`: ids of orders heard afterwards."""

    asked: Asked
    profile: Profile
    station: str
    query_id: int = 0
    within: Collection[int] = ()
    later: Collection[int] = ()


def explain(question: Question, accession: str, pairs: Sequence[tuple[Order, Step]], *, heard: bool) -> Explanation:
    """`pairs`: every step of the orders with this accession number; `heard`: there is such an order."""
    if not heard:
        return _none(question, f"No order with accession {accession} was received.", NOT_HEARD)
    if not pairs:
        return _none(question, f"Order {accession} was received, but it makes no scheduled step.", NO_STEP)
    answers = tuple(_answer(question, order, step) for order, step in pairs)
    whens = [_when(question, in_zone(step, question.asked.scope)) for _, step in pairs]
    lines = tuple(_line(one, when) for one, when in zip(answers, whens, strict=True))
    listed = [place for place, one in enumerate(answers) if one.on_list]
    first = listed[0] if listed else 0
    return Explanation(
        _sentence(question, accession, answers[first], whens[first]),
        bool(listed),
        lines,
        answers[first].rule,
        answers,
        answers[first].warnings,
        question.asked.narrowed,
        question.query_id,
    )


def _none(question: Question, sentence: str, rule: str) -> Explanation:
    return Explanation(sentence, False, rule=rule, narrowed=question.asked.narrowed, query_id=question.query_id)


def _answer(question: Question, order: Order, step: Step) -> StepAnswer:
    found = question.asked.objection(order, step) or _beyond(question, order, step)
    warnings = would_drop(order, in_zone(step, question.asked.scope), question.profile)
    name = step.scheduled_procedure_step_id
    if found is None:
        return StepAnswer(step.id, order.id, name, True, warnings=warnings)
    return StepAnswer(step.id, order.id, name, False, found.rule, found.words(), warnings)


def _beyond(question: Question, order: Order, step: Step) -> Objection | None:
    """It matches, and still was no answer."""
    if order.id in question.later:
        return Objection(LATER, lambda: "the order came after the query")
    if step.id not in question.within:
        most = question.profile.max_results
        return Objection(LIMIT, lambda: f"the query gets more than the {most} answers of its limit, and it comes later")
    return None


def _sentence(question: Question, accession: str, one: StepAnswer, when: str) -> str:
    where = f"on the list of {question.station}" if question.station else "on the worklist"
    if question.query_id:
        where = f"in the answer to query {question.query_id}"
    if not one.on_list:
        return f"{accession} is not {where}: {one.reason}."
    warned = f" This modality may drop it: {one.warnings[0]}." if one.warnings else ""
    return f"{accession} is {where}: {when}.{warned}"


def _line(one: StepAnswer, when: str) -> str:
    warned = "".join(f"; {warning}" for warning in one.warnings)
    return f"{one.scheduled_procedure_step_id or 'step'}: {one.reason or 'on the list'}; {when}{warned}"


def _when(question: Question, step: Step) -> str:
    """The scheduled time; and, of a list and not a recorded query, that a query for today leaves another day out."""
    if not step.start:
        return "no scheduled time"
    day, clock, today = step.start[:10], step.start[11:16], _day_of(question.asked.now)
    if day == today.isoformat():
        return f"scheduled today {clock}".rstrip()
    said = f"scheduled {_day(day, today)} {clock}".rstrip()
    return said if question.query_id else f"{said}, so that a query for today leaves it out"


def _day_of(now: datetime) -> date:
    return now.date()


def _day(text: str, today: date) -> str:
    try:
        days = (date.fromisoformat(text) - today).days
    except ValueError:
        return text
    return {1: "tomorrow", -1: "yesterday"}.get(days, text)
