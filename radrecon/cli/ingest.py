"""radrecon ingest: files of HL7 through the same path as the listener; what they touched is judged before it ends."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from radrecon.cli.opening import opened
from radrecon.cli.printing import print_json, print_table
from radrecon.model.errors import Trouble

COLUMNS = {"path": "FILE", "message_id": "MESSAGE", "ack_code": "ACK", "reason": "REASON"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="one or many messages, framed or bare")
    parser.add_argument("--json", action="store_true", help="an object per message")


def run(options: argparse.Namespace) -> int:
    """Exit code 1 if a message was refused; it is in the journal all the same."""
    from radrecon.workflow import duplicates
    from radrecon.workflow.ingest import ingest_files
    from radrecon.workflow.reconcile import drain

    missing = [str(path) for path in options.files if not path.is_file()]
    if missing:
        raise Trouble(f"no such file: {', '.join(missing)}")
    with opened(options) as store:
        results = ingest_files(store, options.files)
        drain(store)
        duplicates.drain(store)
    if options.json:
        print_json(results)
    else:
        print_table([replace(one, path=Path(one.path).name) for one in results], COLUMNS, "No message in these files.")
    refused = [one for one in results if one.ack_code != "AA"]
    if refused:
        raise Trouble(f"{len(refused)} of {len(results)} messages were refused; the first: {refused[0].reason}")
    return 0
