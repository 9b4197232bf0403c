"""The blocking keys that persons are found by among persons: duplicates, namesakes, twins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from radrecon.store import tables as t
from radrecon.store.blocking import Holders, KeyTable
from radrecon.store.database import Connection

ALIKE_LIMIT = 200  # persons that share one key; a key that more share finds nobody, and says so

_table = KeyTable(t.person_key, "person_id")


def alike(conn: Connection, keys: Collection[int], limit: int = ALIKE_LIMIT) -> Holders:
    """Persons who share a key (numbers of `codec.key_number`); those merged away have none."""
    return _table.holders(conn, keys, limit)


def keys(conn: Connection, person_id: int) -> frozenset[int]:
    return _table.keys(conn, person_id)


def keys_of_several(conn: Connection, person_ids: Collection[int]) -> dict[int, frozenset[int]]:
    return _table.of_several(conn, person_ids)


def replace(conn: Connection, keys_of: Mapping[int, Iterable[int]]) -> None:
    _table.replace(conn, keys_of)
