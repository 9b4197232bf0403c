"""radrecon plan: the dry run. Every message and dataset change that the correction would make; nothing is sent."""

from __future__ import annotations

import argparse

from radrecon.cli.opening import opened
from radrecon.cli.planning import case_and_verb, now, print_plan
from radrecon.cli.printing import print_json
from radrecon.store.codec import dump


def arguments(parser: argparse.ArgumentParser) -> None:
    case_and_verb(parser)


def run(options: argparse.Namespace) -> int:
    from radrecon.workflow.planning import plan

    with opened(options) as store:
        made = plan(store, options.case, options.verb, order_id=options.order, values=dict(options.values), now=now())
    if options.json:
        print_json(dump(made))
    else:
        print_plan(made)
    return 0
