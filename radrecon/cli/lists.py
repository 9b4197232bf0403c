"""What all list commands share: their options, and showing rows as table or JSON."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from radrecon.cli.printing import print_json, print_table, warn

TABLE_LIMIT, JSON_LIMIT = 200, 1_000_000
HIGHEST = 2**63 - 1


def arguments(parser: argparse.ArgumentParser, *, query: bool = True, words: str = "like --query") -> None:
    """`words` is the help of the query's words without --query; "" where they stand for something else."""
    parser.add_argument("--json", action="store_true", help="an array of objects")
    parser.add_argument(
        "--limit", type=positive, metavar="N", help=f"at most N rows (tables: {TABLE_LIMIT}, JSON: all)"
    )
    if query:
        parser.add_argument(
            "--query", default="", metavar="TEXT", help="words and key:value, e.g. 'mrn:123 modality:CT age>2h fischer'"
        )
    if query and words:
        parser.add_argument("words", nargs="*", metavar="QUERY", help=words)


def query(options: argparse.Namespace) -> str:
    """What was asked for, with --query or without."""
    return " ".join(filter(None, [options.query, *map(quoted, options.words)]))


def quoted(word: str) -> str:
    """What the shell took the quotes from is a phrase again."""
    return f'"{word}"' if " " in word and ":" not in word and '"' not in word else word


def number(text: str) -> int:
    """A row's number, as far as a database counts."""
    found = int(text)
    if not 0 <= found <= HIGHEST:
        raise ValueError(text)
    return found


def positive(text: str) -> int:
    if number(text) < 1:
        raise ValueError(text)
    return int(text)


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
