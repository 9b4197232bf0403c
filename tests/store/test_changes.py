from __future__ import annotations

import queue
import shutil
import subprocess
import sys
from pathlib import Path

from radrecon.store.changes import Watch
from radrecon.store.database import Store, changed, open_store

WRITE_ELSEWHERE = """
import sys
from radrecon.store.database import changed, open_store
store = open_store(sys.argv[1])
with store.transaction() as conn:
    changed(conn, "studies")
store.close()
"""


def heard(notices: queue.Queue[frozenset[str]], topic: str) -> bool:
    """Whether the topic is told of before a minute is over."""
    try:
        while topic not in notices.get(timeout=60):
            pass
    except queue.Empty:
        return False
    return True


def test_a_change_of_this_process_is_told(store: Store) -> None:
    notices: queue.Queue[frozenset[str]] = queue.Queue()
    watch = Watch(store, notices.put)
    try:
        with store.transaction() as conn:
            changed(conn, "orders")
        assert heard(notices, "orders")
    finally:
        watch.stop()


def test_a_change_of_another_process_is_told(store: Store) -> None:
    notices: queue.Queue[frozenset[str]] = queue.Queue()
    watch = Watch(store, notices.put)
    try:
        url = store.url.render_as_string(hide_password=False)
        subprocess.run([sys.executable, "-c", WRITE_ELSEWHERE, url], check=True)
        assert heard(notices, "studies")
    finally:
        watch.stop()


def test_after_stop_nothing_is_told_any_more(store: Store) -> None:
    notices: queue.Queue[frozenset[str]] = queue.Queue()
    watch = Watch(store, notices.put)
    watch.stop()
    while not notices.empty():
        notices.get()
    with store.transaction() as conn:
        changed(conn, "orders")
    assert notices.empty()


def tells_again(store: Store, notices: queue.Queue[frozenset[str]]) -> bool:
    """Whether anything is told of, after the watch lost its database."""
    for _ in range(200):
        with store.transaction() as conn:
            changed(conn, "settings")
        try:
            return bool(notices.get(timeout=0.1))
        except queue.Empty:
            continue
    return False


def test_a_file_that_was_put_there_instead_is_watched_from_then_on(tmp_path: Path, migrated_sqlite: Path) -> None:
    path = tmp_path / "radrecon.sqlite3"
    shutil.copy(migrated_sqlite, path)
    store, notices = open_store(f"sqlite:///{path}"), queue.Queue[frozenset[str]]()
    watch = Watch(store, notices.put)
    try:
        shutil.copy(migrated_sqlite, tmp_path / "copy")
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        (tmp_path / "copy").replace(path)
        assert tells_again(store, notices)
        with store.transaction() as conn:
            changed(conn, "studies")
        assert heard(notices, "studies")
    finally:
        watch.stop()
        store.close()
