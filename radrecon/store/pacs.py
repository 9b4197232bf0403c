"""The state of each PACS as the study feed last found it, and how far its feed is: sweep and changes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from radrecon.model.study import FeedState
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


def load_feed(conn: Connection, name: str) -> FeedState:
    row = conn.execute(t.pacs_feed.select().where(t.pacs_feed.c.name == name)).mappings().first()
    return FeedState(name) if row is None else FeedState(**{key: row[key] for key in row if key != "id"})


def note_feed(conn: Connection, name: str, **values: Any) -> None:
    """Insert or update some of a feed's values (fields of FeedState)."""
    f = t.pacs_feed.c
    if conn.execute(t.pacs_feed.update().where(f.name == name).values(**values)).rowcount == 0:
        conn.execute(t.pacs_feed.insert().values(name=name, **values))
    changed(conn, "pacs")
