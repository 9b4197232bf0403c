"""Original mode gives one answer; enhanced mode those that MSH-15 and MSH-16 ask for (2.9.2, 2.9.3)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from radrecon.hl7v2.ack import read_ack
from radrecon.hl7v2.reader import Message
from radrecon.workflow.acknowledging import Outcome, answers, new_control_id

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
APPLIED = Outcome("AA")
WRONG = Outcome("AE", "PID-3 is empty", "PID-3")
NOT_TAKEN = Outcome("AR", "message type BAR^P01 is not taken here", "MSH-9")
NOT_NOW = Outcome("AR", "not stored: disk full", stored=False)


def asked(accept: str, application: str) -> Message:
    return Message.parse(f"MSH|^~\\&|RIS||||20261122||ORM^O01|C1|P|2.5.1|||{accept}|{application}\rPID|||1\r".encode())


def codes(message: Message | None, outcome: Outcome) -> list[str]:
    return [read_ack(one).code for one in answers(message, outcome, NOW)]


@pytest.mark.parametrize("outcome", [APPLIED, WRONG, NOT_TAKEN, NOT_NOW])
def test_original_mode_is_one_answer_that_says_what_became_of_it(outcome: Outcome) -> None:
    assert codes(asked("", ""), outcome) == [outcome.code]


def test_what_has_no_header_is_rejected_in_original_mode() -> None:
    assert codes(None, NOT_TAKEN) == ["AR"]


@pytest.mark.parametrize(
    ("accept", "application", "applied", "wrong", "not_taken", "not_now"),
    [
        ("AL", "NE", ["CA"], ["CA"], ["CR"], ["CR"]),
        ("AL", "AL", ["CA", "AA"], ["CA", "AE"], ["CR"], ["CR"]),
        ("NE", "AL", ["AA"], ["AE"], ["AR"], ["AR"]),
        ("NE", "NE", [], [], [], []),
        ("ER", "ER", [], ["AE"], ["CR"], ["CR"]),
        ("SU", "SU", ["CA", "AA"], ["CA"], [], []),
        ("AL", "", ["CA"], ["CA"], ["CR"], ["CR"]),
        ("", "AL", ["AA"], ["AE"], ["AR"], ["AR"]),
        ("al", "ne", ["CA"], ["CA"], ["CR"], ["CR"]),
    ],
)
def test_enhanced_mode_gives_what_is_asked_for(
    accept: str, application: str, applied: list[str], wrong: list[str], not_taken: list[str], not_now: list[str]
) -> None:
    message = asked(accept, application)
    found = [codes(message, outcome) for outcome in (APPLIED, WRONG, NOT_TAKEN, NOT_NOW)]
    assert found == [applied, wrong, not_taken, not_now]


def test_an_error_names_its_field_and_every_answer_its_message() -> None:
    first, second = (read_ack(one) for one in answers(asked("AL", "AL"), WRONG, NOW))
    assert (first.control_id, second.control_id) == ("C1", "C1")
    assert second.error.startswith("PID-3")
    assert first.error == ""


def test_control_ids_are_short_and_never_the_same() -> None:
    found = {new_control_id() for _ in range(1000)}
    assert len(found) == 1000
    assert {len(one) for one in found} == {20}
