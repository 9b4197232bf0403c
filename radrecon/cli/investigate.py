"""radrecon investigate: open a case on a study that no rule has found, to link it to another order for instance."""

from __future__ import annotations

import argparse

from radrecon.cli import lists
from radrecon.cli.correct import not_blank
from radrecon.cli.opening import opened, who
from radrecon.cli.planning import now
from radrecon.cli.printing import print_json, print_line


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=lists.number, metavar="STUDY")
    parser.add_argument("--reason", required=True, type=not_blank, metavar="TEXT", help="what looks wrong")
    parser.add_argument("--json", action="store_true", help="one object")


def run(options: argparse.Namespace) -> int:
    from radrecon.workflow.investigation import investigate

    with opened(options) as store:
        case_id = investigate(store, options.study, reason=options.reason, who=who(), now=now())
    if options.json:
        print_json({"case_id": case_id, "study_id": options.study})
    else:
        print_line(f"case {case_id}; next: radrecon show case {case_id}")
    return 0
