"""What was read once in a read transaction is the same until it ends: looks at many subjects share it.

Only where the transaction was opened for it (`Store.reading(keep=True)`); it sees one state of the database throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

Value = TypeVar("Value")
Id = TypeVar("Id", int, str)
KEPT = "radrecon_kept"
"""Where a connection's `__dict__` holds it."""


def begin(conn: Connection) -> None:
    conn.__dict__[KEPT] = {}


def end(conn: Connection) -> None:
    conn.__dict__.pop(KEPT, None)


def once(conn: Connection, name: Any, read: Callable[[], Value]) -> Value:
    """One answer, by a name that says all that it depends on."""
    kept = conn.__dict__.get(KEPT)
    if kept is None:
        return read()
    if name not in kept:
        kept[name] = read()
    found: Value = kept[name]
    return found


def by_id(
    conn: Connection, name: str, wanted: Sequence[Id], read: Callable[[Sequence[Id]], Mapping[Id, Value]]
) -> Mapping[Id, Value]:
    """Records by id, in the order wanted; those that there are none of are left out."""
    kept = conn.__dict__.get(KEPT)
    if kept is None:
        return read(wanted)
    own: dict[Id, Value | None] = kept.setdefault(name, {})
    if missing := [one for one in wanted if one not in own]:
        found = read(missing)
        own.update((one, found.get(one)) for one in missing)
    return {one: value for one in wanted if (value := own[one]) is not None}
