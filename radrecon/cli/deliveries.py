"""radrecon deliveries: what corrections send, and how far it got."""

from __future__ import annotations

import argparse

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.model.correction import DeliveryState
from radrecon.store import listings

COLUMNS = {
    "id": "ID",
    "correction_id": "CORRECTION",
    "verb": "VERB",
    "destination": "DESTINATION",
    "title": "WHAT",
    "state": "STATE",
    "provable": "PROVABLE",
    "attempts": "TRIES",
    "updated_at": "AT",
    "words": "WORDS",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser)
    parser.add_argument("--state", action="append", default=[], choices=[str(state) for state in DeliveryState])


def run(options: argparse.Namespace) -> int:
    with opened(options) as store, store.reading() as conn:
        rows = listings.deliveries(conn, states=options.state, query=lists.query(options), limit=lists.limit(options))
    return lists.show(options, rows, COLUMNS, "No delivery.")
