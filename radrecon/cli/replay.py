"""radrecon replay: apply journalled messages again, as they were or edited, each as a new row of the journal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from radrecon.cli import lists
from radrecon.cli.opening import opened, who
from radrecon.cli.printing import print_json, print_table
from radrecon.model.errors import Trouble
from radrecon.model.rows import ReplayRow
from radrecon.store.database import Store

COLUMNS = {
    "replay_of": "MESSAGE",
    "message_type": "TYPE",
    "control_id": "CONTROL ID",
    "was": "WAS",
    "outcome": "OUTCOME",
    "message_id": "REPLAYED AS",
    "ack_code": "ACK",
    "reason": "REASON",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "messages", nargs="*", type=lists.number, metavar="MESSAGE", help="ids from `radrecon messages`"
    )
    parser.add_argument("--query", default="", metavar="TEXT", help="all that `radrecon messages` finds by this")
    parser.add_argument("--state", default="", metavar="STATE", help="only those in this state, e.g. refused")
    parser.add_argument("--limit", type=lists.positive, metavar="N", help="at most so many of a query")
    parser.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", dest="values",
        help="edit one message: PID-3.1=12345, PID-3[2].1=…, OBX[2]-5=…; separators in the value are escaped",
    )  # fmt: skip
    parser.add_argument("--file", metavar="FILE", help="edit one message: this file in its place")
    parser.add_argument("--print", action="store_true", dest="show", help="print the (edited) message, replay nothing")
    parser.add_argument("--reason", default="", metavar="TEXT", help="kept with who replayed it")
    parser.add_argument("--dry-run", action="store_true", help="what would become of each; nothing is kept")
    parser.add_argument("--json", action="store_true", help="an object per message")


def run(options: argparse.Namespace) -> int:
    from radrecon.workflow.reconcile import drain

    edits = bool(options.values or options.file or options.show)
    _must_make_sense(options, edits)
    with opened(options) as store:
        if options.show:
            return _print(_edited(store, options))
        results = _replay_edited(store, options) if edits else _replay(store, options)
        if not options.dry_run:
            drain(store)
    return _show(options, results)


def _must_make_sense(options: argparse.Namespace, edits: bool) -> None:
    if not options.messages and not options.query and not options.state:
        raise Trouble("which messages? give their ids, or --query, or --state")
    if options.messages and (options.query or options.state):
        raise Trouble("give either ids or a query")
    if edits and len(options.messages) != 1:
        raise Trouble("one message is edited at a time: give its id")
    if options.values and options.file:
        raise Trouble("give either --set or --file")


def _replay(store: Store, options: argparse.Namespace) -> list[ReplayRow]:
    from radrecon.workflow import replaying

    ids = options.messages or replaying.found(
        store, options.query, state=options.state, limit=options.limit or replaying.MOST
    )
    return replaying.replay(store, ids, who=who(), reason=options.reason, dry=options.dry_run)


def _replay_edited(store: Store, options: argparse.Namespace) -> list[ReplayRow]:
    from radrecon.workflow import replaying

    raw = _edited(store, options)
    message_id = options.messages[0]
    return [replaying.replay_edited(store, message_id, raw, who=who(), reason=options.reason, dry=options.dry_run)]


def _edited(store: Store, options: argparse.Namespace) -> bytes:
    from radrecon.workflow import ingest, replaying

    if not options.file:
        return replaying.edit(store, options.messages[0], dict(map(_pair, options.values)))
    messages = ingest.messages_in(Path(options.file))
    if len(messages) != 1:
        raise Trouble(f"{options.file} holds {len(messages)} messages: one is edited at a time")
    return messages[0]


def _pair(text: str) -> tuple[str, str]:
    path, equals, value = text.partition("=")
    if not equals:
        raise Trouble(f"{text!r} is not PATH=VALUE")
    return path.strip(), value


def _print(raw: bytes) -> int:
    """Byte for byte, with a line per segment: `--file` takes it back."""
    sys.stdout.buffer.write(raw.replace(b"\r\n", b"\r").replace(b"\r", b"\n").rstrip(b"\n") + b"\n")
    sys.stdout.buffer.flush()
    return 0


def _show(options: argparse.Namespace, results: Sequence[ReplayRow]) -> int:
    if options.json:
        print_json(results)
    else:
        print_table(results, COLUMNS, "No message.")
    refused = [one for one in results if one.outcome != "applied"]
    if refused and not options.dry_run:
        raise Trouble(f"{len(refused)} of {len(results)} messages were not applied; the first: {refused[0].reason}")
    return 0
