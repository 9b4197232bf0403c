"""radrecon correct: plan, approve and send one correction; or put a case aside (`dismiss`)."""

from __future__ import annotations

import argparse

from radrecon.cli import sending
from radrecon.cli.opening import opened, who
from radrecon.cli.planning import case_and_verb, now
from radrecon.cli.printing import print_json, print_line
from radrecon.model.correction import Verb
from radrecon.store.database import Store


def arguments(parser: argparse.ArgumentParser) -> None:
    case_and_verb(parser)
    parser.add_argument("--reason", required=True, type=not_blank, metavar="TEXT", help="why; kept with the correction")
    parser.add_argument("--ticket", default="", metavar="NUMBER")
    sending.arguments(parser)


def not_blank(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("a correction needs a reason")
    return text.strip()


def run(options: argparse.Namespace) -> int:
    with opened(options) as store:
        if options.verb == Verb.DISMISS:
            return _dismiss(store, options)
        return sending.finish(store, _approve(store, options), options)


def _approve(store: Store, options: argparse.Namespace) -> int:
    from radrecon.workflow.approval import approve
    from radrecon.workflow.planning import plan

    made = plan(store, options.case, options.verb, order_id=options.order, values=dict(options.values), now=now())
    return approve(store, made, reason=options.reason, ticket=options.ticket, who=who(), now=now())


def _dismiss(store: Store, options: argparse.Namespace) -> int:
    from radrecon.workflow.dismissal import dismiss

    dismiss(store, options.case, reason=options.reason, who=who(), now=now())
    if options.json:
        print_json({"case_id": options.case, "verb": "dismiss", "state": "dismissed", "deliveries": []})
    else:
        print_line(f"case {options.case} is dismissed; it comes back when its evidence changes")
    return 0
