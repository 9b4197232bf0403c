"""The state of each PACS as the study feed last found it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection, changed


def note(conn: Connection, name: str, **values: Any) -> None:
    """Insert or update one PACS's row: up, last_success, last_error, baseline_done, send."""
    p = t.pacs_state.c
    known = conn.execute(sa.select(p.id).where(p.name == name)).first()
    if known is None:
        conn.execute(t.pacs_state.insert().values(name=name, **values))
    elif values:
        conn.execute(t.pacs_state.update().where(p.id == known.id).values(**values))
    changed(conn, "pacs")


def baseline_done(conn: Connection, name: str) -> bool:
    return bool(conn.execute(sa.select(t.pacs_state.c.baseline_done).where(t.pacs_state.c.name == name)).scalar())


def is_up(conn: Connection, name: str) -> bool:
    return bool(conn.execute(sa.select(t.pacs_state.c.up).where(t.pacs_state.c.name == name)).scalar())
