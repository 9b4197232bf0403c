"""The schema's revision: who may migrate, and what everyone else does when it does not fit."""

from __future__ import annotations

import pkgutil
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from radrecon.model.errors import SchemaMismatch, Trouble
from radrecon.store import tables as t
from radrecon.store.database import Store
from radrecon.store.migrations import versions


def _alembic(store: Store) -> Any:
    """Alembic's configuration; imported only where something is migrated, for it takes most of a second."""
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["store"] = store
    return config


def known_revisions() -> list[str]:
    """This program's revisions, oldest first: the numbers that the migrations' file names begin with."""
    return sorted(module.name.split("_")[0] for module in pkgutil.iter_modules(versions.__path__))


def wanted_revision() -> str:
    return known_revisions()[-1]


def current_revision(store: Store) -> str:
    """The database's revision, "" for an empty one."""
    with store.reading() as conn:
        if not sa.inspect(conn).has_table("alembic_version"):
            return ""
        return str(conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or "")


def check(store: Store) -> None:
    """Raise SchemaMismatch in one line unless the schema is this program's."""
    if store.path and not store.path.exists():
        raise SchemaMismatch(f"no database at {store.path}: start the engine, or run: radrecon db upgrade")
    current = current_revision(store)
    if current == wanted_revision():
        return
    if current and current not in known_revisions():
        raise SchemaMismatch("this database was written by a newer radrecon: update this program")
    raise SchemaMismatch("the database's schema is older: start the engine, or run: radrecon db upgrade")


def upgrade(store: Store) -> str:
    """Migrate to this program's schema after a backup; the caller holds the engine's lock. Returns what was done."""
    current, wanted = current_revision(store), wanted_revision()
    if current == wanted:
        return "the schema is up to date"
    if current and current not in known_revisions():
        raise SchemaMismatch("this database was written by a newer radrecon: update this program")
    from alembic import command

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
