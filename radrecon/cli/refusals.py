"""radrecon refusals: DICOM peers that were refused, and why."""

from __future__ import annotations

import argparse

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.store import refusals

COLUMNS = {
    "address": "ADDRESS",
    "ae_title": "AE TITLE",
    "reason": "REASON",
    "count": "COUNT",
    "first_at": "FIRST",
    "last_at": "LAST",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser, query=False)


def run(options: argparse.Namespace) -> int:
    with opened(options) as store, store.reading() as conn:
        rows = refusals.listed(conn, lists.limit(options))
    return lists.show(options, rows, COLUMNS, "No peer was refused.")
