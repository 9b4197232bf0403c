"""Old messages go, in small commits, and never one that somebody may still need (see store/prune)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from radrecon.store import life, prune
from radrecon.store.database import Store, changed
from radrecon.store.list_messages import PRUNED
from radrecon.store.prune import Aged

STEP = 500  # messages that are looked at in one go
COMMIT = 50  # messages that one commit deletes, so that intake waits for it no longer than for another message
COMMIT_BYTES = 1 << 20


@dataclass(frozen=True)
class Step:
    """What one step did. `after`: the last message that it looked at, None when nothing is left."""

    after: int | None
    pruned: int = 0
    kept: int = 0
    size: int = 0

    def __add__(self, other: Step) -> Step:
        return Step(other.after, self.pruned + other.pruned, self.kept + other.kept, self.size + other.size)


def edge(days: int, now: datetime) -> datetime:
    """What arrived before this is past its age."""
    return now - timedelta(days=days)


def prune_some(store: Store, before: datetime, after: int = 0, *, dry: bool = False) -> Step:
    """One step from a message on; `dry` only counts."""
    with store.reading() as conn:
        aged = prune.aged(conn, before, after, STEP)
        stays = prune.unresolved(conn, aged, prune.open_subjects(conn)) if aged else set()
    if not aged:
        return Step(None)
    going = [one for one in aged if one.id not in stays]
    pruned = len(going) if dry else sum(_delete(store, commit) for commit in _commits(going))
    return Step(aged[-1].id, pruned, len(aged) - pruned, sum(one.size for one in going))


def _commits(going: Sequence[Aged]) -> Iterator[list[int]]:
    """Few messages, and few bytes unless one alone has more."""
    ids: list[int] = []
    size = 0
    for one in going:
        if ids and (len(ids) == COMMIT or size + one.size > COMMIT_BYTES):
            yield ids
            ids, size = [], 0
        ids.append(one.id)
        size += one.size
    if ids:
        yield ids


def _delete(store: Store, ids: Sequence[int]) -> int:
    with store.transaction() as conn:
        return prune.delete(conn, ids)


def prune_all(store: Store, before: datetime, *, who: str, now: datetime, dry: bool = False) -> Step:
    """Every step, and a line in the audit of what went."""
    total = step = prune_some(store, before, dry=dry)
    while step.after is not None:
        step = prune_some(store, before, step.after, dry=dry)
        total += step
    if not dry:
        note(store, total, before, who=who, now=now)
    return total


def note(store: Store, total: Step, before: datetime, *, who: str, now: datetime) -> None:
    """How many went, for good; nothing where none did."""
    if total.pruned:
        with store.transaction() as conn:
            detail = {"messages": total.pruned, "bytes": total.size, "kept": total.kept, "before": before.isoformat()}
            life.audit(conn, at=now, who=who, what=PRUNED, subject="messages", **detail)
            changed(conn, "messages")
