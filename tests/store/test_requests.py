from __future__ import annotations

from datetime import timedelta

from radrecon.store import requests
from radrecon.store.database import Store
from tests.builders import NOW

SOON, LATE = NOW + timedelta(seconds=10), NOW + timedelta(minutes=1)


def test_a_request_is_claimed_once_and_answered(store: Store) -> None:
    with store.transaction() as conn:
        number = requests.ask(conn, "poll", {"pacs": "main"}, at=NOW, deadline=SOON)
        assert requests.claim(conn, ("stop",), NOW) == []
        (claimed,) = requests.claim(conn, ("poll", "stop"), NOW)
        assert requests.claim(conn, ("poll",), NOW) == []
        requests.answer(conn, number, at=NOW, result={"studies": 3})
        found = requests.load(conn, number)
    assert claimed.arguments == {"pacs": "main"}
    assert found is not None
    assert (found.state, found.result) == ("answered", {"studies": 3})


def test_one_that_nobody_served_in_time_fails_and_says_so(store: Store) -> None:
    with store.transaction() as conn:
        number = requests.ask(conn, "echo", {}, at=NOW, deadline=SOON)
        assert requests.claim(conn, ("echo",), LATE) == []
        found = requests.load(conn, number)
    assert found is not None
    assert (found.state, found.error) == ("failed", "not answered in time")


def test_an_error_is_an_answer_too(store: Store) -> None:
    with store.transaction() as conn:
        number = requests.ask(conn, "echo", {}, at=NOW, deadline=SOON)
        requests.answer(conn, number, at=NOW, error="main does not answer")
        found = requests.load(conn, number)
        assert requests.load(conn, 99) is None
    assert found is not None
    assert (found.state, found.error) == ("failed", "main does not answer")
