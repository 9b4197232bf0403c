"""radrecon stored: studies that came by Storage, how much of them, and whether there are thumbnails."""

from __future__ import annotations

import argparse

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.store import instances

COLUMNS = {
    "study_instance_uid": "STUDY",
    "ae_title": "FROM",
    "series": "SERIES",
    "instances": "INSTANCES",
    "thumbnails": "THUMBNAILS",
    "no_thumbnail": "NO THUMBNAIL",
    "last_at": "LAST",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser, query=False)


def run(options: argparse.Namespace) -> int:
    with opened(options) as store, store.reading() as conn:
        rows = instances.listed(conn, lists.limit(options))
    return lists.show(options, rows, COLUMNS, "Nothing was stored here.")
