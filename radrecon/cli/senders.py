"""radrecon senders: who sends, how their clocks stand, where they put accession numbers, and the interface map."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.cli.printing import print_json, print_line, print_table
from radrecon.model.errors import Trouble
from radrecon.store import settings
from radrecon.store.database import Store

COLUMNS = {
    "id": "ID",
    "sending_application": "APPLICATION",
    "sending_facility": "FACILITY",
    "configured": "CONFIGURED",
    "tap": "TAP",
    "owner_of": "OWNS",
    "accession_paths": "ACCESSION IN",
    "messages": "MESSAGES",
    "refused": "REFUSED",
    "late": "LATE",
    "last_heard": "LAST HEARD",
    "clock": "CLOCK",
}
PATHS = {
    "path": "PLACE",
    "filled": "FILLED",
    "distinct": "DISTINCT",
    "equal": "IN PACS",
    "near": "NEAR",
    "of_others": "OF OTHERS",
    "wrong": "WRONG",
    "like": "LIKE",
    "unlike": "UNLIKE",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser, query=False)
    parser.add_argument("what", nargs="?", choices=["list", "propose", "map"], default="list")
    parser.add_argument(
        "names", nargs="*", metavar="SENDER", help="APPLICATION or APPLICATION^FACILITY; for map: before and behind"
    )


def run(options: argparse.Namespace) -> int:
    counts = {"list": (0,), "propose": (1,), "map": (0, 2)}
    if len(options.names) not in counts[options.what]:
        raise Trouble(_USAGE[options.what])
    with opened(options) as store:
        return {"list": _list, "propose": _propose, "map": _map}[options.what](store, options)


_USAGE = {
    "list": "radrecon senders takes no name; propose SENDER does",
    "propose": "radrecon senders propose APPLICATION^FACILITY: name one sender",
    "map": "radrecon senders map BEFORE BEHIND: name both senders, or none",
}


def _list(store: Store, options: argparse.Namespace) -> int:
    from radrecon.workflow.senders import rows

    return lists.show(options, rows(store)[: lists.limit(options)], COLUMNS, "No sender was heard yet.")


def _propose(store: Store, options: argparse.Namespace) -> int:
    from radrecon.workflow.senders import propose_paths

    found = propose_paths(store, options.names[0])
    if options.json:
        print_json(found)
        return 0
    proposal = found.proposal
    print_line(f"{proposal.orders} orders in {found.messages} messages, {proposal.performed} of them performed")
    print_line(proposal.sentence)
    print_line(f"in use: {', '.join(found.in_use)}{'' if found.configured else ' (the default)'}")
    if proposal.paths:
        print_line(f"proposed: accession_paths = [{', '.join(map(_quoted, proposal.paths))}]")
    print_table(proposal.scores, PATHS, "No place holds a number that the PACS knows.")
    for score in proposal.scores:
        print_line(f"{score.path}: {'; '.join(score.reasons)}")
    return 0


def _quoted(path: str) -> str:
    return f'"{path}"'


def _map(store: Store, options: argparse.Namespace) -> int:
    from radrecon.workflow.pairing import interface

    with store.reading() as conn:
        config = settings.load_config(conn)
    found = interface(store, config, datetime.now(UTC), *options.names)
    if options.json:
        print_json(found)
        return 0
    if not found.hops:
        print_line("No message was heard before and behind an interface engine (tap = copy and copy_after).")
    for hop in found.hops:
        print_line(f"{hop.before} → {hop.behind}: {hop.pairs} messages, {hop.unchanged} of them unchanged")
        for line in hop.changes:
            examples = ", ".join(f"{old or '(none)'} → {new or '(none)'}" for old, new in line["examples"])
            print_line(f"  {line['path']}  {line['pairs']}  {examples}")
    if found.unpaired:
        print_line(
            f"{len(found.unpaired)} messages were never heard behind the engine, the latest: {found.unpaired[0]}"
        )
    return 0
