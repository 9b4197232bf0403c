"""What a person can do, as coroutines: each calls the backend off the GUI thread and returns the topics it changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from radrecon.model.correction import Plan
from radrecon.model.errors import NotFound, Refused
from radrecon.model.rows import ReplayRow
from radrecon.ui.backend import Topics
from radrecon.ui.desk import Desk

CORRECTED: Topics = frozenset({"cases", "deliveries", "orders", "studies", "patients"})
DECIDED: Topics = frozenset({"decisions", "rules", "cases", "studies"})
REPLAYED: Topics = frozenset({"messages", "orders", "patients", "reports"})


async def plan(desk: Desk, case_id: int, verb: str, order_id: int = 0, values: Mapping[str, str] | None = None) -> Plan:
    return await desk.tasks.run(desk.backend.plan, case_id, verb, order_id=order_id, values=values)


async def plan_undo(desk: Desk, correction_id: int) -> Plan:
    return await desk.tasks.run(desk.backend.plan_undo, correction_id)


async def approve(desk: Desk, approved: Plan, reason: str, ticket: str) -> tuple[int, Topics]:
    """Returns the correction's id too, so that the outbox can show it."""
    correction = await desk.tasks.run(desk.backend.approve, approved, reason=reason, ticket=ticket)
    return correction, CORRECTED


async def investigate(desk: Desk, study_id: int, reason: str) -> int:
    """The case that a person opens on a study."""
    return await desk.tasks.run(desk.backend.investigate, study_id, reason=reason)


async def dismiss(desk: Desk, case_ids: Sequence[int], reason: str) -> Topics:
    await _each(case_ids, lambda case_id: desk.tasks.run(desk.backend.dismiss, case_id, reason=reason))
    return frozenset({"cases"})


async def replay(desk: Desk, message_ids: Sequence[int], reason: str) -> tuple[list[ReplayRow], Topics]:
    """What became of each, too, so that a person can be told."""
    return await desk.tasks.run(desk.backend.replay, message_ids, reason=reason), REPLAYED


async def replay_edited(desk: Desk, message_id: int, values: Mapping[str, str]) -> tuple[ReplayRow, Topics]:
    reason = "edited on the desk: " + ", ".join(values)
    return await desk.tasks.run(desk.backend.replay_edited, message_id, values, reason=reason), REPLAYED


async def retry(desk: Desk, delivery_ids: Sequence[int]) -> Topics:
    await _each(delivery_ids, lambda delivery_id: desk.tasks.run(desk.backend.retry, delivery_id))
    return frozenset({"deliveries"})


async def park(desk: Desk, delivery_ids: Sequence[int]) -> Topics:
    await _each(delivery_ids, lambda delivery_id: desk.tasks.run(desk.backend.park, delivery_id))
    return frozenset({"deliveries"})


async def revoke(desk: Desk, decision_id: int, reason: str) -> Topics:
    await desk.tasks.run(desk.backend.revoke, decision_id, reason=reason)
    return DECIDED


async def set_rule(desk: Desk, rule: str, state: str, reason: str) -> Topics:
    await desk.tasks.run(desk.backend.set_rule, rule, state, reason=reason)
    return DECIDED


async def poll_now(desk: Desk) -> Topics:
    await desk.tasks.run(desk.backend.ask, "poll", {})
    return frozenset()


async def _each(ids: Sequence[int], call: Callable[[int], Awaitable[None]]) -> None:
    """All of those that were chosen, also where one no longer allows it (somebody else was quicker); then says so."""
    refusals: list[str] = []
    for row_id in ids:
        try:
            await call(row_id)
        except (NotFound, Refused) as refusal:
            refusals.append(str(refusal))
    if refusals:
        others = f"; {len(refusals)} of {len(ids)} were left as they are" if len(ids) > 1 else ""
        raise Refused(f"{refusals[0]}{others}")
