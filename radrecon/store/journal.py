"""The journal: every message in and out, byte for byte, and the business keys it can be found by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.store import message_keys
from radrecon.store import tables as t
from radrecon.store.database import Connection, changed, pending_of
from radrecon.store.statement import Insert, Statement


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
    digest: bytes = b""


@dataclass(frozen=True)
class Earlier:
    """An earlier message with the same control id from the same sender."""

    id: int
    state: str
    same: bool
    reason: str


def fingerprint(raw: bytes) -> bytes:
    return hashlib.blake2b(raw, digest_size=16).digest()


def reserve(conn: Connection) -> int:
    """The id of the message to come: what it does names it before its row is written."""
    if conn.dialect.name != "sqlite":
        row = _NEXT.first(conn)
        return int(row[0]) if row else 0
    pending = pending_of(conn)
    if not pending.last_message:
        row = _LAST.first(conn)
        pending.last_message = int(row[0]) if row else 0
    pending.last_message += 1  # nobody else writes until this transaction ends
    return pending.last_message


def add(conn: Connection, entry: Entry, message_id: int = 0) -> int:
    """Write a message, under a reserved id if one is given; its keys are indexed in the same transaction."""
    values = {name: getattr(entry, name) for name in _COLUMNS}
    values["flags"] = json.dumps(entry.flags) if entry.flags else "[]"
    values["effect"] = json.dumps(entry.effect) if entry.effect else "{}"
    values |= {"digest": entry.digest or fingerprint(entry.raw), "size": len(entry.raw)}
    message_id = message_id or reserve(conn)
    _ADD.run(conn, id=message_id, **values)
    message_keys.add(conn, message_id, entry.keys)
    changed(conn, "messages")
    return message_id


_COLUMNS = (
    "direction", "at", "raw", "peer", "sending_application", "sending_facility", "control_id", "message_type",
    "sent_at", "state", "reason", "ack_code", "ack", "patient_id", "accession_number", "delivery_id", "first_id",
)  # fmt: skip
_ADD = Statement(Insert(t.message, "id", *_COLUMNS, "flags", "effect", "digest", "size").clause)
_LAST = Statement(sa.select(t.message.c.id).order_by(t.message.c.id.desc()).limit(sa.literal_column("1")))
_NEXT = Statement(sa.select(sa.func.nextval(sa.func.pg_get_serial_sequence("message", "id"))))


def note(conn: Connection, message_id: int, **values: Any) -> None:
    """Change what is known of a message: state, reason, ack, effect … never its raw bytes."""
    keys: Sequence[tuple[str, str]] = values.pop("keys", ())
    if values:
        conn.execute(t.message.update().where(t.message.c.id == message_id).values(values))
    message_keys.add_more(conn, message_id, keys)
    changed(conn, "messages")


def earlier(conn: Connection, sender: str, facility: str, control_id: str, digest: bytes) -> Earlier | None:
    """The message with this MSH-10 from this sender that matters most; `same` if it is byte for byte this one.

    One that was applied comes before one that was refused, then this very one before others, then the latest.
    """
    if not control_id or _ANY_EARLIER.first(conn, control=control_id, application=sender) is None:
        return None
    row = _EARLIER.first(conn, control=control_id, application=sender, facility=facility, fingerprint=digest)
    return None if row is None else Earlier(row[0], row[1], bytes(row[2]) == digest, row[3])


_m = t.message.c
_ANY_EARLIER = Statement(
    sa.select(sa.literal_column("1"))
    .where(_m.control_id == sa.bindparam("control"), _m.sending_application == sa.bindparam("application"))
    .limit(sa.literal_column("1"))
)
_EARLIER = Statement(
    sa.select(_m.id, _m.state, _m.digest, _m.reason)
    .where(_m.control_id == sa.bindparam("control"), _m.sending_application == sa.bindparam("application"))
    .where(_m.sending_facility == sa.bindparam("facility"), _m.direction == "in")
    .where(sa.or_(*(_m.state == state for state in ("applied", "refused", "echo"))))
    .order_by(sa.case((_m.state == "refused", 1), else_=0))
    .order_by((_m.digest == sa.bindparam("fingerprint")).desc(), _m.id.desc())
    .limit(sa.literal_column("1"))
)


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
