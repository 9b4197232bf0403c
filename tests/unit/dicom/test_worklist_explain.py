"""Why an order is not on a station's worklist."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from radrecon.dicom.worklist import Profile, WorklistQuery
from radrecon.dicom.worklist_explain import LATER, LIMIT, Question, explain
from radrecon.dicom.worklist_scope import Scope
from radrecon.model.order import StepStatus
from tests.unit.dicom.worklist_orders import WORKLIST

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
PROFILE = Profile(Scope("CT1", stations=frozenset({"CT1"}), site_zone=UTC))
A1, A2, A6 = WORKLIST[0], WORKLIST[1], WORKLIST[5]


def question(query: WorklistQuery | None = None, **more: Any) -> Question:
    asked = PROFILE.asked(query or WorklistQuery(), NOW)
    return Question(asked, PROFILE, "CT1", **({"within": {1, 2, 6}} | more))


@pytest.mark.parametrize(
    ("asked", "pair", "rule", "words"),
    [
        (question(), A1, "", "A1 is on the list of CT1: scheduled today 09:00."),
        (question(), A6, "", "scheduled 2026-11-24, so that a query for today leaves it out"),
        (question(), A2, "station of the list", "A2 is not on the list of CT1: it is on the list of CT2."),
        (question(WorklistQuery(modality=("MR",))), A1, "Modality", "Modality is CT, not MR"),
        (question(query_id=7), A6, "", "A6 is in the answer to query 7: scheduled 2026-11-24."),
        (question(query_id=7, later={1}), A1, LATER, "the order came after the query"),
        (question(within={2}), A1, LIMIT, "more than the 500 answers of its limit"),
    ],
)
def test_one_sentence_says_why(asked: Question, pair: Any, rule: str, words: str) -> None:
    found = explain(asked, pair[0].accession_number, [pair], heard=True)
    assert (found.on_list, found.rule) == (not rule, rule)
    assert words in found.sentence


def test_what_was_not_heard_or_has_no_step_says_so() -> None:
    assert "No order with accession X was received" in explain(question(), "X", [], heard=False).sentence
    assert "makes no scheduled step" in explain(question(), "X", [], heard=True).sentence


def test_of_several_steps_one_on_the_list_is_enough() -> None:
    order, step = A1
    done = replace(step, status=StepStatus.COMPLETED)
    found = explain(question(), "A1", [(order, done), A1], heard=True)
    assert (found.on_list, [one.on_list for one in found.steps]) == (True, [False, True])
    assert "completed, so it has left" in found.details[0]
