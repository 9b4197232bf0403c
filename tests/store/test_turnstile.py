from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from radrecon.store import schema
from radrecon.store.database import Store, open_store
from radrecon.store.life import put_setting, setting

ADD = """
import sys
from radrecon.store.database import open_store
from radrecon.store.life import put_setting, setting
store = open_store(sys.argv[1])
for _ in range(60):
    with store.transaction() as conn:
        put_setting(conn, "n", setting(conn, "n") + 1, "test")
store.close()
"""


HOLD = """
import sys, time
from radrecon.store.database import open_store
store = open_store(sys.argv[1])
with store.transaction() as conn:
    print("inside", flush=True)
    time.sleep(60)
"""


def test_two_processes_lose_no_write_to_each_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'radrecon.sqlite3'}"
    store = open_store(url)
    schema.upgrade(store)
    with store.transaction() as conn:
        put_setting(conn, "n", 0, "test")
    children = [subprocess.Popen([sys.executable, "-c", ADD, url]) for _ in range(2)]
    for _ in range(60):
        with store.transaction() as conn:
            put_setting(conn, "n", setting(conn, "n") + 1, "test")
    assert [child.wait(60) for child in children] == [0, 0]
    with store.reading() as conn:
        assert setting(conn, "n") == 180
    store.close()


def test_a_killed_writer_holds_nobody_up(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'radrecon.sqlite3'}"
    store = open_store(url)
    schema.upgrade(store)
    child = subprocess.Popen([sys.executable, "-c", HOLD, url], stdout=subprocess.PIPE)
    assert child.stdout
    assert child.stdout.readline() == b"inside\n"
    child.kill()
    child.wait(60)
    child.stdout.close()
    with store.transaction() as conn:
        put_setting(conn, "n", 1, "test")
    store.close()


def test_a_writer_that_never_rests_lets_others_in(tmp_path: Path) -> None:
    """Who has just written must pass the turnstile again, where the other one already stands at the door."""
    url = f"sqlite:///{tmp_path / 'radrecon.sqlite3'}"
    store = open_store(url)
    schema.upgrade(store)
    with store.transaction() as conn:
        put_setting(conn, "n", 0, "test")
    child = subprocess.Popen([sys.executable, "-c", ADD.replace("60", "1000"), url])
    while not count(store):
        time.sleep(0.01)
    between = []
    for _ in range(20):
        before = count(store)
        with store.transaction() as conn:
            between.append(setting(conn, "n") - before)
    child.kill()
    child.wait(60)
    # a turn before which this process itself was not let run tells nothing of the turnstile
    assert statistics.median(between) < 50
    store.close()


def count(store: Store) -> int:
    with store.reading() as conn:
        return int(setting(conn, "n"))
