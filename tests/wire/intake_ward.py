"""A ward of senders at a real engine that go on whatever is answered, and what of theirs was kept."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import open_store
from tests.e2e.hospital import Engine, code, engine, orm, send, until

SILENCE = ""


@dataclass
class Ward:
    """Senders that go on whatever is answered: a new connection after silence, the same message until its AA."""

    desk: Engine
    connections: int = 4
    said: Counter[str] = field(default_factory=Counter)
    acknowledged: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    trouble: list[BaseException] = field(default_factory=list)

    def talk(self, name: str) -> None:
        try:
            for number in itertools.count():
                if not self.until_taken(orm(f"{name}N{number}", mrn=f"{name}{number % 5}"), f"{name}N{number}"):
                    return
        except BaseException as error:
            self.trouble.append(error)

    def until_taken(self, message: str, accession: str) -> bool:
        while not self.stop.is_set():
            answer = SILENCE
            with contextlib.suppress(OSError):
                answer = code(send(self.desk.mllp, message))
            self.said[answer] += 1
            if answer == "AA":
                self.acknowledged.append(accession)
                return True
            assert answer in ("AR", SILENCE), answer
            self.stop.wait(0.05)
        return False

    @contextlib.contextmanager
    def talking(self) -> Iterator[Ward]:
        threads = [threading.Thread(target=self.talk, args=(f"W{number}",)) for number in range(self.connections)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.stop.set()
            for thread in threads:
                thread.join(90)
        assert self.trouble == []

    def goes_on(self) -> None:
        """More is acknowledged than until now."""
        before = len(self.acknowledged)
        until(lambda: len(self.acknowledged) > before + self.connections, 120)


def held(database: str) -> Counter[str]:
    """The accession numbers that orders have."""
    store = open_store(database)
    with store.reading() as conn:
        found = Counter(conn.execute(sa.select(t.imaging_order.c.accession_number)).scalars())
    store.close()
    return found


def applied(database: str) -> set[str]:
    store = open_store(database)
    with store.reading() as conn:
        rows = conn.execute(sa.select(t.message.c.control_id).where(t.message.c.state == "applied")).scalars()
        found = set(rows)
    store.close()
    return found


def assert_kept(ward: Ward, database: str = "") -> None:
    """What was acknowledged is there, once."""
    orders = held(database or ward.desk.database)
    assert [one for one in ward.acknowledged if orders[one] != 1] == []
    assert {f"{one}NW" for one in ward.acknowledged} <= applied(database or ward.desk.database)


def same_process(desk: Engine) -> None:
    assert desk.process
    assert desk.process.poll() is None, desk.log()[-2000:]
    assert "Traceback" not in desk.log(), desk.log()[-4000:]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine for all tests of a file."""
    with engine(tmp_path_factory.mktemp("desk"), "") as one:
        yield one
