"""A parsed query as SQL conditions: values are always bound, never written into the statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from radrecon.model.errors import Trouble
from radrecon.model.letters import PLAIN
from radrecon.store import tables as t
from radrecon.store.persons import normal
from radrecon.store.query_text import KEYS, Age, Query, Term, has_wildcard, like_pattern, parse

Column = sa.ColumnElement[Any]
Condition = sa.ColumnElement[bool]


@dataclass(frozen=True)
class Searchable:
    """What a list can be searched by. `texts`: key → columns that may contain the value (bare words look in all).

    `whole`: key → the indexed look-up of a whole value; `word`: another way to look a bare word up; `age`: the instant
    that an age is counted from.
    """

    noun: str
    texts: Mapping[str, tuple[Column, ...]]
    whole: Mapping[str, Callable[[str], Condition]] = field(default_factory=dict)
    word: Callable[[str], Condition] | None = None
    age: Column | None = None


# capitals too, for a database in the C locale lowers ASCII only; that of ı is ASCII
_CASES = PLAIN | {letter.upper(): plain for letter, plain in PLAIN.items() if not letter.upper().isascii()}
_SINGLE = {letter: plain for letter, plain in _CASES.items() if len(plain) == 1}
_WRITTEN_OUT = {letter: plain for letter, plain in _CASES.items() if len(plain) > 1} | {"ß": "ss", "ẞ": "ss"}


class folded(FunctionElement[str]):
    """`fold()` of the query language, computed by the database."""

    type = sa.Text()
    inherit_cache = True
    name = "folded"


@compiles(folded, "sqlite")
def _folded_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"radrecon_fold({compiler.process(element.clauses, **more)})"


@compiles(folded, "postgresql")
def _folded_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    text = f"lower(normalize({compiler.process(element.clauses, **more)}, NFKD))"
    bare = f"regexp_replace({text}, U&'[\\0300-\\036F]', '', 'g')"
    for letters, plain in _WRITTEN_OUT.items():
        bare = f"replace({bare}, '{letters}', '{plain}')"
    return f"translate({bare}, '^,{''.join(_SINGLE)}', '  {''.join(_SINGLE.values())}')"


def conditions(text: str, searchable: Searchable, now: datetime) -> list[Condition]:
    """One condition per term; raises Trouble for what this list cannot be searched by."""
    return conditions_of(parse(text), searchable, now)


def conditions_of(query: Query, searchable: Searchable, now: datetime) -> list[Condition]:
    """The same for a query that is parsed already."""
    found = [_holds(term, searchable) for term in query.terms]
    return found + [_aged(age, searchable, now) for age in query.ages]


def _holds(term: Term, searchable: Searchable) -> Condition:
    found = _anywhere(term.value, searchable) if not term.key else _in_field(term, searchable)
    return sa.not_(sa.func.coalesce(found, sa.false())) if term.negative else found


def _anywhere(value: str, searchable: Searchable) -> Condition:
    if searchable.word:
        return searchable.word(value)
    columns = tuple(dict.fromkeys(column for columns in searchable.texts.values() for column in columns))
    return contains(columns, value)


def _in_field(term: Term, searchable: Searchable) -> Condition:
    if term.key in searchable.whole and not has_wildcard(term.value):
        return searchable.whole[term.key](term.value)
    if term.key not in searchable.texts:
        known = [key for key, name in KEYS.items() if name in searchable.texts or name in searchable.whole]
        asked = next(key for key, name in KEYS.items() if name == term.key)
        raise Trouble(f"{searchable.noun} cannot be searched by {asked} (known: {', '.join(known)})")
    return contains(searchable.texts[term.key], term.value, whole=has_wildcard(term.value))


def contains(columns: tuple[Column, ...], value: str, *, whole: bool = False) -> Condition:
    """The value occurs in one of the columns (`whole`: is one of them, wildcards apart)."""
    pattern = like_pattern(value, whole=whole)
    if whole:
        return sa.or_(*(folded(sa.func.coalesce(column, "")).like(pattern, escape="/") for column in columns))
    text: Column = sa.func.coalesce(columns[0], "")
    for column in columns[1:]:
        text = text.concat("\n").concat(sa.func.coalesce(column, ""))
    return folded(text).like(pattern, escape="/")


def _aged(age: Age, searchable: Searchable, now: datetime) -> Condition:
    if searchable.age is None:
        raise Trouble(f"{searchable.noun} cannot be searched by age")
    edge = now - age.span
    return searchable.age < edge if age.sign == ">" else searchable.age > edge


def is_one_of(column: Column) -> Callable[[str], Condition]:
    """The whole value as typed, in capitals or in small letters: what an index answers."""
    return lambda value: column.in_(sorted({value, value.upper(), value.lower()}))


def of_person(column: Column) -> Callable[[str], Condition]:
    """Rows of the person whom an identifier leads to, former ones included."""
    i = t.identifier.c
    return lambda value: column.in_(sa.select(i.person_id).where(i.normal == normal(value)))


class begins(FunctionElement[Any]):
    """A column begins with a value: a range on SQLite, where the key's index answers it.

    Not of type Boolean: SQLite would be told `(…) = 1`, and no index answers that.
    """

    type = sa.types.NULLTYPE
    inherit_cache = True
    name = "begins"


@compiles(begins, "sqlite")
def _begins_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    column, value = (compiler.process(one, **more) for one in element.clauses)
    return f"({column} >= {value} AND {column} < {value} || char(1114111))"


@compiles(begins, "postgresql")
def _begins_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"starts_with({compiler.process(element.clauses, **more)})"
