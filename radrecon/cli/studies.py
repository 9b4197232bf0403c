"""radrecon studies: studies as the PACS list them."""

from __future__ import annotations

import argparse

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.store import listings

COLUMNS = {
    "id": "ID",
    "pacs": "PACS",
    "accession_number": "ACCESSION",
    "patient_name": "PATIENT",
    "patient_id": "MRN",
    "modality": "MOD",
    "station_name": "STATION",
    "performed_at": "PERFORMED",
    "instances": "IMAGES",
    "status": "STATUS",
    "judged": "JUDGED",
    "match_class": "CLASS",
    "order_id": "ORDER",
    "link_state": "LINK",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser)


def run(options: argparse.Namespace) -> int:
    with opened(options) as store, store.reading() as conn:
        rows = listings.studies(conn, query=lists.query(options), limit=lists.limit(options))
    return lists.show(options, rows, COLUMNS, "No study.")
