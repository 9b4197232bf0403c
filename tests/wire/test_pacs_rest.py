"""Waiting for a job of Orthanc's. A real one ends at once, so that what it says meanwhile is played here."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from radrecon.config import PacsConfig
from radrecon.model.errors import PeerTrouble, PeerUncertain
from radrecon.services.pacs_rest import Copy, Orthanc

COPY = Copy("i1", "s1", "4711", "1.2.3")
PACS = PacsConfig(name="main", ae_title="MAIN", port=4242)


def modify(states: Iterator[dict[str, object]], patience: float = 5) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"ID": "j1"} if request.method == "POST" else next(states))

    with httpx.Client(base_url="http://pacs", transport=httpx.MockTransport(answer)) as client:
        Orthanc(PACS, client, patience=patience).modify([COPY], {}, [])


def running(*progress: int) -> Iterator[dict[str, object]]:
    yield from ({"State": "Running", "Progress": one} for one in progress)


def test_a_job_is_waited_for_until_it_has_ended() -> None:
    def states() -> Iterator[dict[str, object]]:
        yield from running(0, 0, 50, 50, 100)
        yield {"State": "Success"}

    modify(states())


def test_a_job_that_stands_still_is_uncertain_and_not_waited_for_ever() -> None:
    def paused() -> Iterator[dict[str, object]]:
        yield from running(0, 40)
        while True:
            yield {"State": "Paused", "Progress": 40}

    with pytest.raises(PeerUncertain, match="main: the edit has stopped at 40 % there: paused"):
        modify(paused(), patience=0.05)


def test_a_job_that_gets_on_is_given_all_the_time_it_takes() -> None:
    def slow() -> Iterator[dict[str, object]]:
        yield from running(*range(8))
        yield {"State": "Success"}

    modify(slow(), patience=0.0)


def test_why_a_job_failed_is_said() -> None:
    with pytest.raises(PeerTrouble, match="main could not modify the study: disk full"):
        modify(iter([{"State": "Failure", "ErrorDescription": "disk full"}]))
