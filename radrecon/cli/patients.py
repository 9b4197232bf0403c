"""radrecon patients: the index of persons."""

from __future__ import annotations

import argparse

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.store import listings

COLUMNS = {
    "id": "ID",
    "patient_id": "MRN",
    "issuer_of_patient_id": "ISSUER",
    "patient_name": "PATIENT",
    "patient_birth_date": "BORN",
    "patient_sex": "SEX",
    "other_patient_ids": "OTHER IDS",
    "merged_into": "MERGED INTO",
    "quarantined": "QUARANTINED",
    "orders": "ORDERS",
    "studies": "STUDIES",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser)


def run(options: argparse.Namespace) -> int:
    with opened(options) as store, store.reading() as conn:
        rows = listings.patients(conn, query=lists.query(options), limit=lists.limit(options))
    return lists.show(options, rows, COLUMNS, "No patient.")
