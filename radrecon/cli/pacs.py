"""radrecon pacs: each PACS, how it is followed, how far its sweep is, and what load we put on it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.model.rows import PacsStateRow
from radrecon.store import listings

COLUMNS = {
    "name": "PACS",
    "state": "STATE",
    "feed": "FEED",
    "studies": "STUDIES",
    "last_success": "LAST SUCCESS",
    "sweep": "SWEEP",
    "query_seconds": "LIST TOOK s",
    "load": "AT MOST",
    "error": "ERROR",
}


@dataclass(frozen=True)
class Line:
    """One PACS in words."""

    name: str
    state: str
    feed: str
    studies: int
    last_success: str
    sweep: str
    query_seconds: float
    load: str
    error: str


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser, query=False)


def run(options: argparse.Namespace) -> int:
    with opened(options) as store, store.reading() as conn:
        rows = listings.pacs_states(conn)
    return lists.show(options, rows if options.json else [_line(row) for row in rows], COLUMNS, "No PACS.")


def _line(row: PacsStateRow) -> Line:
    return Line(
        row.name,
        "up" if row.up else "down" if row.last_error else "not looked at",
        row.feed,
        row.studies,
        row.last_success,
        sweep_words(row),
        row.query_seconds,
        f"{row.queries_per_minute} a minute" if row.queries_per_minute else "no bound",
        row.last_error or row.changes_error or row.sweep_error,
    )


def sweep_words(row: PacsStateRow) -> str:
    """How far the sweep is."""
    hours = f", {row.sweep_hours} only" if row.sweep_hours else ""
    if row.mode == "small":
        return "looked through at each poll"
    if row.sweep == "undated":
        return f"studies without a date, {row.sweep_seen} seen{hours}"
    if row.sweep:
        return f"down to {row.sweep_down_to or 'today'}, {row.sweep_seen} seen{hours}"
    return f"done {row.sweep_finished}{hours}" if row.sweep_finished else ""
