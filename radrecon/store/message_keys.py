"""Business keys that messages are found by: new ones as one row per message, sorted into the index afterwards.

Ten keys are ten random places of a large tree, which a sender would wait for. What was just heard stands in
`message_fresh` as one text instead, written in the message's transaction and read from end to end by every search; the
worker sorts it into `message_key` within a second, and a message stands in exactly one of the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection
from radrecon.store.statement import Statement

Condition = sa.ColumnElement[bool]

LAST = "\U0010ffff"
_BEGIN, _PART = "\x1e", "\x1f"  # of a key in the text: record and unit separator
_NO_MARKS = {ord(mark): None for mark in ("\0", _BEGIN, _PART)}
_k, _f = t.message_key.c, t.message_fresh.c


def folded(value: str) -> str:
    """As it is looked up, without what only the text of new keys holds."""
    return value.translate(_NO_MARKS).casefold()


def add(conn: Connection, message_id: int, keys: Iterable[tuple[str, str]]) -> None:
    """The keys (kind, value) of a message that has none yet; empty ones are none."""
    found = {f"{kind}{_PART}{folded(value)}": None for kind, value in keys if value}
    if found:
        _ADD.run(conn, message_id=message_id, text=f"{_BEGIN}{_BEGIN.join(found)}{_BEGIN}")


def add_more(conn: Connection, message_id: int, keys: Iterable[tuple[str, str]]) -> None:
    """Further keys of a message that was written before."""
    found = dict.fromkeys((kind, folded(value)) for kind, value in keys if value)
    _SORTED.many(conn, [{"kind": kind, "value": value, "message_id": message_id} for kind, value in found])


_ADD = Statement(t.message_fresh.insert().values(message_id=sa.bindparam("message_id"), text=sa.bindparam("text")))
_SORTED = Statement(
    sa.text(
        "INSERT INTO message_key (kind, value, message_id) VALUES (:kind, :value, :message_id) ON CONFLICT DO NOTHING"
    )
)


# -- where they are looked for ----------------------------------------------------------------------------------------


def begin(kinds: Sequence[str], value: str) -> list[Condition]:
    """Sorted keys of these kinds that begin with a value, as a range that the index answers."""
    start = folded(value)
    kind = _k.kind == kinds[0] if len(kinds) == 1 else _k.kind.in_(kinds)
    return [kind, _k.value >= start, _k.value < start + LAST]


def fresh_begin(kinds: Sequence[str], value: str) -> Condition:
    """The same of a row of new keys."""
    return sa.or_(*(_f.text.contains(f"{_BEGIN}{kind}{_PART}{folded(value)}", autoescape=True) for kind in kinds))


def named(kind: str, values: Iterable[str], *more: Condition) -> sa.Subquery:
    """Messages (`message_id`) with exactly one of these keys; `more` are conditions on `message_key`'s message id."""
    wanted = sorted({folded(value) for value in values})
    texts = [_f.text.contains(f"{_BEGIN}{kind}{_PART}{value}{_BEGIN}", autoescape=True) for value in wanted]
    old = sa.select(_k.message_id).where(_k.kind == kind, _k.value.in_(wanted), *more)
    new = sa.select(_f.message_id).where(sa.or_(sa.false(), *texts))
    return sa.union(old, new).subquery()


# -- sorting in -------------------------------------------------------------------------------------------------------


def fresh(conn: Connection, limit: int) -> list[tuple[int, str]]:
    """Rows that wait, the oldest first."""
    rows = conn.execute(sa.select(_f.message_id, _f.text).order_by(_f.message_id).limit(limit))
    return [(row.message_id, row.text) for row in rows]


def sort_in(conn: Connection, rows: Sequence[tuple[int, str]]) -> None:
    """Neighbours go in together, so that they share pages; what went meanwhile (pruned) is left out."""
    if not rows:
        return
    last = max(message_id for message_id, _ in rows)
    still = {row.message_id for row in conn.execute(sa.select(_f.message_id).where(_f.message_id <= last))}
    found = sorted((*key, message_id) for message_id, text in rows if message_id in still for key in _keys(text))
    _SORTED.many(conn, [{"kind": kind, "value": value, "message_id": one} for kind, value, one in found])
    conn.execute(t.message_fresh.delete().where(_f.message_id.in_([message_id for message_id, _ in rows])))


def _keys(text: str) -> Iterable[Any]:
    return (key.split(_PART, 1) for key in text.strip(_BEGIN).split(_BEGIN))


def drop(conn: Connection, message_ids: Sequence[int]) -> None:
    """Of messages that are pruned."""
    conn.execute(t.message_key.delete().where(_k.message_id.in_(message_ids)))
    conn.execute(t.message_fresh.delete().where(_f.message_id.in_(message_ids)))
