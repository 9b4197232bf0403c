"""Rows on standard output: as JSON for programs, as an aligned table for people.

Text from outside is shown, never obeyed: control characters (terminal escapes) are replaced in tables.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

MAX_COLUMN = 48
NONE_IF_ZERO = ("merged_into", "linked_study_id", "order_id", "study_id", "message_id", "correction_id")
UNSEEN = ("Cc", "Cf", "Cs")


def jsonable(value: Any) -> Any:
    """Dataclasses, tuples and mappings as JSON has them."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: jsonable(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): jsonable(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [jsonable(one) for one in value]
    return value


def print_json(value: Any) -> None:
    print(json.dumps(jsonable(value), ensure_ascii=False, indent=2, default=str))


def print_line(text: str) -> None:
    print(plain(text))


def warn(text: str) -> None:
    """One line on standard error."""
    print(f"radrecon: {plain(text)}", file=sys.stderr)


def print_table(rows: Sequence[Any], columns: Mapping[str, str], empty: str) -> None:
    """Rows as aligned text; `columns`: field → heading; `empty` is said where there are none."""
    if not rows:
        print(empty)
        return
    lines = [list(columns.values())] + [[_cell(name, getattr(row, name)) for name in columns] for row in rows]
    widths = [max(width(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines:
        print("  ".join(pad(cell, size) for cell, size in zip(line, widths, strict=True)).rstrip())


def print_facts(facts: Iterable[tuple[str, Any]]) -> None:
    """Name and value, a line each; what is empty is left out."""
    shown = [(name, _text(value)) for name, value in facts if value not in ("", (), None)]
    size = max((width(name) for name, _ in shown), default=0)
    for name, text in shown:
        print(f"{pad(name, size)}  {text}")


def plain(text: str) -> str:
    """On one line, without control characters."""
    return "".join(" " if one in "\r\n\t" else "�" if unicodedata.category(one) in UNSEEN else one for one in text)


def width(text: str) -> int:
    """Columns on a terminal: wide letters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text
    )


def pad(text: str, size: int) -> str:
    return text + " " * max(size - width(text), 0)


def _cell(name: str, value: Any) -> str:
    """An id of 0 means none."""
    return "" if value == 0 and name in NONE_IF_ZERO else _cut(_text(value))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return plain(", ".join(map(str, value)))
    if isinstance(value, Mapping):
        return plain(" ".join(f"{key}={one}" for key, one in value.items()))
    return plain(str(value))


def _cut(text: str) -> str:
    if width(text) <= MAX_COLUMN:
        return text
    kept = ""
    for one in text:
        if width(kept + one) >= MAX_COLUMN:
            break
        kept += one
    return kept + "…"
