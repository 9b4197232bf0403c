"""Disk full, database locked, moved, replaced or stopped, under a real engine: never a false AA, no restart."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import leftovers
from tests.databases import postgres_server
from tests.e2e.hospital import code, engine, orm, send, until
from tests.wire.intake_ward import SILENCE, Ward, assert_kept, held, same_process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


# -- disk -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB."""
    where = tmp_path / "disk"
    where.mkdir()
    leftovers.remove_later(where)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(where)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"mounting a small file system is refused here: {mounted.stderr.strip()}")
    yield where
    subprocess.run(["umount", "-l", str(where)], check=True)


def fill(disk: Path) -> Path:
    """Take all the space that is left."""
    path = disk / "filler"
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))
    return path


def test_a_full_disk_takes_nothing_and_says_so_until_there_is_room_again(tmp_path: Path, small_disk: Path) -> None:
    with engine(tmp_path / "engine", "", f"sqlite:///{small_disk / 'radrecon.sqlite3'}") as desk:
        ward = Ward(desk)
        with ward.talking():
            ward.goes_on()
            filler = fill(small_disk)
            until(lambda: ward.said["AR"] + ward.said[SILENCE] > 8, 200)
            filler.unlink()
            ward.goes_on()
        same_process(desk)
        assert_kept(ward)


# -- locked -----------------------------------------------------------------------------------------------------------

HOLD = """
import sqlite3, sys
conn = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
conn.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""
QUEUE = """
import sys
from pathlib import Path
from radrecon.store.turnstile import Turnstile
with Turnstile(Path(sys.argv[1])).writing():
    print("held", flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def another_process(program: str, database: str) -> Iterator[None]:
    path = database.removeprefix("sqlite:///")
    process = subprocess.Popen(
        [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    try:
        yield
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


@pytest.mark.parametrize(
    ("program", "seconds"),
    [(HOLD, 3), (HOLD, 14), (QUEUE, 3)],
    ids=["by SQLite", "by SQLite for longer than a writer waits", "at the door"],
)
def test_a_locked_database_makes_senders_wait_and_then_they_go_on(tmp_path: Path, program: str, seconds: float) -> None:
    with engine(tmp_path, "") as desk:
        ward = Ward(desk)
        with ward.talking():
            ward.goes_on()
            with another_process(program, desk.database):
                time.sleep(1)  # what had begun at the door is through
                before = held(desk.database).total()
                time.sleep(seconds)
                assert len(ward.acknowledged) <= before
                assert held(desk.database).total() == before
            ward.goes_on()
        same_process(desk)
        assert_kept(ward)


# -- gone -------------------------------------------------------------------------------------------------------------


def move(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for path in source.glob("radrecon.sqlite3*"):
        if path.suffix in (".sqlite3", ".sqlite3-wal", ".sqlite3-shm"):
            path.rename(target / path.name)


def test_a_database_moved_away_takes_nothing_until_it_is_back(tmp_path: Path) -> None:
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    with engine(tmp_path / "engine", "", f"sqlite:///{here / 'radrecon.sqlite3'}") as desk:
        ward = Ward(desk)
        with ward.talking():
            ward.goes_on()
            move(here, elsewhere)
            until(lambda: ward.said["AR"] + ward.said[SILENCE] > 8, 200)
            assert not (here / "radrecon.sqlite3").exists()
            move(elsewhere, here)
            ward.goes_on()
        same_process(desk)
        assert_kept(ward)


def test_a_database_replaced_by_a_copy_is_the_one_that_is_written(tmp_path: Path) -> None:
    """What is acknowledged after a backup was put back is in that, not in a file that nobody can open any more."""
    here = tmp_path / "here"
    here.mkdir()
    path = here / "radrecon.sqlite3"
    with engine(tmp_path / "engine", "", f"sqlite:///{path}") as desk:
        assert code(send(desk.mllp, orm("BEFORE"))) == "AA"
        back_up(path, tmp_path / "copy.sqlite3")
        assert code(send(desk.mllp, orm("LOST"))) == "AA"
        move(here, tmp_path / "old")
        shutil.copy(tmp_path / "copy.sqlite3", path)
        ward = Ward(desk)
        with ward.talking():
            ward.goes_on()
        same_process(desk)
        assert_kept(ward)
        assert held(desk.database)["BEFORE"] == 1


def back_up(path: Path, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


@pytest.fixture
def postgres() -> Iterator[Any]:
    """A server that no other test uses."""
    with postgres_server() as server:
        yield server


def test_a_postgresql_that_stops_takes_nothing_until_it_is_back(tmp_path: Path, postgres: Any) -> None:
    with engine(tmp_path, "", url := postgres.get_uri()) as desk:
        ward = Ward(desk)
        with ward.talking():
            ward.goes_on()
            postgres.stop()
            until(lambda: ward.said["AR"] + ward.said[SILENCE] > 8, 200)
            postgres.ensure_postgres_running()
            assert postgres.get_uri() == url
            ward.goes_on()
        same_process(desk)
        assert_kept(ward)
