"""The blocking keys that studies find orders by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.blocking import Holders, KeyTable
from radrecon.store.database import Connection
from radrecon.store.kept import once
from radrecon.store.statement import Among

BLOCK_LIMIT = 200  # candidates of one study; beyond it the list is cut off, which is a veto

_table = KeyTable(t.order_key, "order_id")


def set_keys(conn: Connection, order_id: int, keys: Iterable[int]) -> None:
    """Replace an order's keys."""
    _table.replace(conn, {order_id: keys})


def replace(conn: Connection, keys_of: Mapping[int, Iterable[int]]) -> None:
    """The same for several orders."""
    _table.replace(conn, keys_of)


def keys(conn: Connection, order_id: int) -> frozenset[int]:
    return _table.keys(conn, order_id)


def keys_by_order(conn: Connection, order_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Order → its keys, none where it has none."""
    return _table.of_several(conn, order_ids)


def keys_of(conn: Connection, order_ids: Collection[int]) -> set[int]:
    """All keys of several orders."""
    return {row[0] for row in _KEYS_AMONG.all(conn, order_ids)}


_KEYS_AMONG = Among(sa.select(t.order_key.c.key), t.order_key.c.order_id)


def by_keys(conn: Connection, wanted: Collection[int], limit: int = BLOCK_LIMIT) -> tuple[list[int], bool]:
    """Orders that share a key, those that share most first, and whether the list was cut off.

    A key that more than `limit` orders share is left out, and the list then counts as cut off.
    """
    return cut_off(holders(conn, wanted, limit), limit)


def of_day(conn: Connection, keys: Sequence[int], limit: int) -> tuple[list[int], bool]:
    """The same for keys that many ask for: those of a station and day."""
    return once(conn, ("order_keys.of_day", tuple(keys), limit), lambda: by_keys(conn, keys, limit))


def holders(conn: Connection, wanted: Collection[int], limit: int = BLOCK_LIMIT) -> Holders:
    """The same by key."""
    return _table.holders(conn, wanted, limit)


def cut_off(found: Holders, limit: int = BLOCK_LIMIT) -> tuple[list[int], bool]:
    ids = found.ranked
    return ids[:limit], len(ids) > limit or bool(found.too_common)


def near(conn: Connection, wanted: Collection[int], common: int, limit: int) -> list[int]:
    """The orders that share most of these keys, rare ones first; a key of more than `common` orders says nothing."""
    return _table.holders(conn, wanted, common).ranked[:limit]
