"""Numbers that blocking keys had until rules 6, for as long as records may still be found by them.

The numbers of slips and of days were random before (`store/codec.key_number`). A program with these rules begins with a
look at everything, which gives orders their new ones first and looks at all studies afterwards; until it has ended,
whoever asks for orders asks for both. The other kinds, on which links rest, are what they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from radrecon.store import recheck
from radrecon.store.codec import PLACED, former_number
from radrecon.store.database import Connection
from radrecon.store.kept import once

NONE: frozenset[int] = frozenset()


def also_asked(conn: Connection, keys: Callable[[], Iterable[tuple[str, str]]]) -> frozenset[int]:
    """What to ask orders for besides; nothing where everything has been looked at since."""
    under_way = once(conn, "former_keys.under_way", lambda: recheck.is_under_way(conn))
    return numbers(keys()) if under_way else NONE


def numbers(keys: Iterable[tuple[str, str]]) -> frozenset[int]:
    """The former numbers of those kinds that have others now."""
    return frozenset(former_number(kind, value) for kind, value in keys if kind in PLACED)
