"""radrecon messages: the journal of HL7 messages in and out, the latest first."""

from __future__ import annotations

import argparse

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.store import listings

COLUMNS = {
    "id": "ID",
    "direction": "DIR",
    "received_at": "AT",
    "message_type": "TYPE",
    "sending_application": "FROM",
    "control_id": "CONTROL ID",
    "patient_id": "MRN",
    "accession_number": "ACCESSION",
    "state": "STATE",
    "reason": "REASON",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser)
    parser.add_argument("--direction", default="", choices=["in", "out"])
    parser.add_argument("--state", default="", metavar="STATE", help="applied, refused, resend, echo …")


def run(options: argparse.Namespace) -> int:
    with opened(options) as store, store.reading() as conn:
        rows = listings.messages(
            conn,
            query=options.query,
            direction=options.direction,
            state=options.state,
            limit=lists.limit(options),
        )
    return lists.show(options, rows, COLUMNS, "No message.")
