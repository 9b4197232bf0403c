"""radrecon replay: apply journalled messages again, each as a new row of the journal."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from radrecon.cli.opening import opened
from radrecon.cli.printing import print_json, print_table
from radrecon.model.errors import Trouble
from radrecon.store.database import Store

COLUMNS = {"replay_of": "MESSAGE", "message_id": "REPLAYED AS", "ack_code": "ACK", "reason": "REASON"}


@dataclass(frozen=True)
class Replayed:
    replay_of: int
    message_id: int
    ack_code: str
    reason: str


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("messages", nargs="+", type=int, metavar="MESSAGE", help="ids from `radrecon messages`")
    parser.add_argument("--json", action="store_true", help="an object per message")


def run(options: argparse.Namespace) -> int:
    from radrecon.workflow.reconcile import drain

    with opened(options) as store:
        results = [_replay(store, message_id) for message_id in options.messages]
        drain(store)
    if options.json:
        print_json(results)
    else:
        print_table(results, COLUMNS, "")
    refused = [one for one in results if one.ack_code != "AA"]
    if refused:
        raise Trouble(f"{len(refused)} of {len(results)} messages were refused; the first: {refused[0].reason}")
    return 0


def _replay(store: Store, message_id: int) -> Replayed:
    from radrecon.workflow.ingest import replay

    taken = replay(store, message_id)
    return Replayed(message_id, taken.message_id, taken.ack_code, taken.reason)
