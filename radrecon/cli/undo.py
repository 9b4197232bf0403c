"""radrecon undo: take a correction back by the plan that compensates it."""

from __future__ import annotations

import argparse

from radrecon.cli import lists, sending
from radrecon.cli.correct import not_blank
from radrecon.cli.opening import opened, who
from radrecon.cli.planning import now


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("correction", type=lists.number, metavar="CORRECTION")
    parser.add_argument("--reason", default="undo", type=not_blank, metavar="TEXT")
    parser.add_argument("--ticket", default="", metavar="NUMBER")
    parser.add_argument("--json", action="store_true", help="one object")
    sending.arguments(parser)


def run(options: argparse.Namespace) -> int:
    from radrecon.workflow.approval import approve
    from radrecon.workflow.undoing import plan_undo

    with opened(options) as store:
        made = plan_undo(store, options.correction, now())
        number = approve(store, made, reason=options.reason, ticket=options.ticket, who=who(), now=now())
        return sending.finish(store, number, options)
