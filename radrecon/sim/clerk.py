"""The clerk of a headless demo: makes a few corrections the way a person at the desk would.

Through the command line's contract only: looks at the lists, picks cases whose best order is the same person's,
corrects with a reason and waits until it is filed. A verb that does not apply is refused, and so be it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field
from typing import Any

from radrecon.model.errors import Trouble
from radrecon.sim.processes import ask
from radrecon.sim.ward import Tell

Row = Mapping[str, Any]
Rows = Sequence[Row]
WISHES = {"link": 3, "fix": 3, "merge": 1}
REASONS = {
    "link": "accession number entered wrongly at the console",
    "fix": "identity as registration has it",
    "merge": "one person, registered twice",
}
LIKELY = 0.8
PAUSE = 2.0
TRIES = 3


@dataclass
class ClerkTally:
    """Corrections that came to an end well, by verb, and what was said to those that did not."""

    corrected: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Errand:
    """One correction that the clerk decided on."""

    case_id: int
    verb: str
    order_id: int = 0

    def arguments(self) -> list[str]:
        order = ["--order", str(self.order_id)] if self.order_id else []
        return ["correct", str(self.case_id), self.verb, *order, "--reason", REASONS[self.verb], "--wait"]


async def work(database: str, until: asyncio.Event, tell: Tell) -> ClerkTally:
    """Correct until the wishes are fulfilled or the shift ends; a correction under way is seen through."""
    tally, tried = ClerkTally(), Counter[int]()
    while not until.is_set():
        try:
            errands = await _round(database, tally, tried)
        except Trouble as trouble:
            errands = []
            tell("trouble", {"text": str(trouble)})
        for errand in errands:
            if not until.is_set():
                tried[errand.case_id] += 1
                await _run(database, errand, tally, tell)
        if not errands:
            await _pause(until)
    return tally


async def _run(database: str, errand: Errand, tally: ClerkTally, tell: Tell) -> None:
    try:
        await ask(database, *errand.arguments())
    except Trouble as trouble:
        tally.refused.append(str(trouble))
        tell("refused", {"case": errand.case_id, "verb": errand.verb, "text": str(trouble)})
        return
    tally.corrected[errand.verb] += 1
    tell("corrected", {"case": errand.case_id, "verb": errand.verb})


async def _round(database: str, tally: ClerkTally, tried: Mapping[int, int]) -> list[Errand]:
    """One look at the lists: the next errand of each kind that is still wanted."""
    wanted = [verb for verb, wish in WISHES.items() if tally.corrected[verb] < wish]
    cases = await ask(database, "cases") if wanted else []
    if not cases:
        return []
    lists = [await ask(database, noun) for noun in ("orders", "studies", "patients")]
    errands = sorted(shortlist(cases, *lists), key=lambda errand: tried[errand.case_id])
    first = {errand.verb: errand for errand in reversed(errands) if tried[errand.case_id] < TRIES}
    return [first[verb] for verb in wanted if verb in first]


def shortlist(cases: Rows, orders: Rows, studies: Rows, patients: Rows) -> list[Errand]:
    """What a careful person would want to do with the open cases on complete studies."""
    numbers = {row["patient_id"] for row in patients if not row["merged_into"]}
    order_by_id, study_by_id = {row["id"]: row for row in orders}, {row["id"]: row for row in studies}
    errands = []
    for case in cases:
        study = study_by_id.get(case["study_id"])
        if case["state"] == "open" and study is not None and study["status"] == "complete":
            errands.append(decide(case, study, likely_order(case, order_by_id), numbers))
    return [errand for errand in errands if errand is not None]


def decide(case: Row, study: Row, order: Row | None, numbers: Set[str]) -> Errand | None:
    """The verb for one case, or nothing where only somebody who knows more should act. `numbers` are all registered."""
    if case["kind"] == "demographic_mismatch":
        return Errand(case["id"], "fix")
    if case["kind"] != "unassigned_study" or order is None:
        return None
    if study["patient_id"] == order["patient_id"]:
        return Errand(case["id"], "link", order["id"])
    if not same_name_and_birth_date(study, order):
        return None
    registered_twice = study["patient_id"] in numbers
    return Errand(case["id"], "merge") if registered_twice else Errand(case["id"], "link", order["id"])


def likely_order(case: Row, orders: Mapping[int, Row]) -> Row | None:
    """The order of the best candidate, if it is likely."""
    best = next(iter(case["candidates"]), None)
    return orders.get(best["order_id"]) if best and best["probability"] >= LIKELY else None


def same_name_and_birth_date(one: Row, other: Row) -> bool:
    names = [str(row["patient_name"]).split("=")[0].rstrip("^").casefold() for row in (one, other)]
    births = [row["patient_birth_date"] for row in (one, other)]
    return bool(names[0]) and bool(births[0]) and names[0] == names[1] and births[0] == births[1]


async def _pause(until: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(PAUSE):
            await until.wait()
    except TimeoutError:
        return
