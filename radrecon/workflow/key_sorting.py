"""Business keys of new messages are sorted into their index after they arrived; the worker calls it."""

from __future__ import annotations

from radrecon.store import message_keys
from radrecon.store.database import Store

BATCH = 250  # messages: some 10 ms of writing


def sort_some(store: Store, limit: int = BATCH) -> int:
    """Sort in the oldest; returns how many messages that were. Nothing waiting: nothing is written."""
    with store.reading() as conn:
        rows = message_keys.fresh(conn, limit)
    if rows:
        with store.transaction() as conn:
            message_keys.sort_in(conn, rows)
    return len(rows)
