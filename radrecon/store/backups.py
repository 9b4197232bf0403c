"""Copies of the whole database while it is in use, and whether it is sound."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import platformdirs
import sqlalchemy as sa

from radrecon.model.errors import Trouble
from radrecon.program import foreign_environment
from radrecon.store import tables as t
from radrecon.store.database import Store, first_line, trouble


def backup(store: Store, label: str, folder: Path | None = None) -> Path:
    """One consistent state, also while an engine writes. Raises Trouble; then no half copy is left behind.

    SQLite: a database file beside the original, NAME.LABEL. PostgreSQL: an archive for pg_restore, by pg_dump, in the
    user's data folder. `folder` goes before either.
    """
    target = _target(store, label, folder)
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        _copy_sqlite(store, part) if store.path else _dump_postgres(store, part)
        part.replace(target)
    except OSError as error:
        raise Trouble(f"no backup in {target}: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return target


def _target(store: Store, label: str, folder: Path | None) -> Path:
    if store.path:
        return (folder or store.path.parent) / f"{store.path.name}.{label}"
    name = "".join(letter if letter.isalnum() else "_" for letter in store.url.database or "radrecon")
    return (folder or platformdirs.user_data_path("radrecon") / "backups") / f"{name}.{label}.dump"


def _copy_sqlite(store: Store, target: Path) -> None:
    with store.lone_connection() as conn:
        try:
            conn.exec_driver_sql("VACUUM INTO ?", (str(target),))
        except sa.exc.DBAPIError as error:
            raise Trouble(f"no backup in {target.parent}: {first_line(error)}") from error


def _dump_postgres(store: Store, target: Path) -> None:
    """The password goes by the environment: a command line is there for everybody to read."""
    program = shutil.which("pg_dump")
    if program is None:
        raise Trouble("pg_dump is not installed: it comes with PostgreSQL's client programs")
    environment = foreign_environment() | ({"PGPASSWORD": str(store.url.password)} if store.url.password else {})
    whole = store.url
    url = sa.URL.create("postgresql", whole.username, None, whole.host, whole.port, whole.database, whole.query)
    name = url.render_as_string(hide_password=False)
    command = [program, "--format=custom", "--no-password", f"--file={target}", f"--dbname={name}"]
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))  # patient data
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise Trouble(f"no backup: {said[-1]}")


def faults(store: Store) -> list[str]:
    """What is broken, a line each; nothing where the database is sound. Reads all of it, and holds up no writer.

    SQLite: pages, indices and rows against each other, and rows that name one that is not there. PostgreSQL: every
    table is read to its end; it checks its pages itself where it was set up with checksums.
    """
    with trouble(), store.lone_connection() as conn:
        return _faults_of_sqlite(conn) if store.path else _unreadable_tables(conn)


def _faults_of_sqlite(conn: sa.Connection) -> list[str]:
    try:
        said = [str(row[0]) for row in conn.exec_driver_sql("PRAGMA integrity_check(20)")]
        orphans = conn.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    except sa.exc.DBAPIError as error:  # too damaged to be looked through
        return [first_line(error)]
    found = [] if said == ["ok"] else said
    return found + [f"{table}: row {row} names a row of {other} that is not there" for table, row, other, _ in orphans]


def _unreadable_tables(conn: sa.Connection) -> list[str]:
    found = []
    for table in t.metadata.sorted_tables:
        try:
            conn.execute(sa.text(f'SELECT count(whole.*) FROM "{table.name}" AS whole'))
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated:
                raise
            found.append(f"{table.name}: {first_line(error)}")
    return found
