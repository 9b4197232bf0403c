"""radrecon messages: the journal of HL7 messages in and out, the latest first; by business keys or by any text."""

from __future__ import annotations

import argparse

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.cli.printing import warn

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
FOUND = {**COLUMNS, "found": "FOUND"}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser, words="like --query; 'text:effusion' or a phrase in quotes: any text")
    parser.add_argument("--direction", default="", choices=["in", "out"])
    parser.add_argument("--state", default="", metavar="STATE", help="applied, refused, resend, echo …")


def run(options: argparse.Namespace) -> int:
    from radrecon.workflow.journal_search import search

    with opened(options) as store:
        found = search(
            store, lists.query(options), direction=options.direction, state=options.state, limit=lists.limit(options)
        )
    for note in found.notes:
        warn(note)
    return lists.show(options, found.rows, FOUND if any(row.found for row in found.rows) else COLUMNS, "No message.")
