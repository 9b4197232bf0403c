"""What all list commands share: their options, and showing rows as table or JSON."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from radrecon.cli.printing import print_json, print_table, warn

TABLE_LIMIT, JSON_LIMIT = 200, 1_000_000


def arguments(parser: argparse.ArgumentParser, *, query: bool = True) -> None:
    parser.add_argument("--json", action="store_true", help="an array of objects")
    parser.add_argument(
        "--limit", type=positive, metavar="N", help=f"at most N rows (tables: {TABLE_LIMIT}, JSON: all)"
    )
    if query:
        parser.add_argument(
            "--query", default="", metavar="TEXT", help="words and key:value, e.g. 'mrn:123 modality:CT age>2h fischer'"
        )


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def limit(options: argparse.Namespace) -> int:
    return options.limit or (JSON_LIMIT if options.json else TABLE_LIMIT)


def show(options: argparse.Namespace, rows: Sequence[Any], columns: Mapping[str, str], empty: str) -> int:
    if options.json:
        print_json(rows)
        return 0
    print_table(rows, columns, empty)
    if not options.limit and len(rows) == TABLE_LIMIT:
        warn(f"only the first {TABLE_LIMIT} are shown; --limit N shows more")
    return 0
