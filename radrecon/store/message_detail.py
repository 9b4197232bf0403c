"""One message of the journal with all that hangs on it: what it did, in a line each, and the messages akin to it.

Rows that are gone since (pruned, or never written) are said to be so; nothing breaks for want of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from radrecon.model.errors import NotFound
from radrecon.model.rows import MessageEffect, MessageRow, OrderRow, PatientRow
from radrecon.store import pairs
from radrecon.store import tables as t
from radrecon.store.database import Connection
from radrecon.store.list_messages import message_row, not_there, plain_text
from radrecon.store.list_orders import orders_by_id
from radrecon.store.list_patients import numbers_of, patients_by_id
from radrecon.store.replays import EDITED

_m = t.message.c
REPEATS_SHOWN = 50


@dataclass(frozen=True)
class Journalled:
    """A message as it lies in the journal."""

    row: MessageRow
    raw: bytes
    raw_encoding: str
    sent_at: str
    flags: tuple[str, ...]
    ack_code: str
    ack: bytes
    effect: Mapping[str, Any]
    delivery_id: int


def journalled(conn: Connection, message_id: int) -> Journalled:
    """Raises NotFound."""
    row = conn.execute(t.message.select().where(_m.id == message_id)).first()
    if row is None:
        raise NotFound(not_there(conn, message_id))
    raw = bytes(row.raw)
    text, encoding = plain_text(raw)
    return Journalled(
        message_row(row, text), raw, encoding, row.sent_at, tuple(row.flags), row.ack_code, bytes(row.ack or b""),
        row.effect, row.delivery_id,
    )  # fmt: skip


# -- what it did ------------------------------------------------------------------------------------------------------


def effects(conn: Connection, effect: Mapping[str, Any]) -> tuple[MessageEffect, ...]:
    """A line for each thing that the message did."""
    return tuple(one for name, values in effect.items() for one in _told(conn, name, values))


def _told(conn: Connection, name: str, values: Any) -> Iterator[MessageEffect]:
    if name in _ROWS:
        kind, describe = _ROWS[name]
        lines = describe(conn, values)
        for row_id in values:
            yield MessageEffect(kind, row_id, lines.get(row_id, f"{kind} {row_id}, which is there no more"))
    elif name in _TEXTS:
        yield from (MessageEffect(_TEXTS[name], 0, str(value)) for value in values)
    else:
        yield MessageEffect(name, 0, json.dumps(values, ensure_ascii=False))


Lines = dict[int, str]


def _some(*texts: str) -> str:
    return " · ".join(filter(None, texts))


def _persons(conn: Connection, ids: Sequence[int]) -> Lines:
    found = patients_by_id(conn, ids)
    numbers = numbers_of(conn, {row.merged_into for row in found.values() if row.merged_into})
    return {key: _person(row, numbers.get(row.merged_into, "")) for key, row in found.items()}


def _person(row: PatientRow, survivor: str) -> str:
    merged = f"merged into {survivor}" if survivor else ""
    return _some(row.patient_name, row.patient_id, row.issuer_of_patient_id, row.patient_birth_date, merged)


def _orders(conn: Connection, ids: Sequence[int]) -> Lines:
    return {key: _order(row) for key, row in orders_by_id(conn, ids).items()}


def _order(row: OrderRow) -> str:
    number = row.accession_number or row.placer_order_number or row.filler_order_number
    return _some(number, row.requested_procedure_description, row.status.lower(), row.patient_name)


def _reports(conn: Connection, ids: Sequence[int]) -> Lines:
    r = t.report.c
    rows = conn.execute(sa.select(r.id, r.accession_number, r.number, r.status).where(r.id.in_(ids)))
    return {row.id: _some(row.accession_number, f"version {row.number}", f"status {row.status}") for row in rows}


def _visits(conn: Connection, ids: Sequence[int]) -> Lines:
    v = t.visit.c
    rows = conn.execute(sa.select(v.id, v.kind, v.number, v.state, v.location).where(v.id.in_(ids)))
    return {row.id: _some(f"{row.kind} {row.number}", row.state, row.location) for row in rows}


def _notices(conn: Connection, ids: Sequence[int]) -> Lines:
    n = t.notice.c
    rows = conn.execute(sa.select(n.id, n.kind, n.settled_at).where(n.id.in_(ids)))
    return {row.id: _some(row.kind.replace("_", " "), "settled" if row.settled_at else "waits") for row in rows}


_ROWS: dict[str, tuple[str, Callable[[Connection, Sequence[int]], Lines]]] = {
    "persons": ("person", _persons),
    "orders": ("order", _orders),
    "reports": ("report", _reports),
    "visits": ("visit", _visits),
    "notices": ("notice", _notices),
}
_TEXTS = {"accessions": "accession", "remarks": "remark"}


# -- what it belongs to -----------------------------------------------------------------------------------------------


def related(conn: Connection, message: Journalled) -> tuple[MessageEffect, ...]:
    """What it repeats, what repeats it, its delivery and correction, and what it was paired with."""
    return (*_first(conn, message), *_repeats(conn, message), *_delivery(conn, message), *_pairs(conn, message))


def _first(conn: Connection, message: Journalled) -> Iterator[MessageEffect]:
    """`first_id`: of a closed original the replay that closed it, else what it repeats."""
    first = message.row.first_id
    if not first:
        return
    there = conn.execute(sa.select(_m.id).where(_m.id == first)).first()
    gone = "" if there else ", which has been pruned"
    how = "replayed as" if _is_closed_original(message) else f"{_how(message.row.state, message.flags)} of"
    yield MessageEffect("message", first, f"{how} message {first}{gone}")


def _is_closed_original(message: Journalled) -> bool:
    return message.row.state == "replayed" and message.row.first_id > message.row.id


def _how(state: str, flags: Sequence[str]) -> str:
    return "resend" if state == "resend" else "edited replay" if EDITED in flags else "replay"


def _repeats(conn: Connection, message: Journalled) -> Iterator[MessageEffect]:
    """The rows that name this one; the original that this one closed is named already."""
    query = sa.select(_m.id, _m.state, _m.flags).where(_m.first_id == message.row.id, _m.first_id != 0)
    for row in conn.execute(query.order_by(_m.id).limit(REPEATS_SHOWN)):
        if row.id != message.row.first_id:
            yield MessageEffect("message", row.id, f"{_repeated(row)} message {row.id}, {row.state}")


def _repeated(row: Any) -> str:
    return {"resend": "sent again as", "edited replay": "edited and replayed as"}.get(
        _how(row.state, row.flags), "replayed as"
    )


def _delivery(conn: Connection, message: Journalled) -> Iterator[MessageEffect]:
    d = t.delivery.c
    query = sa.select(d.id, d.correction_id, d.destination, d.title, d.state).where(d.id == message.delivery_id)
    row = conn.execute(query).first() if message.delivery_id else None
    if row:
        echo = "echo of the delivery" if message.row.direction == "in" else "delivery"
        yield MessageEffect("delivery", row.id, _some(f"{echo} to {row.destination}", row.title, row.state))
        yield MessageEffect("correction", row.correction_id, f"correction {row.correction_id}")


def _pairs(conn: Connection, message: Journalled) -> Iterator[MessageEffect]:
    for pair in pairs.of_message(conn, message.row.id):
        is_first = pair.first_id == message.row.id
        other = pair.second_id if is_first else pair.first_id
        words = {
            (pairs.HOP, True): f"behind the interface engine: message {other}",
            (pairs.HOP, False): f"before the interface engine: message {other}",
            (pairs.ACK, True): f"answered by message {other}",
            (pairs.ACK, False): f"answers message {other}",
        }.get((pair.kind, is_first), f"{pair.kind}: message {other}")
        changes = "; ".join(f"{path} {before!r} → {behind!r}" for path, before, behind in pair.changes)
        yield MessageEffect("message", other, _some(words, changes))
