"""radrecon performed: what modalities say they did, the newest first."""

from __future__ import annotations

import argparse

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.store import listings

COLUMNS = {
    "id": "ID",
    "status": "STATUS",
    "accession_number": "ACCESSION",
    "patient_name": "PATIENT",
    "patient_id": "MRN",
    "modality": "MODALITY",
    "performed_station_ae_title": "STATION",
    "started_at": "STARTED",
    "series": "SERIES",
    "instances": "IMAGES",
    "order_ids": "ORDERS",
    "flags": "FLAGS",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser)


def run(options: argparse.Namespace) -> int:
    with opened(options) as store, store.reading() as conn:
        rows = listings.performed(conn, query=lists.query(options), limit=lists.limit(options))
    return lists.show(options, rows, COLUMNS, "No performed step.")
