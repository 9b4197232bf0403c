from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from radrecon.store import schema
from radrecon.store.database import open_store
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


def test_the_turnstile_is_open_while_a_transaction_runs(tmp_path: Path) -> None:
    """It is held only until BEGIN IMMEDIATE succeeded: the next writer waits at SQLite's lock, first in line."""
    store = open_store(f"sqlite:///{tmp_path / 'radrecon.sqlite3'}")
    schema.upgrade(store)
    assert store._turnstile is not None
    with store.transaction(), store._turnstile.waiting():
        pass
    store.close()
