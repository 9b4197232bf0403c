from __future__ import annotations

import asyncio
from typing import Any

import pytest

from radrecon.model.errors import Trouble
from radrecon.sim import clerk
from radrecon.sim.clerk import Errand, shortlist, work

ORDER = {
    "id": 3,
    "patient_id": "1234567",
    "patient_name": "Müller^Anna",
    "patient_birth_date": "1960-05-17",
}
PATIENTS = [{"patient_id": "1234567", "merged_into": 0}, {"patient_id": "7654321", "merged_into": 0}]


def case(kind: str = "unassigned_study", **more: Any) -> dict[str, Any]:
    candidates = [{"order_id": 3, "accession_number": "A1", "probability": 0.97}]
    return {"id": 7, "kind": kind, "state": "open", "study_id": 5, "candidates": candidates, **more}


def study(**more: str) -> dict[str, Any]:
    return {**ORDER, "id": 5, "status": "complete", **more}


def errands(one: dict[str, Any], images: dict[str, Any]) -> list[Errand]:
    return shortlist([one], [ORDER], [images], PATIENTS)


def test_an_orphan_is_linked_to_the_likely_order_of_the_same_person() -> None:
    assert errands(case(), study()) == [Errand(7, "link", 3)]


@pytest.mark.parametrize(
    ("one", "images"),
    [
        (case(candidates=[]), study()),
        (case(candidates=[{"order_id": 3, "probability": 0.5}]), study()),
        (case(candidates=[{"order_id": 99, "probability": 0.99}]), study()),
        (case(state="correcting"), study()),
        (case(), study(status="arriving")),
        (case(study_id=0), study()),
        (case(kind="accession_collision"), study()),
        (case(), study(patient_id="5555555", patient_name="Smith^John")),
        (case(), study(patient_id="7654321", patient_birth_date="1961-05-17")),
        (case(), study(patient_id="7654321", patient_name="", patient_birth_date="")),
    ],
    ids=[
        "no order fits",
        "the order is unlikely",
        "the order is not in the list",
        "somebody is at it",
        "images are still arriving",
        "it is not about one study",
        "it takes more than one verb",
        "the order is somebody else's",
        "it is a namesake",
        "the study has no name",
    ],
)
def test_a_case_is_left_alone_where(one: dict[str, Any], images: dict[str, Any]) -> None:
    assert errands(one, images) == []


def test_a_mistyped_number_that_is_nobodys_with_name_and_birth_date_right_is_the_same_person() -> None:
    assert errands(case(), study(patient_id="1234576", patient_name="MÜLLER^ANNA")) == [Errand(7, "link", 3)]


def test_a_mismatch_is_fixed() -> None:
    assert errands(case("demographic_mismatch"), study()) == [Errand(7, "fix")]


def test_two_registered_numbers_of_one_person_are_merged() -> None:
    assert errands(case(), study(patient_id="7654321")) == [Errand(7, "merge")]


class Desk:
    """A stand-in for the command line: one case, which a correction closes or refuses."""

    def __init__(self, refuse: bool = False) -> None:
        self.refuse, self.open = refuse, True
        self.asked: list[tuple[str, ...]] = []
        self.done, self.looked_often = asyncio.Event(), asyncio.Event()

    async def ask(self, database: str, *arguments: str) -> Any:
        self.asked.append(arguments)
        if len([1 for question in self.asked if question[0] == "cases"]) > clerk.TRIES + 2:
            self.looked_often.set()
        lists = {"orders": [ORDER], "studies": [study()], "patients": PATIENTS}
        answers = lists | {"cases": [case()] if self.open else []}
        if arguments[0] in answers:
            return answers[arguments[0]]
        self.done.set()
        if self.refuse:
            raise Trouble("still arriving")
        self.open = False
        return {}


@pytest.mark.parametrize("refuse", [False, True])
async def test_the_clerk_corrects_with_a_reason_and_waits(monkeypatch: pytest.MonkeyPatch, refuse: bool) -> None:
    desk = Desk(refuse)
    monkeypatch.setattr(clerk, "ask", desk.ask)
    until = asyncio.Event()
    shift = asyncio.ensure_future(work("sqlite:///x", until, lambda what, facts: None))
    await desk.done.wait()
    until.set()
    tally = await shift
    (correction, *_) = [arguments for arguments in desk.asked if arguments[0] == "correct"]
    assert correction[:5] == ("correct", "7", "link", "--order", "3")
    assert "--reason" in correction
    assert correction[-1] == "--wait"
    assert dict(tally.corrected) == ({} if refuse else {"link": 1})
    assert tally.refused[:1] == (["still arriving"] if refuse else [])


async def test_a_case_that_keeps_refusing_is_left_after_a_few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(refuse=True)
    monkeypatch.setattr(clerk, "ask", desk.ask)
    monkeypatch.setattr(clerk, "PAUSE", 0.01)
    until = asyncio.Event()
    shift = asyncio.ensure_future(work("sqlite:///x", until, lambda what, facts: None))
    await desk.looked_often.wait()
    until.set()
    assert len((await shift).refused) == clerk.TRIES


async def test_a_list_that_cannot_be_had_now_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    until, troubles = asyncio.Event(), list[str]()

    async def ask(database: str, *arguments: str) -> Any:
        raise Trouble("the database is busy")

    def tell(what: str, facts: dict[str, Any]) -> None:
        troubles.append(facts["text"])
        if len(troubles) == 2:
            until.set()

    monkeypatch.setattr(clerk, "ask", ask)
    monkeypatch.setattr(clerk, "PAUSE", 0.01)
    assert (await work("sqlite:///x", until, tell)).refused == []
    assert troubles == ["the database is busy"] * 2


async def test_one_correction_of_each_kind_is_made_before_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    verbs: list[str] = []
    until = asyncio.Event()
    fixes = [case("demographic_mismatch", id=number) for number in (1, 2, 3)]

    async def ask(database: str, *arguments: str) -> Any:
        if arguments[0] == "correct":
            verbs.append(arguments[2])
        if len(verbs) == 3:
            until.set()
        lists = {"cases": [*fixes, case()], "orders": [ORDER], "studies": [study()], "patients": PATIENTS}
        return lists.get(arguments[0], {})

    monkeypatch.setattr(clerk, "ask", ask)
    await work("sqlite:///x", until, lambda what, facts: None)
    assert sorted(verbs[:2]) == ["fix", "link"]
