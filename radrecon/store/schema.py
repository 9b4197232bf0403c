"""The schema's revision: who may migrate, and what everyone else does when it does not fit."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from radrecon.model.errors import SchemaMismatch, Trouble
from radrecon.store import tables as t
from radrecon.store.database import Store


def _alembic(store: Store) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["store"] = store
    return config


def wanted_revision(store: Store) -> str:
    return ScriptDirectory.from_config(_alembic(store)).get_current_head() or ""


def current_revision(store: Store) -> str:
    """The database's revision, "" for an empty one."""
    with store.reading() as conn:
        return MigrationContext.configure(conn).get_current_revision() or ""


def check(store: Store) -> None:
    """Raise SchemaMismatch in one line unless the schema is this program's."""
    if store.path and not store.path.exists():
        raise SchemaMismatch(f"no database at {store.path}: start the engine, or run: radrecon db upgrade")
    current = current_revision(store)
    if current == wanted_revision(store):
        return
    if current and current not in _known(store):
        raise SchemaMismatch("this database was written by a newer radrecon: update this program")
    raise SchemaMismatch("the database's schema is older: start the engine, or run: radrecon db upgrade")


def _known(store: Store) -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(_alembic(store)).walk_revisions()}


def upgrade(store: Store) -> str:
    """Migrate to this program's schema after a backup; the caller holds the engine's lock. Returns what was done."""
    current, wanted = current_revision(store), wanted_revision(store)
    if current == wanted:
        return "the schema is up to date"
    if current and current not in _known(store):
        raise SchemaMismatch("this database was written by a newer radrecon: update this program")
    saved = backup(store, f"before-{wanted}") if current and store.path else None
    command.upgrade(_alembic(store), "head")
    _fill_counters(store)
    return f"schema {current or 'none'} → {wanted}" + (f"; backup in {saved}" if saved else "")


def backup(store: Store, label: str) -> Path:
    """A consistent copy beside the SQLite file (PostgreSQL has its own tools)."""
    if store.path is None:
        raise Trouble("a PostgreSQL database is backed up with pg_dump")
    target = store.path.with_name(f"{store.path.name}.{label}")
    target.unlink(missing_ok=True)
    with store.lone_connection() as conn:
        conn.exec_driver_sql("VACUUM INTO ?", (str(target),))
    return target


def _fill_counters(store: Store) -> None:
    with store.transaction() as conn:
        have = set(conn.execute(sa.select(t.counter.c.topic)).scalars())
        missing = [{"topic": topic, "version": 0} for topic in t.TOPICS if topic not in have]
        if missing:
            conn.execute(t.counter.insert(), missing)
