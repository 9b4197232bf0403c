"""Pairs of messages in the journal: one heard before and behind an interface engine, and a message and its answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.rows import PairRow
from radrecon.store import message_keys
from radrecon.store import tables as t
from radrecon.store.codec import iso
from radrecon.store.database import Connection, changed, insert

HOP, ACK = "hop", "ack"
MARK = "paired_up_to"
LOOK_BACK = 20_000  # messages that a partner may lie behind
LAST_PAIRS = 5_000
MOST_KEYS = 20  # of one message and kind

_m, _k, _p = t.message.c, t.message_key.c, t.message_pair.c


@dataclass(frozen=True)
class Journalled:
    """One row of the journal with its bytes."""

    id: int
    at: datetime
    direction: str
    peer: str
    application: str
    facility: str
    control_id: str
    message_type: str
    sent_at: str
    state: str
    raw: bytes


_COLUMNS = (
    _m.id, _m.at, _m.direction, _m.peer, _m.sending_application, _m.sending_facility, _m.control_id, _m.message_type,
    _m.sent_at, _m.state, _m.raw,
)  # fmt: skip


def _loaded(rows: Iterable[Any]) -> list[Journalled]:
    return [replace(Journalled(*row), raw=bytes(row.raw)) for row in rows]


def since(conn: Connection, mark: int, until: datetime, limit: int) -> list[Journalled]:
    """What arrived after the marked message, in the order of arrival, up to the first that is younger than `until`."""
    found = _loaded(conn.execute(sa.select(*_COLUMNS).where(_m.id > mark).order_by(_m.id).limit(limit)))
    young = next((at for at, one in enumerate(found) if one.at > until), len(found))
    return found[:young]


def by_control(conn: Connection, control_id: str, limit: int = 50) -> list[Journalled]:
    """Messages with this MSH-10, the latest first."""
    if not control_id:
        return []
    ids = (
        sa.select(_m.id).where(_m.control_id == control_id).order_by(_m.id.desc()).limit(limit)
    )  # from the index alone
    return _loaded(conn.execute(sa.select(*_COLUMNS).where(_m.id.in_(ids)).order_by(_m.id.desc())))


def by_keys(conn: Connection, keys: Mapping[str, Iterable[str]], around: int, limit: int = 50) -> list[Journalled]:
    """Messages not far from `around` that share a business key (kind → values): the latest, in the order of arrival."""
    of = {kind: sorted(set(values) - {""})[:MOST_KEYS] for kind, values in keys.items()}
    near = _k.message_id > around - LOOK_BACK, _k.message_id < around + LOOK_BACK
    named = [sa.select(message_keys.named(kind, values, *near).c.message_id) for kind, values in of.items() if values]
    if not named:
        return []
    found = sa.union(*named).subquery().c.message_id
    close = found > around - LOOK_BACK, found < around + LOOK_BACK, found != around
    ids = sa.select(found).where(*close).order_by(found.desc()).limit(limit)
    return _loaded(conn.execute(sa.select(*_COLUMNS).where(_m.id.in_(ids)).order_by(_m.id)))


def add(
    conn: Connection, kind: str, first_id: int, second_id: int, changes: Sequence[Sequence[str]], at: datetime
) -> int:
    """`first_id`: the message before the engine, or the one that is answered; `second_id`: the other."""
    values = [list(change) for change in changes]
    changed(conn, "messages")
    return insert(conn, t.message_pair, kind=kind, first_id=first_id, second_id=second_id, changes=values, at=at)


def paired(conn: Connection, ids: Iterable[int], kind: str = HOP) -> set[int]:
    """Those of these messages that stand in a pair."""
    wanted = sorted(set(ids))
    query = sa.select(_p.first_id, _p.second_id).where(
        _p.kind == kind, sa.or_(_p.first_id.in_(wanted), _p.second_id.in_(wanted))
    )
    return {one for row in conn.execute(query) for one in row} & set(wanted)


def of_message(conn: Connection, message_id: int) -> list[PairRow]:
    """The pairs that a message stands in."""
    query = t.message_pair.select().where(sa.or_(_p.first_id == message_id, _p.second_id == message_id))
    return [
        PairRow(row.id, row.kind, row.first_id, row.second_id, iso(row.at), tuple((a, b, c) for a, b, c in row.changes))
        for row in conn.execute(query.order_by(_p.id))
    ]


@dataclass(frozen=True)
class Hop:
    """One message before and behind the engine: the senders' names on both sides, and what changed."""

    before: tuple[str, str]
    behind: tuple[str, str]
    changes: tuple[tuple[str, str, str], ...]


def hops(conn: Connection, limit: int = LAST_PAIRS) -> list[Hop]:
    """The latest pairs."""
    one, other = t.message.alias("one"), t.message.alias("other")
    query = (
        sa.select(
            one.c.sending_application,
            one.c.sending_facility,
            other.c.sending_application,
            other.c.sending_facility,
            _p.changes,
        )
        .join_from(t.message_pair, one, one.c.id == _p.first_id)
        .join(other, other.c.id == _p.second_id)
        .where(_p.kind == HOP)
        .order_by(_p.id.desc())
        .limit(limit)
    )
    return [
        Hop((row[0], row[1]), (row[2], row[3]), tuple((a, b, c) for a, b, c in row[4])) for row in conn.execute(query)
    ]


def unpaired(
    conn: Connection, senders: Iterable[tuple[str, str]], *, up_to: int, older_than: datetime, limit: int = 1000
) -> list[int]:
    """Messages of these senders that nothing was paired with, the latest first, among the last that were examined."""
    named = [
        sa.and_(_m.sending_application == application, _m.sending_facility == facility)
        for application, facility in senders
    ]
    if not named:
        return []
    in_pair = sa.exists().where(_p.kind == HOP, sa.or_(_p.first_id == _m.id, _p.second_id == _m.id))
    query = (
        sa.select(_m.id)
        .where(_m.id <= up_to, _m.id > up_to - LOOK_BACK, _m.at < older_than, _m.direction == "in")
        .where(_m.state.in_(("applied", "refused")), sa.or_(*named), ~in_pair)
    )
    return list(conn.execute(query.order_by(_m.id.desc()).limit(limit)).scalars())


# -- how far the journal has been examined ----------------------------------------------------------------------------


def mark(conn: Connection) -> int | None:
    """The last message examined; None before the first time."""
    found = conn.execute(sa.select(t.setting.c.value).where(t.setting.c.key == MARK)).scalar()
    return None if found is None else int(found)


def put_mark(conn: Connection, message_id: int) -> None:
    """No setting that anybody waits for: no change is announced."""
    done = conn.execute(t.setting.update().where(t.setting.c.key == MARK).values(value=message_id))
    if not done.rowcount:
        conn.execute(t.setting.insert().values(key=MARK, value=message_id, source="pairing"))


def newest(conn: Connection) -> int:
    return int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(_m.id), 0))).scalar_one())
