"""Index the texts of messages after they arrived, a batch at a time; the worker calls it until nothing is left."""

from __future__ import annotations

from radrecon.config import Config
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.searchable import searchable
from radrecon.model.errors import Trouble
from radrecon.store import journal_texts
from radrecon.store.database import Store
from radrecon.store.journal_texts import Unindexed
from radrecon.store.query_text import fold
from radrecon.store.text_index import Mark, TextIndex, TextIndexBroken
from radrecon.workflow.intake import Site

BATCH = 200
BATCH_BYTES = 4 << 20
STALE = 10_000  # entries of pruned messages that are always borne


def index_some(store: Store, index: TextIndex, config: Config) -> int:
    """Index the next messages; returns how many. A lost, damaged or foreign index is begun anew."""
    mark = _mark(store, index)
    with store.reading() as conn:
        batch = journal_texts.after(conn, mark.message_id, BATCH, BATCH_BYTES)
    if not batch:
        return 0
    if not mark.message_id:
        index.rebuild()
        mark = Mark()
    site = Site(config)
    entries = [(one.id, fold(text_of(one, site))) for one in batch]
    index.add(entries, Mark(batch[-1].id, batch[-1].digest, mark.entries + len(entries)))
    return len(entries)


def _mark(store: Store, index: TextIndex) -> Mark:
    """How far the index reaches, nothing where it is not this journal's: a restored database has other messages."""
    try:
        mark = index.mark()
    except TextIndexBroken:
        return Mark()
    if not mark.digest:
        return mark
    with store.reading() as conn:
        return mark if journal_texts.digest_of(conn, mark.message_id) == mark.digest else Mark()


def tidy(store: Store, index: TextIndex) -> bool:
    """Whether so many of the indexed messages have been pruned since that the index was begun anew."""
    mark = index.mark()
    with store.reading() as conn:
        stale = mark.entries > 2 * journal_texts.count(conn) + STALE
    if stale:
        index.rebuild()
    return stale


def text_of(message: Unindexed, site: Site) -> str:
    """All that is written in a message, in its sender's character set."""
    return searchable(message.raw, _charset(message, site))


def _charset(message: Unindexed, site: Site) -> str:
    if not any(sender.charset for sender in site.config.hl7_sender):
        return ""
    try:
        sender, _ = site.sender(Message.parse(message.raw), message.peer)
    except Trouble:
        return ""
    return sender.charset if sender else ""
