"""The journal as rows: found by the business keys that were indexed with each message, never by reading its bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from radrecon.model.errors import NotFound
from radrecon.model.rows import MessageRow
from radrecon.store import tables as t
from radrecon.store.codec import iso
from radrecon.store.database import Connection
from radrecon.store.filters import Condition, Searchable, begins, conditions
from radrecon.store.life import database_now

TYPES = ("ACK", "ADT", "MDM", "OMG", "OMI", "ORM", "ORR", "ORU", "SIU")  # would else be read from end to end
KEY_KINDS = ("patient_id", "patient_name", "accession_number", "control_id")
_m, _k = t.message.c, t.message_key.c
LIGHT = [column for column in t.message.columns if column.name not in ("raw", "ack", "digest", "effect", "flags")]


def _by_key(*kinds: str) -> Callable[[str], Condition]:
    def condition(value: str) -> Condition:
        key = begins(_k.value, sa.literal(value.casefold()))
        return _m.id.in_(sa.select(_k.message_id).where(_k.kind.in_(kinds), key))

    return condition


def _by_word(value: str) -> Condition:
    """A bare word: a message type (`ORM`, `ADT^A08`), else the beginning of any business key."""
    if value[:3].upper() in TYPES and value[3:4] in ("", "^"):
        found: Condition = _m.message_type.startswith(value.upper(), autoescape=True)
        return found
    return _by_key(*KEY_KINDS)(value)


_SEARCH = Searchable(
    "messages",
    {
        "message_type": (_m.message_type,),
        "status": (_m.state,),
        "sender": (_m.sending_application, _m.sending_facility, _m.peer),
    },
    {
        "patient_id": _by_key("patient_id"),
        "patient_name": _by_key("patient_name"),
        "accession_number": _by_key("accession_number"),
        "control_id": _by_key("control_id"),
    },
    word=_by_word,
    age=_m.at,
)


def messages(
    conn: Connection, *, query: str = "", direction: str = "", state: str = "", limit: int = 200
) -> list[MessageRow]:
    """The latest first, without their bytes."""
    wanted = conditions(query, _SEARCH, database_now(conn))
    wanted += [_m.direction == direction] if direction else []
    wanted += [_m.state == state] if state else []
    found = conn.execute(sa.select(*LIGHT).where(*wanted).order_by(_m.id.desc()).limit(limit))
    return [_row(row) for row in found]


def message(conn: Connection, message_id: int) -> MessageRow:
    """One message with its text; bytes that are no UTF-8 are shown as latin-1."""
    row = conn.execute(sa.select(*LIGHT, _m.raw).where(_m.id == message_id)).first()
    if row is None:
        raise NotFound(f"no message {message_id}")
    return _row(row, _text(bytes(row.raw)))


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _row(row: Any, raw: str = "") -> MessageRow:
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
    )
