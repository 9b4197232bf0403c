"""Records by blocking keys: each key's holders with a bound per key, so that a key that many share costs no more.

All keys in one statement, the few of a study side by side on SQLite and any number as an array on PostgreSQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2

import sqlalchemy as sa

from radrecon.store.database import Connection
from radrecon.store.statement import Among, Statement, driven

TOGETHER = 8  # keys that one statement asks for on SQLite; the driver keeps a text of each number of them
COMMON = 20.0  # bits of a key that only one of a million records has


@dataclass(frozen=True)
class Holders:
    """Who shares a key. `too_common`: keys that more records share than were asked for; those are left out."""

    of: Mapping[int, Sequence[int]]
    too_common: frozenset[int]

    @property
    def ranked(self) -> list[int]:
        """Those that share most come first, rare keys counting for more; then the newest."""
        weights: dict[int, float] = defaultdict(float)
        for several in self.of.values():
            weight = COMMON - log2(len(several))
            for one in several:
                weights[one] += weight
        return sorted(weights, key=lambda one: (-round(weights[one], 9), -one))  # in whichever order they were added


class KeyTable:
    """A table of (key, subject), its primary key in that order."""

    def __init__(self, table: sa.Table, subject: str) -> None:
        key, one = table.c.key, table.c[subject]
        self._drop = Among(table.delete(), one)
        self._of_several = Among(sa.select(one, key), one)
        self._add = f"INSERT INTO {table.name} (key, {subject}) VALUES (?, ?)"
        self._keys = Statement(sa.select(key).where(one == sa.bindparam("wanted")))
        self._bounded = (
            f"SELECT * FROM (SELECT key, {subject} FROM {table.name} WHERE key = ? ORDER BY {subject} DESC LIMIT ?)"
        )
        self._add_all = (
            f"INSERT INTO {table.name} (key, {subject}) "
            "SELECT * FROM unnest(%(keys)s::bigint[], %(subjects)s::bigint[])"
        )
        self._of_all = (
            f"SELECT k.key, o.{subject} FROM unnest(%(keys)s::bigint[]) AS k(key) CROSS JOIN LATERAL "
            f"(SELECT {subject} FROM {table.name} WHERE key = k.key ORDER BY {subject} DESC LIMIT %(most)s) AS o"
        )

    def keys(self, conn: Connection, subject: int) -> frozenset[int]:
        return frozenset(row[0] for row in self._keys.all(conn, wanted=subject))

    def of_several(self, conn: Connection, subjects: Collection[int]) -> dict[int, frozenset[int]]:
        """Subject → its keys; all in one look."""
        found: dict[int, set[int]] = {one: set() for one in subjects}
        for one, key in self._of_several.all(conn, subjects):
            found[one].add(key)
        return {one: frozenset(keys) for one, keys in found.items()}

    def replace(self, conn: Connection, keys_of: Mapping[int, Iterable[int]]) -> None:
        """Other keys for several subjects; rows go in in the order of their keys, so that neighbours share pages."""
        self._drop.run(conn, list(keys_of))
        rows = sorted((key, one) for one, found in keys_of.items() for key in set(found))
        if conn.dialect.name == "sqlite":
            driven(conn, self._add, rows, many=True)
        elif rows:
            keys, subjects = zip(*rows, strict=True)
            driven(conn, self._add_all, {"keys": list(keys), "subjects": list(subjects)})

    def holders(self, conn: Connection, keys: Collection[int], most: int) -> Holders:
        """At most `most` of each key; a key that more share is left out and named."""
        found = self._by_key(conn, sorted(set(keys)), most + 1)
        common = frozenset(key for key, several in found.items() if len(several) > most)
        return Holders({key: several for key, several in found.items() if key not in common}, common)

    def _by_key(self, conn: Connection, keys: Sequence[int], most: int) -> dict[int, list[int]]:
        by_key: dict[int, list[int]] = {}
        for key, one in self._rows(conn, keys, most):
            by_key.setdefault(key, []).append(one)
        return by_key

    def _rows(self, conn: Connection, keys: Sequence[int], most: int) -> Iterator[tuple[int, int]]:
        """(key, subject), the newest first within a key."""
        if conn.dialect.name != "sqlite":
            yield from driven(conn, self._of_all, {"keys": list(keys), "most": most}).fetchall() if keys else ()
            return
        for start in range(0, len(keys), TOGETHER):
            some = keys[start : start + TOGETHER]
            text = " UNION ALL ".join([self._bounded] * len(some))
            yield from driven(conn, text, [value for key in some for value in (key, most)]).fetchall()
