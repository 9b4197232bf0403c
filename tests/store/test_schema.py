from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from radrecon.model.errors import SchemaMismatch, Trouble
from radrecon.store import schema
from radrecon.store import tables as t
from radrecon.store.changes import counters
from radrecon.store.database import Store, open_store
from radrecon.store.life import put_setting


def set_revision(store: Store, revision: str) -> None:
    with store.transaction() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :it"), {"it": revision})


def test_a_fresh_schema_fits_and_every_topic_has_its_counter(store: Store) -> None:
    schema.check(store)
    assert schema.upgrade(store) == "the schema is up to date"
    with store.reading() as conn:
        assert set(counters(conn)) == set(t.TOPICS)


def _is_everywhere(name: str | None, kind: str, _parents: object) -> bool:
    """The index of trigrams is there only where PostgreSQL has the extension for it."""
    return (kind, name) != ("index", "ix_message_text_trigrams")


def test_the_migrations_make_exactly_the_tables(store: Store) -> None:
    with store.reading() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": False, "include_name": _is_everywhere})
        assert compare_metadata(context, t.metadata) == []


def test_an_empty_database_is_refused_with_the_command_that_helps(bare: Store) -> None:
    with pytest.raises(SchemaMismatch, match="radrecon db upgrade"):
        schema.check(bare)


def test_a_newer_schema_is_refused_and_not_migrated(bare: Store) -> None:
    schema.upgrade(bare)
    set_revision(bare, "9999")
    with pytest.raises(SchemaMismatch, match="newer radrecon"):
        schema.check(bare)
    with pytest.raises(SchemaMismatch, match="newer radrecon"):
        schema.upgrade(bare)


def test_looking_at_a_missing_file_does_not_make_it(tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite3"
    store = open_store(f"sqlite:///{path}")
    with pytest.raises(SchemaMismatch, match="no database at"):
        schema.check(store)
    assert not path.exists()
    store.close()


def test_before_a_migration_the_database_is_backed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'radrecon.sqlite3'}")
    schema.upgrade(store)
    with store.transaction() as conn:
        put_setting(conn, "k", "before", "test")
    monkeypatch.setattr(schema, "wanted_revision", lambda: "9999")
    said = schema.upgrade(store)
    saved = tmp_path / "radrecon.sqlite3.before-9999"
    assert str(saved) in said
    with sqlite3.connect(saved) as copy:
        assert copy.execute("SELECT value FROM setting WHERE key = 'k'").fetchone() == ('"before"',)
    copy.close()
    store.close()


def broken_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a table, as migrations do, and then fails."""

    def migrate(store: Store) -> None:
        with store.transaction() as conn:
            conn.execute(sa.text("CREATE TABLE half_way (id INTEGER)"))
            conn.execute(sa.text("UPDATE no_such_table SET x = 1"))

    monkeypatch.setattr(schema, "wanted_revision", lambda: "9999")
    monkeypatch.setattr(schema, "_migrate", migrate)


def test_a_migration_that_fails_leaves_the_database_as_it_was(bare: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    schema.upgrade(bare)
    before = schema.current_revision(bare)
    broken_migration(monkeypatch)
    with pytest.raises(
        Trouble, match=f"from schema {before} to 9999 failed; the database is as it was before"
    ) as caught:
        schema.upgrade(bare)
    assert "backup" in str(caught.value)
    monkeypatch.undo()
    schema.check(bare)
    with bare.reading() as conn:
        assert not sa.inspect(conn).has_table("half_way")


def test_without_pg_dump_postgresql_is_migrated_all_the_same(
    empty_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(empty_postgres)
    schema.upgrade(store)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(schema, "wanted_revision", lambda: "9999")
    assert "no backup was made (pg_dump is not installed" in schema.upgrade(store)
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_a_new_database_is_for_whom_the_umask_says(tmp_path: Path) -> None:
    """A service shares its database with a group: SQLite by itself would let the group only read."""
    before = os.umask(0o007)
    try:
        store = open_store(f"sqlite:///{tmp_path / 'shared.sqlite3'}")
        schema.upgrade(store)
        with store.transaction() as conn:
            put_setting(conn, "k", "v", "test")
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert modes["shared.sqlite3"] == 0o660
    assert set(modes.values()) == {0o660}
