from __future__ import annotations

import argparse
import json
import threading
from datetime import UTC, datetime

import pytest

from radrecon.cli import sending
from radrecon.model.correction import DeliveryState
from radrecon.model.errors import Trouble
from radrecon.store import corrections, life
from radrecon.store.database import Store
from tests.store.hospital import Hospital, correct

WAIT = argparse.Namespace(wait=True, timeout=20.0, json=True)
S = DeliveryState


def engine(store: Store) -> None:
    with store.transaction() as conn:
        life.announce(conn, state="running", host="h", pid=1, version="1", endpoints={})


def end(store: Store, *states: DeliveryState, correction_state: str = "done") -> None:
    """What relay and verifier would do."""
    with store.transaction() as conn:
        for delivery_id, state in enumerate(states, 1):
            delivery = corrections.load_delivery(conn, delivery_id)
            corrections.move(conn, delivery, state, datetime.now(UTC), "peer's words")
        corrections.update_correction(conn, 1, state=correction_state)


def test_without_an_engine_it_is_queued_and_said_at_once(
    hospital: Hospital, capsys: pytest.CaptureFixture[str]
) -> None:
    number = correct(hospital, 1)
    with pytest.raises(Trouble, match=f"queued as {number}: no engine is running"):
        sending.finish(hospital.store, number, WAIT)
    assert json.loads(capsys.readouterr().out)["state"] == "under way"


def test_waiting_ends_when_everything_is_filed_or_cannot_be_proved(
    hospital: Hospital, capsys: pytest.CaptureFixture[str]
) -> None:
    number = correct(hospital, 1)
    engine(hospital.store)
    later = threading.Timer(0.3, end, (hospital.store, S.FILED, S.ACKNOWLEDGED))
    later.start()
    assert sending.finish(hospital.store, number, WAIT) == 0
    later.join()
    said = json.loads(capsys.readouterr().out)
    assert (said["correction_id"], said["state"]) == (number, "acknowledged")
    assert [one["state"] for one in said["deliveries"]] == ["filed", "acknowledged"]


@pytest.mark.parametrize("state", [S.REFUSED, S.FAILED, S.NOT_APPLIED, S.STALE])
def test_waiting_ends_with_the_peers_words_when_one_cannot_be_filed(
    hospital: Hospital, state: DeliveryState, capsys: pytest.CaptureFixture[str]
) -> None:
    number = correct(hospital, 1)
    engine(hospital.store)
    end(hospital.store, state, correction_state="in trouble")
    words = str(state).replace("_", " ")
    with pytest.raises(Trouble, match=rf"correction {number}: main {words} \(peer's words\)"):
        sending.finish(hospital.store, number, WAIT)
    assert json.loads(capsys.readouterr().out)["deliveries"][0]["state"] == str(state)


@pytest.mark.parametrize("state", [S.QUEUED, S.UNCERTAIN, S.ACKNOWLEDGED])
def test_waiting_has_an_end_and_says_what_is_missing(
    hospital: Hospital, state: DeliveryState, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is provable is not done when it is only acknowledged; an uncertain one may still be looked up."""
    number = correct(hospital, 1)
    engine(hospital.store)
    end(hospital.store, state, S.ACKNOWLEDGED, correction_state="under way")
    with pytest.raises(Trouble, match=rf"correction {number} is not filed after 0.2 s: main {state}"):
        sending.finish(hospital.store, number, argparse.Namespace(wait=True, timeout=0.2, json=True))
    assert json.loads(capsys.readouterr().out)["correction_id"] == number


def test_without_wait_it_says_how_it_stands(hospital: Hospital, capsys: pytest.CaptureFixture[str]) -> None:
    number = correct(hospital, 1)
    engine(hospital.store)
    assert sending.finish(hospital.store, number, argparse.Namespace(wait=False, timeout=1.0, json=False)) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"correction {number}: under way"


def test_an_engine_that_is_lost_does_not_count(hospital: Hospital) -> None:
    engine(hospital.store)
    assert sending.engine_lives(hospital.store)
    with hospital.store.transaction() as conn:
        life.say_stopped(conn)
    assert not sending.engine_lives(hospital.store)
