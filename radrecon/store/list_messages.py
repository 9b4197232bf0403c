"""The journal as rows: found by the business keys that were indexed with each message, never by reading its bytes.

Two ways lead from the beginning of a key to the latest messages. Where few keys begin so, the index of keys names the
messages. Where many do (`name:s`), the latest messages are walked back and asked for their keys: the list is full
after a few hundred of a million.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from radrecon.model.errors import NotFound
from radrecon.model.rows import MessageRow
from radrecon.store import message_keys
from radrecon.store import tables as t
from radrecon.store.codec import iso
from radrecon.store.database import Connection
from radrecon.store.filters import Condition, Searchable, conditions_of
from radrecon.store.life import database_now
from radrecon.store.query_text import Query, parse

TYPES = ("ACK", "ADT", "BAR", "DFT", "MDM", "OMG", "OMI", "ORM", "ORR", "ORU", "SIU")  # would else be read end to end
STATES = (
    "accepted", "acknowledged", "applied", "echo", "failed", "filed", "queued", "refused", "replayed", "resend",
    "sending", "uncertain", "written",
)  # fmt: skip
KEY_KINDS = ("patient_id", "patient_name", "accession_number", "control_id", "order_number")
FEW = 10_000  # keys that begin alike: up to here their messages are looked up, beyond they are met soon enough
WINDOW = 20_000  # of the latest messages, in which what is common is looked for first
_m, _k, _f = t.message.c, t.message_key.c, t.message_fresh.c
LIGHT = [column for column in t.message.columns if column.name not in ("raw", "ack", "digest", "effect", "flags")]


@dataclass
class _Search:
    """One search: where its keys lie. `walk`: what is common is met by walking, not looked up; `common`: how many."""

    conn: Connection
    walk: bool = True
    common: int = 0

    def by_key(self, *kinds: str) -> Callable[[str], Condition]:
        return lambda value: self._by_key(kinds, value)

    def _by_key(self, kinds: Sequence[str], value: str) -> Condition:
        among, new = message_keys.begin(kinds, value), message_keys.fresh_begin(kinds, value)
        fresh = _m.id.in_(sa.select(_f.message_id).where(new))
        if not self.walk or self._are_few(among):
            return sa.or_(_m.id.in_(sa.select(_k.message_id).where(*among)), fresh)
        self.common += 1
        return sa.or_(sa.exists().where(_k.message_id == _m.id, *among), fresh)

    def _are_few(self, among: Sequence[Condition]) -> bool:
        some = sa.select(sa.literal(1)).select_from(t.message_key).where(*among).limit(FEW + 1).subquery()
        return int(self.conn.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()) <= FEW

    def by_word(self, value: str) -> Condition:
        """A bare word: a message type (`ORM`, `ADT^A08`), else the beginning of any business key."""
        if value[:3].upper() in TYPES and value[3:4] in ("", "^"):
            found: Condition = _m.message_type.startswith(value.upper(), autoescape=True)
            return found
        return self._by_key(KEY_KINDS, value)

    @property
    def searchable(self) -> Searchable:
        return Searchable(
            "messages",
            {
                "message_type": (_m.message_type,),
                "status": (_m.state,),
                "sender": (_m.sending_application, _m.sending_facility, _m.peer),
            },
            {**{kind: self.by_key(kind) for kind in KEY_KINDS}, "status": _in_state},
            word=self.by_word,
            age=_m.at,
        )


def _in_state(value: str) -> Condition:
    return _m.state.in_([state for state in STATES if state.startswith(value.casefold())] or [value])


def messages(
    conn: Connection, *, query: str = "", direction: str = "", state: str = "", limit: int = 200
) -> list[MessageRow]:
    """The latest first, without their bytes."""
    return matching(conn, parse(query), direction=direction, state=state, limit=limit)


def matching(
    conn: Connection,
    query: Query,
    *,
    direction: str = "",
    state: str = "",
    limit: int = 200,
    below: int = 0,
    among: Iterable[int] | None = None,
    oldest_first: bool = False,
) -> list[MessageRow]:
    """What a parsed query asks for. `below`: only ids under this one; `among`: only these."""
    more = [_m.direction == direction] if direction else []
    more += [_m.state == state] if state else []
    more += [_m.id < below] if below else []
    more += [_m.id.in_(sorted(among))] if among is not None else []
    search, now = _Search(conn), database_now(conn)
    wanted = [*conditions_of(query, search.searchable, now), *more]
    order = _m.id if oldest_first else _m.id.desc()
    if search.common and among is None and not oldest_first:
        newest = below or newest_id(conn)
        found = _rows(conn, [*wanted, _m.id > newest - WINDOW], order, limit)
        if len(found) == limit:
            return found
        if len(wanted) == 1:  # common, but not of late: nothing else leads there
            wanted = conditions_of(query, _Search(conn, walk=False).searchable, now)
    return _rows(conn, wanted, order, limit)


def _rows(conn: Connection, wanted: Sequence[Condition], order: Any, limit: int) -> list[MessageRow]:
    return [message_row(row) for row in conn.execute(sa.select(*LIGHT).where(*wanted).order_by(order).limit(limit))]


def newest_id(conn: Connection) -> int:
    """0 for an empty journal."""
    return int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(_m.id), 0))).scalar_one())


def raws(conn: Connection, ids: Iterable[int]) -> dict[int, bytes]:
    """The bytes of those that are there."""
    found = conn.execute(sa.select(_m.id, _m.raw).where(_m.id.in_(sorted(ids))))
    return {row.id: bytes(row.raw) for row in found}


def message(conn: Connection, message_id: int) -> MessageRow:
    """One message with its text; bytes that are no UTF-8 are shown as latin-1. Raises NotFound."""
    row = conn.execute(sa.select(*LIGHT, _m.raw).where(_m.id == message_id)).first()
    if row is None:
        raise NotFound(not_there(conn, message_id))
    return message_row(row, plain_text(bytes(row.raw))[0])


def not_there(conn: Connection, message_id: int) -> str:
    """Why a message cannot be had: never heard of, or pruned by its age."""
    pruned = conn.execute(sa.select(t.audit.c.id).where(t.audit.c.what == PRUNED).limit(1)).first()
    if pruned and 0 < message_id < newest_id(conn):
        return f"message {message_id} has been pruned by its age"
    return f"no message {message_id}"


PRUNED = "messages pruned"
"""What the audit calls it."""


def plain_text(raw: bytes) -> tuple[str, str]:
    """Bytes as text that gives them back, and the codec that does: UTF-8 where they are that, else latin-1."""
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return raw.decode("latin-1"), "latin-1"


def message_row(row: Any, raw: str = "") -> MessageRow:
    return MessageRow(
        id=row.id,
        direction=row.direction,
        received_at=iso(row.at),
        message_type=row.message_type,
        control_id=row.control_id,
        sending_application=row.sending_application,
        sending_facility=row.sending_facility,
        peer=row.peer,
        state=row.state,
        reason=row.reason,
        patient_id=row.patient_id,
        accession_number=row.accession_number,
        size=row.size,
        raw=raw,
        first_id=row.first_id,
    )
