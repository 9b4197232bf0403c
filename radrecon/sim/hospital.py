"""The simulated hospital: a timetable of patients over real sockets, lively in its first minute, then steady.

Equal seeds give the same register and timetable; when things happen is up to the peers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from datetime import datetime

from radrecon.model.errors import PeerTrouble
from radrecon.model.patient import Demographics
from radrecon.sim import scenarios
from radrecon.sim.faults import OPENING, Scenario, timetable
from radrecon.sim.history import PastStudy, past_studies
from radrecon.sim.people import register
from radrecon.sim.plan import HospitalPlan
from radrecon.sim.tally import Tally
from radrecon.sim.ward import Closing, Tell, Ward

EARLY_BOOKINGS = 8
OPENING_PAUSE = 1.3
LIVELY = 60
GRACE = 15


def opening(seed: int, opened: datetime) -> tuple[Iterator[Demographics], tuple[PastStudy, ...]]:
    """The register, and what was in the archive before it went on from there."""
    people = register(seed)
    return people, past_studies(seed, opened, people)


async def run(plan: HospitalPlan, stop: asyncio.Event, tell: Tell) -> Tally:
    """Work until `stop`; visits under way end at their next wait. The tally is the ground truth."""
    people, past = opening(plan.seed, plan.opened)
    ward = Ward(plan, people, stop, tell)
    try:
        async with asyncio.TaskGroup() as visits:
            tasks = [visits.create_task(_guarded(ward, _backfill(ward, past)))]
            await _guarded(ward, _admit(ward, visits, tasks))
            await _send_home(tasks)
    except BaseExceptionGroup as bugs:
        raise bugs.exceptions[0] from bugs
    finally:
        await ward.close()
    return ward.tally


async def _admit(ward: Ward, visits: asyncio.TaskGroup, tasks: list[asyncio.Task[None]]) -> None:
    """Patients arrive until the hospital closes."""
    for scenario, pause in arrivals(ward.plan):
        tasks.append(visits.create_task(_guarded(ward, scenarios.play(scenario, ward))))
        await ward.pause(pause)


def arrivals(plan: HospitalPlan) -> Iterator[tuple[Scenario, float]]:
    """Who comes, and the seconds until the next: the opening fast, the first minute lively, then the plan's pace."""
    clock = 0.0
    for number, scenario in enumerate(timetable(plan.seed)):
        lively = plan.pace / 2 if clock < LIVELY else plan.pace
        pause = min(OPENING_PAUSE, lively) if number < len(OPENING) else lively
        clock += pause
        yield scenario, pause


async def _backfill(ward: Ward, past: tuple[PastStudy, ...]) -> None:
    """This morning's orders again, then a day's bookings."""
    for study in past:
        if study.ordered:
            await ward.register(study.exam.patient)
            await ward.order(study.exam)
    for _ in range(EARLY_BOOKINGS):
        await scenarios.play(Scenario.BOOKED, ward)


async def _guarded(ward: Ward, work: Awaitable[None]) -> None:
    """A visit ends early when the hospital closes or a peer is out; anything else is a bug and ends the run."""
    try:
        await work
    except Closing:
        return
    except PeerTrouble as trouble:
        ward.tally.trouble.append(str(trouble))
        ward.tell("trouble", {"text": str(trouble)})


async def _send_home(tasks: list[asyncio.Task[None]]) -> None:
    """Wait for the visits under way, but not for ever: a dead peer holds one up through all its attempts."""
    _, late = await asyncio.wait(tasks, timeout=GRACE)
    for task in late:
        task.cancel()
