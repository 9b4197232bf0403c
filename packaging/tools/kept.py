"""Whether a migration kept what was there: every row of every table, with the values that it had."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

OWN = ("alembic_version",)  # the migration's own mark


@dataclass(frozen=True)
class Kept:
    """Tables and rows before, tables and rows after, and per table the rows that are no longer there as they were."""

    tables: tuple[int, int]
    rows: tuple[int, int]
    lost: dict[str, int]

    def __str__(self) -> str:
        (tables, more_tables), (rows, more_rows) = self.tables, self.rows
        return f"{rows} rows of {tables} tables before, all there with their values; {more_rows} of {more_tables} after"


def compare(before: Path, after: Path) -> Kept:
    """Two SQLite files; of a table's columns those that both have."""
    with closing(sqlite3.connect(f"file:{before}?mode=ro", uri=True)) as conn:
        conn.execute("ATTACH ? AS after", (f"file:{after}?mode=ro",))
        old, new = _tables(conn, "main"), _tables(conn, "after")
        gone = {name: _count(conn, "main", name) for name in old if name not in new}
        missing = {name: _missing(conn, name, old[name] & new[name]) for name in old if name in new}
        rows = [
            sum(_count(conn, schema, name) for name in tables) for schema, tables in (("main", old), ("after", new))
        ]
    lost = {name: number for name, number in (gone | missing).items() if number}
    return Kept((len(old), len(new)), (rows[0], rows[1]), lost)


def _tables(conn: sqlite3.Connection, schema: str) -> dict[str, set[str]]:
    """Name → columns, of plain tables."""
    wanted = f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    names = [name for (name,) in conn.execute(wanted) if name not in OWN]
    return {name: {row[1] for row in conn.execute(f'PRAGMA {schema}.table_info("{name}")')} for name in names}


def _count(conn: sqlite3.Connection, schema: str, name: str) -> int:
    return int(conn.execute(f'SELECT count(*) FROM {schema}."{name}"').fetchone()[0])


def _missing(conn: sqlite3.Connection, name: str, columns: set[str]) -> int:
    listed = ", ".join(f'"{column}"' for column in sorted(columns))
    wanted = f'SELECT count(*) FROM (SELECT {listed} FROM main."{name}" EXCEPT SELECT {listed} FROM after."{name}")'
    return int(conn.execute(wanted).fetchone()[0])
