from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.order import StepStatus
from radrecon.recon.replayed import not_reopened
from tests.builders import order, step

S = StepStatus


def with_states(status: StepStatus, *steps: StepStatus):  # type: ignore[no-untyped-def]
    made = tuple(replace(step(status=one), id=number) for number, one in enumerate(steps, 1))
    return replace(order("A100"), status=status, steps=made)


@pytest.mark.parametrize("ended", [S.COMPLETED, S.CANCELLED, S.DISCONTINUED, S.STARTED, S.HELD])
def test_what_has_gone_on_stays_so(ended: StepStatus) -> None:
    kept = not_reopened(with_states(ended, ended, S.SCHEDULED), with_states(S.SCHEDULED, S.SCHEDULED, S.SCHEDULED))
    assert (kept.status, [one.status for one in kept.steps]) == (ended, [ended, S.SCHEDULED])


def test_what_goes_on_by_the_message_does() -> None:
    ended = with_states(S.CANCELLED, S.CANCELLED)
    assert not_reopened(with_states(S.SCHEDULED, S.SCHEDULED), ended) == ended
    assert not_reopened(with_states(S.STARTED, S.STARTED), ended) == ended


def test_a_step_that_is_new_is_as_the_message_says() -> None:
    kept = not_reopened(with_states(S.COMPLETED), with_states(S.COMPLETED, S.SCHEDULED))
    assert [one.status for one in kept.steps] == [S.SCHEDULED]
