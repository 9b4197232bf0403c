"""New messages of the journal paired: before and behind an interface engine, and answers with what they answer.

The worker's, never on a message's way in. How far the journal has been examined is a mark in the database; only one
worker lives, so what it reads and what it then writes belong together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from radrecon.config import Config
from radrecon.hl7v2.reader import Message
from radrecon.model.rows import InterfaceRow
from radrecon.recon.pairing import Asked, Change, Copy, answered, changes, interface_map, partner
from radrecon.store import pairs
from radrecon.store.database import Connection, DatabaseDown, Store
from radrecon.store.pairs import ACK, HOP, Hop, Journalled
from radrecon.workflow.taps import COPIES, copies, keys_of, parsed, tap_of

log = structlog.get_logger()

BITE = 100
FIRST_LOOK = 10_000  # messages examined where nothing was before
SETTLE = timedelta(seconds=3)  # the other half is usually here by then
DROPPED_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Pair:
    kind: str
    first_id: int
    second_id: int
    changes: Sequence[Change]


def has_taps(config: Config) -> bool:
    return any(sender.tap != "feed" for sender in config.hl7_sender)


def pair_some(store: Store, config: Config, now: datetime) -> tuple[int, bool]:
    """One bite of the journal: how many pairs were found, and whether there is more."""
    if not has_taps(config):
        return 0, False
    with store.reading() as conn:
        rows = pairs.since(conn, _start(conn), now - SETTLE, BITE)
        found = _found(conn, rows, config)
    if rows:
        with store.transaction() as conn:
            for pair in found:
                pairs.add(conn, pair.kind, pair.first_id, pair.second_id, pair.changes, now)
            pairs.put_mark(conn, rows[-1].id)
    return len(found), len(rows) == BITE


def _start(conn: Connection) -> int:
    mark, newest = pairs.mark(conn), pairs.newest(conn)
    return max(newest - FIRST_LOOK, 0) if mark is None else max(mark, newest - 10 * FIRST_LOOK)


def _found(conn: Connection, rows: Sequence[Journalled], config: Config) -> list[Pair]:
    found: list[Pair] = []
    used: set[int] = set()
    for row in rows:
        try:
            pair = None if row.id in used else _pair_of(conn, row, used, config)
        except DatabaseDown:
            raise
        except Exception:  # one odd message must not stop the rest for ever
            log.exception("message not paired", message_id=row.id)
            continue
        if pair:
            found.append(pair)
            used |= {pair.first_id, pair.second_id} if pair.kind == HOP else set()
    return found


def _pair_of(conn: Connection, row: Journalled, used: set[int], config: Config) -> Pair | None:
    message = parsed(row) if row.direction == "in" else None
    tap = tap_of(message, row.peer, config) if message else "feed"
    if message is None or tap == "feed":
        return None
    if message.first("MSA"):
        return _answer(conn, row, message, config) if tap == "ack_copy" else None
    return _hop(conn, row, message, tap, used, config) if tap in COPIES else None


def _hop(conn: Connection, row: Journalled, message: Message, tap: str, used: set[int], config: Config) -> Pair | None:
    if pairs.paired(conn, [row.id]):
        return None
    ((own, _),) = copies([row], config)
    rows = {one.id: one for one in pairs.by_control(conn, row.control_id)}
    other = _other_half(conn, own, tap, list(rows.values()), used, config)
    if other is None:
        more = [one for one in pairs.by_keys(conn, keys_of(message), row.id) if one.id not in rows]
        other = _other_half(conn, own, tap, more, used, config)
    if other is None:
        return None
    before, behind = (own, other) if tap == "copy" else (other, own)
    return Pair(HOP, before.id, behind.id, changes(before.fields, behind.fields))


def _other_half(
    conn: Connection, own: Copy, tap: str, rows: Sequence[Journalled], used: set[int], config: Config
) -> Copy | None:
    taken = used | pairs.paired(conn, [row.id for row in rows]) | {own.id}
    free = [row for row in rows if row.id not in taken]
    return partner(own, [copy for copy, other in copies(free, config) if other in COPIES and other != tap])


def _answer(conn: Connection, row: Journalled, message: Message, config: Config) -> Pair | None:
    receiver = (message.header.get("5"), message.header.get("6"))
    asked = [
        Asked(one.id, one.at, (one.application, one.facility), tap_of(other, one.peer, config) == "copy_after")
        for one in pairs.by_control(conn, message.get("MSA-2"))
        if one.id != row.id and (other := parsed(one)) and not other.first("MSA")
    ]
    first = answered(receiver, row.at, asked)
    said = [(path, "", message.get(path)) for path in ("MSA-1", "MSA-3") if message.get(path)]
    return Pair(ACK, first, row.id, said) if first else None


# -- the interface map ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Interface:
    """What the interface engine does. `unpaired`: messages before it that were never heard behind it."""

    hops: tuple[InterfaceRow, ...]
    unpaired: tuple[int, ...]


def interface(store: Store, config: Config, now: datetime, before: str = "", behind: str = "") -> Interface:
    """The map of every pair of senders, or of those named (`APPLICATION` or `APPLICATION^FACILITY`)."""
    with store.reading() as conn:
        found = [hop for hop in pairs.hops(conn) if _is(hop.before, before) and _is(hop.behind, behind)]
        missing = pairs.unpaired(
            conn,
            [hop.before for hop in {one.before: one for one in found}.values()],
            up_to=pairs.mark(conn) or 0,
            older_than=now - DROPPED_AFTER,
        )
    routes: dict[tuple[str, str], list[Hop]] = {}
    for hop in found:
        routes.setdefault((_name(hop.before), _name(hop.behind)), []).append(hop)
    return Interface(tuple(_row(*route, group) for route, group in sorted(routes.items())), tuple(missing))


def _row(before: str, behind: str, group: Sequence[Hop]) -> InterfaceRow:
    lines = interface_map([hop.changes for hop in group])
    return InterfaceRow(
        before=before,
        behind=behind,
        pairs=len(group),
        unchanged=sum(not hop.changes for hop in group),
        changes=tuple(vars(line) for line in lines),
    )


def _name(sender: tuple[str, str]) -> str:
    return "^".join(part for part in sender if part)


def _is(sender: tuple[str, str], wanted: str) -> bool:
    return wanted in ("", sender[0], _name(sender))
