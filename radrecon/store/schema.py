"""The schema's revision: who may migrate, and what everyone else does when it does not fit."""

from __future__ import annotations

import contextlib
import os
import pkgutil
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from radrecon.model.errors import SchemaMismatch, Trouble
from radrecon.store import backups
from radrecon.store import tables as t
from radrecon.store.database import Store, first_line
from radrecon.store.migrations import versions

NEWER = "this database was written by a newer radrecon: update this program"


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
        raise SchemaMismatch(NEWER)
    raise SchemaMismatch("the database's schema is older: start the engine, or run: radrecon db upgrade")


def upgrade(store: Store) -> str:
    """Migrate to this program's schema after a backup; the caller holds the engine's lock. Returns what was done.

    All migrations are one transaction: if one fails, the database is as it was, and Trouble says so.
    """
    _make_file(store.path)
    current, wanted = current_revision(store), wanted_revision()
    if current == wanted:
        return "the schema is up to date"
    if current and current not in known_revisions():
        raise SchemaMismatch(NEWER)
    saved = _backup_before(store, wanted) if current else ""
    try:
        _migrate(store)
    except Exception as error:
        words = f"the migration from schema {current or 'none'} to {wanted} failed; the database is as it was before"
        raise Trouble(f"{words}{saved}: {first_line(error)}") from error
    _fill_counters(store)
    return f"schema {current or 'none'} → {wanted}{saved}"


def _make_file(path: Path | None) -> None:
    """SQLite gives a new file to its owner alone to write; who else may is for the umask to say (a shared service)."""
    if path and not path.exists():
        with contextlib.suppress(OSError):  # SQLite says it better
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666))


def _migrate(store: Store) -> None:
    from alembic import command

    command.upgrade(_alembic(store), "head")


def _backup_before(store: Store, wanted: str) -> str:
    """What to add to the account of a migration.

    A SQLite file that cannot be copied is not migrated. PostgreSQL's site has backups of its own, and its pg_dump may
    be missing or older than the server: a worklist that stands still for that would be the greater harm.
    """
    try:
        return f"; backup in {backups.backup(store, f'before-{wanted}')}"
    except Trouble as trouble:
        if store.path:
            raise
        return f"; no backup was made ({trouble})"


def _fill_counters(store: Store) -> None:
    with store.transaction() as conn:
        have = set(conn.execute(sa.select(t.counter.c.topic)).scalars())
        missing = [{"topic": topic, "version": 0} for topic in t.TOPICS if topic not in have]
        if missing:
            conn.execute(t.counter.insert(), missing)
