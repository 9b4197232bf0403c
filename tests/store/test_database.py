from __future__ import annotations

import contextlib
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from radrecon.model.errors import Trouble
from radrecon.store import backups, database, life, schema
from radrecon.store.changes import counters
from radrecon.store.database import DatabaseDown, Store, changed, normal_url, open_store
from tests import databases


def put(store: Store, value: str) -> None:
    with store.transaction() as conn:
        life.put_setting(conn, "k", value, "test")


def get(store: Store) -> str | None:
    with store.reading() as conn:
        found: str | None = life.setting(conn, "k")
        return found


def fail_after_writing(store: Store, value: str, *, nested: bool = False) -> None:
    with contextlib.suppress(ZeroDivisionError), store.transaction() as conn:
        with conn.begin_nested() if nested else contextlib.nullcontext():
            life.put_setting(conn, "k", value, "test")
        1 / 0  # noqa: B018


def test_what_a_transaction_wrote_is_there_after_it(store: Store) -> None:
    put(store, "one")
    assert get(store) == "one"


def test_a_store_that_only_reads_cannot_write(store: Store) -> None:
    put(store, "one")
    reader = open_store(store.url.render_as_string(hide_password=False), read_only=True)
    assert get(reader) == "one"
    with pytest.raises((DatabaseDown, sa.exc.DBAPIError), match=r"(?i)read-?only"):
        put(reader, "two")
    with pytest.raises((DatabaseDown, sa.exc.DBAPIError), match=r"(?i)read-?only"), reader.reading() as conn:
        conn.execute(sa.text("DELETE FROM setting"))
    reader.close()
    assert get(store) == "one"


def test_a_commit_outlives_a_power_cut(clean_sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests themselves leave out, see databases.py."""
    monkeypatch.setattr(database, "_prepare_sqlite", databases.PREPARE_SQLITE)
    store = open_store(clean_sqlite)
    for connection in (store.reading, store.transaction, store.lone_connection):
        with connection() as conn:
            assert conn.exec_driver_sql("PRAGMA synchronous").scalar() == 2, "FULL: the log is synced at each commit"
    store.close()


def test_an_exception_takes_everything_back_counters_too(store: Store) -> None:
    put(store, "one")
    with store.reading() as conn:
        before = counters(conn)
    fail_after_writing(store, "two")
    assert get(store) == "one"
    with store.reading() as conn:
        assert counters(conn) == before


def test_a_released_savepoint_does_not_survive_the_outer_rollback(store: Store) -> None:
    fail_after_writing(store, "inner", nested=True)
    assert get(store) is None


def test_a_rolled_back_savepoint_leaves_the_rest_of_the_transaction(store: Store) -> None:
    with store.transaction() as conn:
        life.put_setting(conn, "k", "outer", "test")
        savepoint = conn.begin_nested()
        life.put_setting(conn, "k", "inner", "test")
        savepoint.rollback()
    assert get(store) == "outer"


def test_counters_rise_once_per_transaction_and_only_for_named_topics(store: Store) -> None:
    with store.transaction() as conn:
        changed(conn, "orders", "studies")
        changed(conn, "orders")
    with store.reading() as conn:
        found = counters(conn)
    assert (found["orders"], found["studies"], found["cases"]) == (1, 1, 0)


def test_a_reader_keeps_its_state_while_a_writer_commits(store: Store) -> None:
    put(store, "old")
    with store.reading() as conn:
        assert life.setting(conn, "k") == "old"
        put(store, "new")
        assert life.setting(conn, "k") == "old"
    assert get(store) == "new"


def test_writers_of_one_process_follow_each_other(store: Store) -> None:
    with store.transaction() as conn:
        life.put_setting(conn, "n", 0, "test")

    def add() -> None:
        for _ in range(20):
            with store.transaction() as conn:
                life.put_setting(conn, "n", life.setting(conn, "n") + 1, "test")

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as conn:
        assert life.setting(conn, "n") == 80


def test_two_stores_on_one_database_follow_each_other_too(store: Store) -> None:
    other = Store(store.url.render_as_string(hide_password=False))
    try:
        with store.transaction() as conn:
            life.put_setting(conn, "n", 0, "test")
        threads = [threading.Thread(target=_count, args=(one, 20)) for one in (store, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.reading() as conn:
            assert life.setting(conn, "n") == 40
    finally:
        other.close()


def _count(store: Store, times: int) -> None:
    for _ in range(times):
        with store.transaction() as conn:
            life.put_setting(conn, "n", life.setting(conn, "n") + 1, "test")


def test_a_wrong_statement_stays_a_bug(store: Store) -> None:
    with pytest.raises(sa.exc.DBAPIError), store.reading() as conn:
        conn.execute(sa.text("SELECT no_such_column FROM setting"))


def test_a_file_that_is_no_database_is_trouble_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    path.write_bytes(b"this is a text that somebody named a database" * 100)
    store = open_store(f"sqlite:///{path}")
    with pytest.raises(DatabaseDown, match="not a database"), store.reading():
        pass
    store.close()


def test_a_folder_that_is_gone_is_trouble(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'gone' / 'x.sqlite3'}")
    with pytest.raises(DatabaseDown), store.reading():
        pass
    store.close()


def test_a_folder_that_cannot_be_made_is_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Trouble, match="cannot make the folder"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'x.sqlite3'}")


def test_a_server_that_is_down_is_trouble_also_for_a_lone_connection() -> None:
    store = open_store("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseDown), store.reading():
        pass
    with pytest.raises(DatabaseDown):
        store.lone_connection()
    store.close()


END_THE_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def lose_the_connection(store: Store, other: Store) -> None:
    with store.transaction() as conn:
        with other.lone_connection() as killer:
            killer.execute(sa.text(END_THE_OTHERS))
        conn.execute(sa.text("SELECT 1"))


def test_connections_that_the_server_ended_are_trouble_once_and_then_made_anew(empty_postgres: str) -> None:
    store, other = open_store(empty_postgres), open_store(empty_postgres)
    with pytest.raises(DatabaseDown):
        lose_the_connection(store, other)
    with store.transaction() as conn:
        assert conn.execute(sa.text("SELECT 1")).scalar() == 1
    store.close()
    other.close()


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("mysql://localhost/x", "only sqlite and postgresql"),
        ("sqlite://", "names no file"),
        ("not a url", "not a database URL"),
        ("postgresql://u:secret@one:5432,two:5432/d", "not a database URL"),
        ("postgresql://u:secret@[::/d", "not a database URL"),
    ],
)
def test_a_url_that_cannot_be_used_is_said_in_one_line(url: str, line: str) -> None:
    with pytest.raises(Trouble, match=line) as caught:
        normal_url(url)
    assert "secret" not in str(caught.value)


def test_postgres_urls_mean_psycopg_3() -> None:
    assert normal_url("postgres://h/d").drivername == normal_url("postgresql://h/d").drivername == "postgresql+psycopg"


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'here' / 'radrecon.sqlite3'}")
    schema.upgrade(store)
    yield store
    store.close()


def move(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for path in (f"radrecon.sqlite3{suffix}" for suffix in ("", "-wal", "-shm")):
        if (source / path).exists():
            (source / path).rename(target / path)


def test_a_file_that_was_moved_away_is_neither_written_nor_made_anew(lone: Store, tmp_path: Path) -> None:
    put(lone, "one")
    move(tmp_path / "here", tmp_path / "elsewhere")
    for use in (lambda: put(lone, "two"), lambda: get(lone), lone.lone_connection):
        with pytest.raises(DatabaseDown, match="not there any more"):
            use()
    assert lone.path
    assert not lone.path.exists()
    move(tmp_path / "elsewhere", tmp_path / "here")
    assert get(lone) == "one"
    put(lone, "three")
    assert get(lone) == "three"


def test_a_file_that_was_put_there_instead_is_the_database_from_then_on(lone: Store, tmp_path: Path) -> None:
    put(lone, "backed up")
    saved = backups.backup(lone, "copy")
    put(lone, "later")
    move(tmp_path / "here", tmp_path / "elsewhere")
    assert lone.path
    saved = tmp_path / ("elsewhere" if not saved.exists() else "here") / saved.name
    shutil.copy(saved, lone.path)
    assert get(lone) == "backed up"
    put(lone, "after")
    other = open_store(str(lone.url))
    assert get(other) == "after"
    other.close()


def test_what_was_written_while_its_file_was_moved_is_not_said_to_be_stored(lone: Store, tmp_path: Path) -> None:
    def put_and_move() -> None:
        with lone.transaction() as conn:
            life.put_setting(conn, "k", "two", "test")
            move(tmp_path / "here", tmp_path / "elsewhere")

    put(lone, "one")
    with pytest.raises(DatabaseDown, match="moved or replaced"):
        put_and_move()


def test_a_database_that_another_program_holds_is_said_in_words_to_act_on() -> None:
    held = sa.exc.OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))
    with (
        pytest.raises(DatabaseDown, match="locked by another program; nothing was changed, try again"),
        database.trouble(),
    ):
        raise held
