"""The journal: every message in and out, byte for byte, and the business keys it can be found by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection, changed, insert


@dataclass(frozen=True)
class Entry:
    """One message as the journal takes it. `keys` are (kind, value): patient_id, patient_name, accession_number …"""

    direction: str
    at: datetime
    raw: bytes
    peer: str = ""
    sending_application: str = ""
    sending_facility: str = ""
    control_id: str = ""
    message_type: str = ""
    sent_at: str = ""
    state: str = ""
    reason: str = ""
    ack_code: str = ""
    ack: bytes | None = None
    flags: tuple[str, ...] = ()
    effect: dict[str, Any] = field(default_factory=dict)
    patient_id: str = ""
    accession_number: str = ""
    delivery_id: int = 0
    first_id: int = 0
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Earlier:
    """An earlier message with the same control id from the same sender."""

    id: int
    state: str
    same: bool
    reason: str


def fingerprint(raw: bytes) -> bytes:
    return hashlib.blake2b(raw, digest_size=16).digest()


def add(conn: Connection, entry: Entry) -> int:
    """Write a message; its keys are indexed in the same transaction. Returns its id."""
    values = {name: getattr(entry, name) for name in _COLUMNS}
    values |= {"flags": list(entry.flags), "digest": fingerprint(entry.raw), "size": len(entry.raw)}
    message_id = insert(conn, t.message, **values)
    _index(conn, message_id, entry.keys)
    changed(conn, "messages")
    return message_id


_COLUMNS = (
    "direction", "at", "raw", "peer", "sending_application", "sending_facility", "control_id", "message_type",
    "sent_at", "state", "reason", "ack_code", "ack", "effect", "patient_id", "accession_number", "delivery_id",
    "first_id",
)  # fmt: skip


def _index(conn: Connection, message_id: int, keys: Iterable[tuple[str, str]]) -> None:
    rows = [
        {"kind": kind, "value": value.casefold(), "message_id": message_id}
        for kind, value in dict.fromkeys(keys)
        if value
    ]
    unique = list({(row["kind"], row["value"]): row for row in rows}.values())
    if unique:
        conn.execute(t.message_key.insert(), unique)


def note(conn: Connection, message_id: int, **values: Any) -> None:
    """Change what is known of a message: state, reason, ack, effect … never its raw bytes."""
    keys: Sequence[tuple[str, str]] = values.pop("keys", ())
    if values:
        conn.execute(t.message.update().where(t.message.c.id == message_id).values(values))
    _index(conn, message_id, keys)
    changed(conn, "messages")


def earlier(conn: Connection, sender: str, facility: str, control_id: str, raw: bytes) -> Earlier | None:
    """The message with this MSH-10 from this sender that matters most; `same` if it is byte for byte this one.

    One that was applied comes before one that was refused, then this very one before others, then the latest.
    """
    if not control_id:
        return None
    m = t.message.c
    query = (
        sa.select(m.id, m.state, m.digest, m.reason)
        .where(m.control_id == control_id, m.sending_application == sender, m.sending_facility == facility)
        .where(m.direction == "in", m.state.in_(("applied", "refused", "echo")))
        .order_by(sa.case((m.state == "refused", 1), else_=0), (m.digest == fingerprint(raw)).desc(), m.id.desc())
        .limit(1)
    )
    row = conn.execute(query).first()
    return None if row is None else Earlier(row.id, row.state, row.digest == fingerprint(raw), row.reason)


def is_our_own(conn: Connection, sender: str, control_id: str) -> int:
    """The delivery whose message this is an echo of (our MSH-3 + MSH-10), 0 if none."""
    m = t.message.c
    query = sa.select(m.delivery_id).where(
        m.control_id == control_id, m.sending_application == sender, m.direction == "out"
    )
    return int(conn.execute(query.limit(1)).scalar() or 0)


def close_refused(conn: Connection, message_id: int, by: int) -> None:
    """A refused message that a replay has applied is settled: found, but no longer waiting for a person."""
    m = t.message.c
    conn.execute(
        t.message.update().where(m.id == message_id, m.state == "refused").values(state="replayed", first_id=by)
    )
    changed(conn, "messages")


def raw(conn: Connection, message_id: int) -> bytes | None:
    found = conn.execute(sa.select(t.message.c.raw).where(t.message.c.id == message_id)).scalar()
    return None if found is None else bytes(found)
