"""How common names are in the site's own register: counted in the database, kept with date and counts, the last one."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from radrecon.model.rule import NamesCounted
from radrecon.store import tables as t
from radrecon.store.database import Connection, changed

MOST = 2000  # of each: what is rarer counts as rare
_c, _p = t.name_count.c, t.person.c


def count(conn: Connection, now: datetime, most: int = MOST) -> NamesCounted:
    """Of everybody who was not merged away: two bounded lists, whatever the size of the register."""
    alphabetic = _before(conn, _p.patient_name, "=")
    family, rest = _before(conn, alphabetic, "^"), _after(conn, alphabetic, "^")
    given = _before(conn, sa.func.trim(_before(conn, rest, "^")), " ")
    total = sa.select(sa.func.count()).select_from(t.person).where(_p.merged_into == 0)
    persons = int(conn.execute(total).scalar_one())
    return NamesCounted(now, persons, _commonest(conn, family, most), _commonest(conn, given, most))


def _commonest(conn: Connection, name: sa.ColumnElement[str], most: int) -> dict[str, int]:
    """A name that one person has is as rare as any."""
    found, number = sa.func.upper(sa.func.trim(name)).label("found"), sa.func.count().label("number")
    query = sa.select(found, number).select_from(t.person).where(_p.merged_into == 0)
    query = query.group_by(sa.text("found")).having(sa.func.count() > 1).order_by(number.desc(), sa.text("found"))
    return {name: persons for name, persons in conn.execute(query.limit(most)) if name}


def _place(conn: Connection, text: sa.ColumnElement[str], mark: str) -> sa.ColumnElement[int]:
    """From 1; one behind the end where there is none."""
    find = sa.func.instr if conn.dialect.name == "sqlite" else sa.func.strpos
    return find(text.concat(mark), mark)


def _before(conn: Connection, text: sa.ColumnElement[str], mark: str) -> sa.ColumnElement[str]:
    return sa.func.substr(text, 1, _place(conn, text, mark) - 1)


def _after(conn: Connection, text: sa.ColumnElement[str], mark: str) -> sa.ColumnElement[str]:
    return sa.func.substr(text, _place(conn, text, mark) + 1)


def save(conn: Connection, counted: NamesCounted) -> None:
    """In the place of the one before."""
    values = {"families": dict(counted.families), "givens": dict(counted.givens)}
    made = conn.execute(t.name_count.insert().values(at=counted.at, persons=counted.persons, **values))
    assert made.inserted_primary_key is not None
    conn.execute(t.name_count.delete().where(_c.id < made.inserted_primary_key[0]))
    changed(conn, "rules")


def latest(conn: Connection) -> NamesCounted | None:
    row = conn.execute(sa.select(t.name_count).order_by(_c.id.desc()).limit(1)).first()
    return None if row is None else NamesCounted(row.at, row.persons, row.families, row.givens)


def stamp(conn: Connection) -> tuple[int, datetime] | None:
    """What tells one count from another without reading its names."""
    row = conn.execute(sa.select(_c.id, _c.at).order_by(_c.id.desc()).limit(1)).first()
    return None if row is None else (row.id, row.at)
