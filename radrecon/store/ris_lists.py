"""The worklists of other systems: the last list per source and calling modality, and what stood on it before.

A row of `ris_entry` is one stay of one entry on one list; what changes there begins a new one, so that nothing that a
modality could see is overwritten. What is gone for long is let go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from radrecon.model.ris_worklist import Listed, ListState, WorklistEntry
from radrecon.store import tables as t
from radrecon.store.codec import dump, load
from radrecon.store.database import Connection, changed, insert

KEEP_GONE = timedelta(days=14)
MOST_GONE = 20_000  # rows per source
AT_ONCE = 500
_l, _e = t.ris_list.c, t.ris_entry.c


def states(conn: Connection, source: str = "") -> list[ListState]:
    """Of one source, or of all that were ever asked."""
    query = t.ris_list.select().order_by(_l.source, _l.station)
    rows = conn.execute(query.where(_l.source == source) if source else query)
    return [ListState(**{name: getattr(row, name) for name in t.ris_list.c.keys()}) for row in rows]  # noqa: SIM118


def state(conn: Connection, source: str, station: str) -> ListState:
    """One that was never asked has no `asked_at`."""
    found = [one for one in states(conn, source) if one.station == station]
    return found[0] if found else ListState(source, station)


def save_state(conn: Connection, found: ListState) -> None:
    values = {name: getattr(found, name) for name in t.ris_list.c.keys() if name != "id"}  # noqa: SIM118
    if found.id:
        conn.execute(t.ris_list.update().where(_l.id == found.id).values(**values))
    else:
        insert(conn, t.ris_list, **values)
    changed(conn, "worklist")


def listed(conn: Connection, source: str, station: str = "") -> list[Listed]:
    """All that stands on this source's lists now, or on one of them."""
    query = t.ris_entry.select().where(_e.source == source, _e.gone_at.is_(None)).order_by(_e.id)
    return [_listed(row) for row in conn.execute(query.where(_e.station == station) if station else query)]


def stays(conn: Connection, source: str, keys: Collection[str]) -> list[Listed]:
    """All stays, former ones too, of these entries on whichever list."""
    return _some(conn, source, _e.key, keys)


def gone(conn: Connection, source: str, accession_keys: Collection[str]) -> list[Listed]:
    """Former stays of what has one of these accession keys."""
    return _some(conn, source, _e.accession_key, accession_keys, _e.gone_at.is_not(None))


def _some(
    conn: Connection, source: str, column: sa.Column[str], wanted: Collection[str], *more: sa.ColumnElement[bool]
) -> list[Listed]:
    found, values = [], sorted(wanted)
    for start in range(0, len(values), AT_ONCE):
        some = column.in_(values[start : start + AT_ONCE])
        query = t.ris_entry.select().where(_e.source == source, some, *more)
        found += [_listed(row) for row in conn.execute(query.order_by(_e.id.desc()).limit(AT_ONCE * 4))]
    return found


def by_accession(conn: Connection, source: str, accession_key: str) -> list[Listed]:
    """What stands, or stood, on this source's lists with an accession number; what stands there first."""
    query = t.ris_entry.select().where(_e.source == source, _e.accession_key == accession_key)
    rows = conn.execute(query.order_by(_e.gone_at.is_not(None), _e.gone_at.desc(), _e.id.desc()).limit(100))
    return [_listed(row) for row in rows] if accession_key else []


def _listed(row: Any) -> Listed:
    return Listed(
        source=row.source,
        station=row.station,
        key=row.key,
        entry=load(WorklistEntry, row.data),
        first_seen=row.first_seen,
        fresh=row.fresh,
        last_seen=row.last_seen,
        gone_at=row.gone_at,
        id=row.id,
    )


def as_rows(found: Sequence[tuple[Listed, str]]) -> list[dict[str, Any]]:
    """New stays, each with its accession key, as `add` takes them: made before anything is locked."""
    return [
        {
            "source": one.source,
            "station": one.station,
            "key": one.key,
            "accession_key": accession_key,
            "data": dump(one.entry),
            "first_seen": one.first_seen,
            "fresh": one.fresh,
        }
        for one, accession_key in found
    ]


def add(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        conn.execute(t.ris_entry.insert(), rows)
        changed(conn, "worklist")


def end(conn: Connection, ids: Iterable[int], *, last_seen: datetime | None, gone_at: datetime) -> None:
    """These stays are over."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), AT_ONCE):
        some = _e.id.in_(wanted[start : start + AT_ONCE])
        conn.execute(t.ris_entry.update().where(some).values(last_seen=last_seen, gone_at=gone_at))
    if wanted:
        changed(conn, "worklist")


def trim(conn: Connection, source: str, now: datetime) -> None:
    """Let go what is gone for long, and all but so many rows."""
    was = sa.and_(_e.source == source, _e.gone_at.is_not(None))
    conn.execute(t.ris_entry.delete().where(was, _e.gone_at < now - KEEP_GONE))
    beyond = sa.select(_e.id).where(was).order_by(_e.id.desc()).offset(MOST_GONE).limit(1)
    last = conn.execute(beyond).scalar()
    if last is not None:
        conn.execute(t.ris_entry.delete().where(was, _e.id <= last))


def forget(conn: Connection, source: str, stations: Collection[str]) -> None:
    """A source is no longer asked as these modalities: its lists are not known any more."""
    for table in (t.ris_entry, t.ris_list):
        conn.execute(table.delete().where(table.c.source == source, table.c.station.in_(sorted(stations))))
    changed(conn, "worklist")
