"""What Storage brought goes by age, in small commits (see store/prune_stored)."""

from __future__ import annotations

from datetime import datetime

from radrecon.store import prune_stored
from radrecon.store.database import Store

LOOK = 20  # studies that are looked for in one go
COMMIT = 500  # instances that one commit deletes


def prune_some(store: Store, before: datetime) -> int | None:
    """A few studies, each to its end; how many instances went, None where nothing older is left."""
    with store.reading() as conn:
        found = prune_stored.old(conn, before, LOOK)
    return sum(_prune(store, uid, before) for uid in found) if found else None


def _prune(store: Store, study_instance_uid: str, before: datetime) -> int:
    total, more = 0, True
    while more:
        with store.transaction() as conn:
            gone = prune_stored.delete_some(conn, study_instance_uid, before, COMMIT)
        total, more = total + gone, gone == COMMIT
    return total
