"""Apply journalled messages again, as they were or edited: each as a new row of the journal, the first is kept.

A replay goes the way of every message, so that replaying what was applied changes nothing; a refused one that is
applied now is closed. Messages are replayed in the order in which they arrived, in small commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from radrecon.hl7v2.edit import edited
from radrecon.hl7v2.reader import Message
from radrecon.model.errors import NotFound, Refused
from radrecon.model.rows import ReplayRow
from radrecon.store import life, replays, settings
from radrecon.store.database import Connection, Store
from radrecon.store.list_messages import not_there
from radrecon.store.replays import EDITED, REPLAYED, Original
from radrecon.workflow.ingest import take_one
from radrecon.workflow.intake import Received, Site
from radrecon.workflow.journal_search import search

GROUP = 16  # messages per commit
MOST = 10_000  # messages of one search
DONE = ("replayed", "resend", "echo")  # a search's replay leaves them out: another row stands for them


class _Dry(Exception):
    """Leaves the transaction of a dry run, which undoes it."""


def found(store: Store, query: str, *, state: str = "", limit: int = MOST) -> list[int]:
    """The ids that a search names, in the order of arrival. Raises Refused where there are more."""
    result = search(store, query, direction="in", state=state, limit=limit + 1)
    if len(result.rows) > limit:
        raise Refused(f"more than {limit:,} messages: narrow the search, or give a higher limit")
    if any(note.startswith("stopped") for note in result.notes):
        raise Refused(result.notes[-1])
    return sorted(row.id for row in result.rows if row.state not in DONE)


def replay(store: Store, ids: Iterable[int], *, who: str, reason: str = "", dry: bool = False) -> list[ReplayRow]:
    """Each message again. `dry`: what would become of each, and nothing is kept. Raises NotFound before any."""
    wanted = sorted(set(ids))
    _must_be_there(store, wanted)
    groups = [wanted[at : at + GROUP] for at in range(0, len(wanted), GROUP)]
    return [row for group in groups for row in _replay_group(store, group, who, reason, dry)]


def replay_edited(
    store: Store, message_id: int, raw: bytes, *, who: str, reason: str = "", dry: bool = False
) -> ReplayRow:
    """Other bytes in a message's place; it is closed when they are applied."""
    _must_be_there(store, [message_id])
    with _transaction(store, dry) as (conn, results):
        original = replays.originals(conn, [message_id])[message_id]
        results.append(_replay_one(conn, original, raw, EDITED))
        _note(conn, "message edited and replayed", results, who, reason)
    return results[0]


def edit(store: Store, message_id: int, values: Mapping[str, str]) -> bytes:
    """A message's bytes with these values by path; nothing is kept."""
    with store.reading() as conn:
        found = replays.originals(conn, [message_id])
        if not found:
            raise NotFound(not_there(conn, message_id))
        site = Site(settings.load_config(conn))
    original = found[message_id]
    sender, _ = site.sender(Message.parse(original.raw), original.peer)
    return edited(original.raw, values, sender.charset if sender else "")


def _must_be_there(store: Store, ids: Sequence[int]) -> None:
    with store.reading() as conn:
        for at in range(0, len(ids), 500):
            page = ids[at : at + 500]
            there = replays.present(conn, page)
            if missing := [one for one in page if one not in there]:
                raise NotFound(not_there(conn, missing[0]))


def _replay_group(store: Store, ids: Sequence[int], who: str, reason: str, dry: bool) -> list[ReplayRow]:
    with _transaction(store, dry) as (conn, results):
        originals = replays.originals(conn, ids)
        results += [_replay_one(conn, one, one.raw, REPLAYED) for one in originals.values()]
        _note(conn, "messages replayed", results, who, reason)
    return results


@contextmanager
def _transaction(store: Store, dry: bool) -> Iterator[tuple[Connection, list[ReplayRow]]]:
    """A transaction and the list that its results go to; a dry one is undone."""
    results: list[ReplayRow] = []
    try:
        with store.transaction() as conn:
            yield conn, results
            if dry:
                raise _Dry
    except _Dry:
        results[:] = [replace(row, message_id=0) for row in results]


def _replay_one(conn: Connection, original: Original, raw: bytes, mark: str) -> ReplayRow:
    if why := _why_not(original):
        return _row(original, "not replayed", "", why)
    received = Received(raw, original.peer, datetime.now(UTC), (mark,))
    taken = take_one(conn, received, settings.load_config(conn), replay_of=original.origin)
    applied = taken.ack_code == "AA"
    if applied:
        replays.close(conn, original.origin, taken.message_id)
    return _row(original, "applied" if applied else "refused", taken.ack_code, taken.reason, taken.message_id)


def _why_not(original: Original) -> str:
    if original.direction != "in":
        return "it was sent, not received"
    return "it is our own message come round" if original.state == "echo" else ""


def _row(original: Original, outcome: str, ack_code: str, reason: str, message_id: int = 0) -> ReplayRow:
    return ReplayRow(
        original.id, original.message_type, original.control_id, original.state, outcome, ack_code, reason, message_id
    )


def _note(conn: Connection, what: str, results: Sequence[ReplayRow], who: str, reason: str) -> None:
    made = {str(row.replay_of): row.message_id for row in results if row.message_id}
    subject = f"message {results[0].replay_of}" if len(results) == 1 else "messages"
    if made:
        life.audit(conn, at=datetime.now(UTC), who=who, what=what, subject=subject, reason=reason, rows=made)
