"""radrecon orders: orders as heard, the newest first."""

from __future__ import annotations

import argparse

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.store import listings

COLUMNS = {
    "id": "ID",
    "accession_number": "ACCESSION",
    "patient_name": "PATIENT",
    "patient_id": "MRN",
    "modality": "MOD",
    "scheduled_station_ae_title": "STATION",
    "scheduled_start": "START",
    "requested_procedure_description": "PROCEDURE",
    "status": "STATUS",
    "linked_study_id": "STUDY",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser)


def run(options: argparse.Namespace) -> int:
    with opened(options) as store, store.reading() as conn:
        rows = listings.orders(conn, query=lists.query(options), limit=lists.limit(options))
    return lists.show(options, rows, COLUMNS, "No order.")
