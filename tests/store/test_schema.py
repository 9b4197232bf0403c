from __future__ import annotations

import sqlite3
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
from radrecon.store.life import put_setting, setting


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


def test_a_backup_holds_what_is_still_only_in_the_log(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'radrecon.sqlite3'}")
    schema.upgrade(store)
    with store.transaction() as conn:
        put_setting(conn, "k", "fresh", "test")
    copy = open_store(f"sqlite:///{schema.backup(store, 'copy')}")
    with copy.reading() as conn:
        assert setting(conn, "k") == "fresh"
    copy.close()
    store.close()


def test_a_postgresql_database_is_not_backed_up_by_us(empty_postgres: str) -> None:
    store = open_store(empty_postgres)
    with pytest.raises(Trouble, match="pg_dump"):
        schema.backup(store, "x")
    store.close()
