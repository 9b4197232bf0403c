"""Lookers as real processes: what they say, and what becomes of their pages when they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from radrecon.config import Config, EngineConfig
from radrecon.program import command
from radrecon.services import lookers
from radrecon.services.lookers import Again, Lookers, wanted
from radrecon.store import person_keys, persons, recheck
from radrecon.store.database import Store, open_store
from radrecon.workflow import rechecking
from radrecon.workflow.looking_ahead import Ahead
from tests import builders

NOW = datetime.now(UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    one = open_store(request.getfixturevalue("clean_sqlite" if request.param == "sqlite" else "clean_postgres"))
    yield one
    one.close()


@pytest.fixture
def lone(clean_sqlite: str) -> Iterator[Store]:
    one = open_store(clean_sqlite)
    yield one
    one.close()


def url(store: Store) -> str:
    return store.url.render_as_string(hide_password=False)


def people(store: Store, count: int) -> list[int]:
    """Without the keys that they should have."""
    with store.transaction() as conn:
        return [persons.insert(conn, builders.demographics(str(number))) for number in range(1, count + 1)]


def are_found(store: Store, ids: Sequence[int]) -> bool:
    with store.reading() as conn:
        return all(person_keys.keys_of_several(conn, ids).values())


def latest(store: Store) -> recheck.Recheck:
    with store.reading() as conn:
        found = recheck.latest(conn)
    assert found
    return found


def asked(others: Lookers, number: int, stage: str, ids: Sequence[int]) -> None:
    end = time.monotonic() + 60
    while not others.ask(number, stage, ids, NOW):
        assert others.pids
        assert time.monotonic() < end
        others.answers(0.1)


def answered(others: Lookers, *numbers: int) -> Mapping[int, Sequence[int] | None]:
    found: dict[int, Sequence[int] | None] = {}
    end = time.monotonic() + 60
    while not found.keys() >= {*numbers}:
        assert time.monotonic() < end
        found |= others.answers(0.1)
    return found


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_they_name_what_is_not_as_it_should_be_and_are_gone_when_they_are_closed(store: Store) -> None:
    ids = people(store, 3)
    others = Lookers(url(store), 2)
    pids = others.pids
    asked(others, 1, "persons", ids)
    asked(others, 2, "orders", [7, 8])
    assert answered(others, 1, 2) == {1: ids, 2: []}
    others.close()
    assert others.pids == []
    assert not any(map(is_there, pids))


def test_all_is_looked_at_with_them(store: Store) -> None:
    ids = people(store, 450)
    others = Lookers(url(store), 2)
    ahead = Ahead(others)
    rechecking.start(store, "rules", NOW)
    while ahead.some(store, NOW):
        pass
    others.close()
    assert are_found(store, ids)
    assert (latest(store).done, latest(store).total) == (450, 450)


def test_the_pages_of_one_that_was_killed_come_back_and_that_is_said_once(lone: Store) -> None:
    ids = people(lone, 2)
    others = Lookers(url(lone), 2)
    asked(others, 1, "persons", ids)
    assert answered(others, 1) == {1: ids}
    with capture_logs() as lines:
        for pid in others.pids:
            os.kill(pid, signal.SIGSTOP)  # so that it has its page when it is killed
        asked(others, 2, "persons", ids)
        asked(others, 3, "persons", ids)
        for pid in others.pids:
            os.kill(pid, signal.SIGKILL)
        assert answered(others, 2, 3) == {2: None, 3: None}
    assert not others.ask(4, "persons", ids, NOW)
    assert [line["event"].split(";")[0] for line in lines] == ["a process that looks again is not there"]
    others.close()


def test_one_that_cannot_start_or_says_nonsense_is_done_without(lone: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    rechecking.start(lone, "rules", NOW)
    for line in (["/no/such/program"], [sys.executable, "-c", "print('hello')"], [sys.executable, "-c", ""]):
        monkeypatch.setattr(lookers, "command", lambda *_, line=line: line)
        with capture_logs() as lines:
            others = Lookers(url(lone), 2)
            end = time.monotonic() + 60
            while others.pids and time.monotonic() < end:
                assert others.answers(0.1) == {}
        assert others.pids == []
        assert [said["log_level"] for said in lines] == ["warning"]
        others.close()
    assert Ahead(others).some(lone, NOW, 0)


def test_one_that_decides_by_other_rules_is_not_asked(lone: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a package was replaced under a running worker."""
    monkeypatch.setattr(rechecking, "RULES", rechecking.RULES + 1)
    others = Lookers(url(lone), 1)
    with capture_logs() as lines:
        end = time.monotonic() + 60
        while others.pids and time.monotonic() < end:
            others.answers(0.1)
    assert [line["reason"] for line in lines] == ["decides by other rules"]
    assert not others.ask(1, "orders", [1], NOW)
    others.close()


def started(store: Store) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command("looker", "--database", url(store)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def test_it_speaks_of_ids_only_and_ends_with_its_input(lone: Store) -> None:
    ids = people(lone, 2)
    with started(lone) as child:
        assert child.stdin
        assert child.stdout
        assert json.loads(child.stdout.readline()) == {"rules": rechecking.rules()}
        if sys.platform == "linux":
            assert os.getpriority(os.PRIO_PROCESS, child.pid) >= min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
        page = {"page": 1, "stage": "persons", "ids": ids, "now": NOW.isoformat()}
        text = json.dumps(page).encode() + b"\n"
        for part in (text[:9], text[9:]):
            child.stdin.write(part)
            child.stdin.flush()
        assert json.loads(child.stdout.readline()) == {"page": 1, "named": ids}
        child.stdin.close()
        assert child.wait(60) == 0


def test_it_ends_where_its_schema_is_not_the_one_of_the_database(tmp_path: Path) -> None:
    bare = open_store(f"sqlite:///{tmp_path / 'bare.sqlite3'}")
    with started(bare) as child:
        assert child.stdout
        assert child.stdout.read() == b""
        assert child.wait(60) == 1
    bare.close()


# -- how many, and when -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cores", "count"), [(1, 0), (2, 1), (3, 1), (4, 2), (8, 6), (64, 8)])
def test_engine_and_worker_keep_a_processor_each(cores: int, count: int) -> None:
    assert wanted(Config(), cores) == count


def test_the_settings_say_how_many() -> None:
    for count in (0, 3):
        assert wanted(Config(engine=EngineConfig(recheck_processes=count)), 2) == count


class Kept(Lookers):
    """Those that were made, for looking at."""

    made: list[Any] = []  # noqa: RUF012

    def __init__(self, database_url: str, count: int) -> None:
        super().__init__(database_url, count)
        self.made.append(self)


def test_they_are_started_where_much_is_to_be_done_and_end_with_it(
    lone: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookers, "Lookers", Kept)
    monkeypatch.setattr(Kept, "made", [])
    again = Again(lone, lambda: Config(engine=EngineConfig(recheck_processes=1)))
    ids = people(lone, 250)
    assert not again.some(NOW)
    rechecking.start(lone, "few", NOW)
    while again.some(NOW):
        pass
    assert Kept.made == []
    assert are_found(lone, ids)
    monkeypatch.setattr(lookers, "ENOUGH", 200)
    rechecking.start(lone, "many", NOW)
    assert again.some(NOW, 0)
    (made,) = Kept.made
    (pid,) = made.pids
    rechecking.start(lone, "again", NOW)  # those that are there go on
    while again.some(NOW):
        pass
    assert len(Kept.made) == 1
    again.some(NOW)
    assert not is_there(pid)
    assert latest(lone).done == 250


def test_those_that_all_ended_are_started_anew_for_the_next_one(lone: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookers, "Lookers", Kept)
    monkeypatch.setattr(Kept, "made", [])
    monkeypatch.setattr(lookers, "ENOUGH", 0)
    again = Again(lone, lambda: Config(engine=EngineConfig(recheck_processes=1)))
    people(lone, 50)
    for _ in range(2):
        rechecking.start(lone, "many", NOW)
        assert again.some(NOW, 0)
        (pid,) = Kept.made[-1].pids
        os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 60
        while Kept.made[-1].pids and time.monotonic() < end:
            Kept.made[-1].answers(0.1)
    assert len(Kept.made) == 2
    while again.some(NOW):
        pass
    again.close()
