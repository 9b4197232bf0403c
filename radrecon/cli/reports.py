"""radrecon reports: report versions as heard, the newest first."""

from __future__ import annotations

import argparse

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.workflow.report_versions import report_rows

COLUMNS = {
    "id": "ID",
    "accession_number": "ACCESSION",
    "patient_name": "PATIENT",
    "patient_id": "MRN",
    "status": "STATUS",
    "kind": "KIND",
    "number": "VERSION",
    "received_at": "RECEIVED",
    "order_id": "ORDER",
    "flags": "FLAGS",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser)


def run(options: argparse.Namespace) -> int:
    with opened(options) as store, store.reading() as conn:
        rows = report_rows(conn, query=lists.query(options), limit=lists.limit(options))
    return lists.show(options, rows, COLUMNS, "No report.")
