from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from radrecon.services import pace
from radrecon.services.pace import LONGEST_REST, REST, Pace
from radrecon.store import journal
from radrecon.store.database import Store, open_store
from tests.builders import NOW


@pytest.fixture
def store(clean_sqlite: str) -> Iterator[Store]:
    one = open_store(clean_sqlite)
    yield one
    one.close()


def arrive(store: Store, number: int) -> None:
    with store.transaction() as conn:
        for _ in range(number):
            journal.add(conn, journal.Entry("in", NOW, b"MSH"))


def test_only_in_a_burst_the_worker_rests(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: clock[0])
    one = Pace(store)

    def rest(messages: int, seconds: float, worked: float) -> Any:
        arrive(store, messages)
        clock[0] += seconds
        return one.rest(worked)

    assert rest(20, 1.0, 0.1) == 0.0
    assert rest(300, 1.0, 0.1) == pytest.approx(REST * 0.1)
    assert rest(300, 1.0, 5.0) == LONGEST_REST
    assert rest(0, 1.0, 0.1) == 0.0
