"""Records of what modalities asked and said go by age, in small commits (see store/prune_records)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from radrecon.store import prune_records
from radrecon.store.database import Store, changed

LOOK = 500  # performed messages that are looked at in one go
COMMIT = 100  # rows that one commit deletes


@dataclass(frozen=True)
class Step:
    """What one step did. `after`: the last performed message that it looked at, None when nothing is left."""

    after: int | None
    queries: int = 0
    performed: int = 0


def edge(days: int, now: datetime) -> datetime:
    """What was said before this is past its age."""
    return now - timedelta(days=days)


def prune_some(store: Store, before: datetime, after: int = 0) -> Step:
    """One step on; queries first, for they come by the minute."""
    with store.reading() as conn:
        queries = prune_records.old_queries(conn, before, COMMIT)
        performed, last = ([], after) if queries else prune_records.old_performed(conn, before, after, LOOK)
    if not queries and last is None:
        return Step(None)
    gone = sum(_delete_performed(store, performed[at : at + COMMIT]) for at in range(0, len(performed), COMMIT))
    return Step(last, _delete_queries(store, queries), gone)


def _delete_queries(store: Store, ids: list[int]) -> int:
    if not ids:
        return 0
    with store.transaction() as conn:
        changed(conn, "worklist")
        return prune_records.delete_queries(conn, ids)


def _delete_performed(store: Store, ids: list[int]) -> int:
    with store.transaction() as conn:
        changed(conn, "performed")
        return prune_records.delete_performed(conn, ids)
