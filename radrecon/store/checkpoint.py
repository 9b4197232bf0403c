"""Move SQLite's log into the database file beside the writers, so that no acknowledgement waits for it.

Left to itself SQLite does this in the commit that fills the log: that sender's answer waits for thousands of pages and
two syncs. Here a process of its own copies what it can without holding anyone up, and only when the log has grown long
holds the writers back for the rest, which is little by then. The log is begun anew early: a commit that overwrites it
takes half the time of one that makes the file longer.
"""

from __future__ import annotations

from radrecon.store.database import Connection, Store

PAGE = 4096
LONG = (8 << 20) // PAGE  # pages of log, after which it is begun anew
WAIT_MS = 100  # for readers of the old end of the log


def checkpoint(store: Store) -> int:
    """One round; returns how many pages the log holds. PostgreSQL does this itself."""
    if not store.is_sqlite:
        return 0
    with store.lone_connection() as conn:
        pages = _checkpoint(conn, "PASSIVE")
        if pages < LONG:
            return pages
        conn.exec_driver_sql(f"PRAGMA busy_timeout={WAIT_MS}")
        with store.queue():
            return _checkpoint(conn, "RESTART")


def _checkpoint(conn: Connection, mode: str) -> int:
    """How many pages the log held when it ended; 0 where nothing is left to copy."""
    busy, pages, copied = conn.exec_driver_sql(f"PRAGMA wal_checkpoint({mode})").one()
    return 0 if mode == "RESTART" and not busy and pages == copied else int(pages)
