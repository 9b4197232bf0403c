"""What SQLite would do for the statements that a function runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from radrecon.store.database import Connection


def statements_of(conn: Connection, run: Callable[[], object]) -> list[tuple[str, Any]]:
    """Every statement with its parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        seen.append((statement, parameters))

    sa.event.listen(conn, "before_cursor_execute", note)
    try:
        run()
    finally:
        sa.event.remove(conn, "before_cursor_execute", note)
    return seen


def plan_of(conn: Connection, run: Callable[[], object]) -> list[str]:
    steps = []
    for statement, parameters in statements_of(conn, run):
        rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        steps += [row[3] for row in rows]
    return steps
