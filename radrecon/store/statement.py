"""Fixed statements for the path of every message: written with SQLAlchemy, compiled once, run on the driver's cursor.

Core builds and checks a statement anew for each call, which costs more than the database's own work. Here the text is
made once per dialect and the driver keeps it prepared; values are converted by the columns' own types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

Convert = Callable[[Any], Any]


class EncodedJson(sa.types.UserDefinedType[str]):
    """A JSON column that is given text which is JSON already."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "JSON"


@dataclass(frozen=True)
class _Compiled:
    """A statement's text in one dialect; `pick` is None where the driver takes parameters by name."""

    text: str
    pick: Callable[[Any], Any] | None
    binds: tuple[tuple[str, Convert], ...]
    fixed: Mapping[str, Any]
    results: tuple[tuple[int, Convert], ...]

    def parameters(self, values: dict[str, Any]) -> Any:
        """What the driver takes; `values` is used up."""
        if self.fixed:
            values.update(self.fixed)
        for name, convert in self.binds:
            values[name] = convert(values[name])
        return values if self.pick is None else self.pick(values)

    def row(self, raw: Sequence[Any]) -> Sequence[Any]:
        if not self.results:
            return raw
        row = list(raw)
        for at, convert in self.results:
            row[at] = convert(row[at])
        return row


class Statement:
    """One statement with named parameters (`sa.bindparam`); every value that varies must be one of them.

    A list of fixed values is spelled out with `or`: what Core expands on each call has no place here.
    """

    def __init__(self, clause: Any) -> None:
        self.clause = clause
        self._compiled: dict[str, _Compiled] = {}

    def run(self, conn: Connection, **values: Any) -> int:
        """Execute; returns how many rows were changed."""
        return int(self._cursor(conn, values).rowcount)

    def many(self, conn: Connection, rows: Iterable[dict[str, Any]]) -> int:
        """Execute once per row; returns how many rows were changed in all."""
        compiled = self._compiled.get(conn.dialect.name) or self._for(conn)
        parameters = [compiled.parameters(row) for row in rows]
        if len(parameters) < 2:
            return int(driven(conn, compiled.text, parameters[0]).rowcount) if parameters else 0
        return int(driven(conn, compiled.text, parameters, many=True).rowcount)

    def all(self, conn: Connection, **values: Any) -> list[Sequence[Any]]:
        """The rows found, as tuples in the order of the columns."""
        found: list[Sequence[Any]] = self._cursor(conn, values).fetchall()
        compiled = self._compiled[conn.dialect.name]
        return [compiled.row(row) for row in found] if compiled.results else found

    def first(self, conn: Connection, **values: Any) -> Sequence[Any] | None:
        row = self._cursor(conn, values).fetchone()
        return None if row is None else self._compiled[conn.dialect.name].row(row)

    def _cursor(self, conn: Connection, values: dict[str, Any]) -> Any:
        compiled = self._compiled.get(conn.dialect.name) or self._for(conn)
        return driven(conn, compiled.text, compiled.parameters(values))

    def _for(self, conn: Connection) -> _Compiled:
        found = self._compiled[conn.dialect.name] = _compile(self.clause, conn.dialect)
        return found


class Among:
    """A fixed statement on the rows whose `column` is one of many values: JSON on SQLite, an array on PostgreSQL.

    Further parameters are named as in a Statement.
    """

    def __init__(self, clause: Any, *columns: sa.ColumnElement[Any]) -> None:
        self._sqlite = Statement(clause.where(*(column.in_(_LISTED) for column in columns)))
        arrays = (sa.bindparam("among", type_=sa.ARRAY(column.type)) for column in columns)
        self._postgres = Statement(clause.where(*(c == sa.any_(a) for c, a in zip(columns, arrays, strict=True))))

    def all(self, conn: Connection, among: Collection[Any], **values: Any) -> list[Sequence[Any]]:
        if not among:
            return []
        statement, listed = self._for(conn, among)
        return statement.all(conn, among=listed, **values)

    def run(self, conn: Connection, among: Collection[Any], **values: Any) -> int:
        """Execute a change of those rows; returns how many were changed."""
        if not among:
            return 0
        statement, listed = self._for(conn, among)
        return statement.run(conn, among=listed, **values)

    def _for(self, conn: Connection, among: Collection[Any]) -> tuple[Statement, Any]:
        listed = list(among)
        return (self._sqlite, json.dumps(listed)) if conn.dialect.name == "sqlite" else (self._postgres, listed)


class AmongEach(Among):
    """Several such selects of the same columns in one statement, each with its own column to look in and its bound.

    The columns' types are those of the first.
    """

    def __init__(self, most: int, *parts: tuple[Any, sa.ColumnElement[Any]]) -> None:
        def bounded(clause: Any, condition: sa.ColumnElement[bool]) -> Any:
            return sa.select(clause.where(condition).limit(most).subquery())

        arrays = [sa.bindparam("among", type_=sa.ARRAY(column.type)) for _, column in parts]
        sqlite = (bounded(clause, column.in_(_LISTED)) for clause, column in parts)
        postgres = (bounded(clause, column == sa.any_(a)) for (clause, column), a in zip(parts, arrays, strict=True))
        self._sqlite = Statement(sa.union_all(*sqlite))
        self._postgres = Statement(sa.union_all(*postgres))


_LISTED = sa.select(sa.func.json_each(sa.bindparam("among", type_=sa.Text)).table_valued("value").c.value)


class Insert(Statement):
    """An insert into a table with an `id`; `run` returns it. `given` are the columns that the caller names."""

    def __init__(self, table: sa.Table, *given: str) -> None:
        plain = table.insert().values(_parameters(table, given))
        super().__init__(plain)
        self._returning = Statement(plain.returning(table.c.id))

    def run(self, conn: Connection, **values: Any) -> int:
        if conn.dialect.name == "sqlite":
            return int(self._cursor(conn, values).lastrowid)
        row = self._returning.first(conn, **values)
        assert row is not None
        return int(row[0])


class Update(Statement):
    """An update of the row with the id `wanted`; raises its version where it has one."""

    def __init__(self, table: sa.Table, *given: str) -> None:
        version = {"version": table.c.version + 1} if "version" in table.c else {}
        values = _parameters(table, given) | version
        super().__init__(table.update().where(table.c.id == sa.bindparam("wanted")).values(values))


def _parameters(table: sa.Table, given: Iterable[str]) -> dict[str, Any]:
    """A parameter per column, of the column's type; JSON is given as text."""
    json = {name: EncodedJson() for name in given if isinstance(table.c[name].type, sa.JSON)}
    return {name: sa.bindparam(name, type_=json.get(name, table.c[name].type)) for name in given}


def _compile(clause: Any, dialect: sa.Dialect) -> _Compiled:
    compiled = clause.compile(dialect=dialect)
    assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
    names: Sequence[str] | None = compiled.positiontup
    converters = {name: _bind(bind, dialect) for name, bind in compiled.binds.items()}
    columns: Iterable[Any] = getattr(clause, "selected_columns", None) or getattr(clause, "_returning", None) or ()
    results = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    return _Compiled(
        text=str(compiled),
        pick=None if names is None else _picker(names),
        binds=tuple((name, convert) for name, convert in converters.items() if convert),
        fixed={name: value for name, value in compiled.params.items() if not compiled.binds[name].required},
        results=tuple((at, convert) for at, convert in enumerate(results) if convert),
    )


def _picker(names: Sequence[str]) -> Callable[[Any], Any]:
    """Parameters by position, picked out of those by name."""
    if len(names) < 2:
        return lambda values: [values[name] for name in names]
    return itemgetter(*names)


def _bind(bind: sa.BindParameter[Any], dialect: sa.Dialect) -> Convert | None:
    return bind.type.dialect_impl(dialect).bind_processor(dialect)


DRIVER = "radrecon_driver"
"""Where a connection's `__dict__` keeps the driver's own while a transaction lasts: asking Core costs more."""


def driven(conn: Connection, text: str, parameters: Any = (), *, many: bool = False) -> Any:
    """A text on a cursor of the driver's, in the transaction under way; returns the cursor."""
    driver: Any = conn.__dict__.get(DRIVER) or conn.connection.driver_connection
    cursor = driver.cursor()
    try:
        if many:
            cursor.executemany(text, parameters)
        else:
            cursor.execute(text, parameters)
    except conn.dialect.loaded_dbapi.Error as error:
        _raise_as_core_would(conn, text, error, driver, cursor)
    return cursor


def _raise_as_core_would(conn: Connection, text: str, error: Exception, driver: Any, cursor: Any) -> NoReturn:
    """The same exceptions as Core's, so that what failed is told apart in one way; parameters are patient data."""
    lost = conn.dialect.is_disconnect(error, driver, cursor)  # type: ignore[arg-type]
    raise DBAPIError.instance(
        text, None, error, conn.dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=lost,
        dialect=conn.dialect,
    ) from error  # fmt: skip
