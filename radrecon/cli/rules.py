"""radrecon rules: what may be done without a person; off, in shadow or on; tried on history before that."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime

from radrecon.cli import lists
from radrecon.cli.opening import opened, who
from radrecon.cli.printing import plain, print_facts, print_json, print_line, print_table
from radrecon.model.errors import Trouble
from radrecon.model.rule import RuleState
from radrecon.store.database import Store

COLUMNS = {
    "rule": "RULE",
    "state": "STATE",
    "acted": "ACTED",
    "agreed": "AGREED",
    "disagreed": "DISAGREED",
    "undecided": "UNDECIDED",
    "since": "SINCE",
    "set_by": "SET BY",
    "reason": "REASON",
    "text": "WHAT",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser, query=False)
    parser.add_argument("what", nargs="?", choices=["list", "set", "replay"], default="list")
    parser.add_argument("rule", nargs="?", default="", metavar="NAME", help="the rule to set or replay")
    parser.add_argument("state", nargs="?", default="", choices=["", *map(str, RuleState)], metavar="off|shadow|on")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why the rule is switched; kept in its history")
    parser.add_argument("--since", type=_day, metavar="DATE", help="replay what was decided since then (YYYY-MM-DD)")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def run(options: argparse.Namespace) -> int:
    if options.what != "list" and not options.rule:
        raise Trouble(f"radrecon rules {options.what} what? name a rule; `radrecon rules` lists them")
    with opened(options) as store:
        return {"list": _list, "set": _set, "replay": _replay}[options.what](store, options)


def _list(store: Store, options: argparse.Namespace) -> int:
    from radrecon.workflow.ruling import rows

    return lists.show(options, rows(store), COLUMNS, "No rule.")


def _set(store: Store, options: argparse.Namespace) -> int:
    from radrecon.workflow.ruling import set_state

    if not options.state:
        raise Trouble(f"radrecon rules set {options.rule} to what? off, shadow or on")
    set_state(store, options.rule, options.state, who=who(), reason=options.reason, now=datetime.now(UTC))
    if options.json:
        print_json({"rule": options.rule, "state": options.state})
    else:
        print_line(f"rule {options.rule} is {_words(options.state)}; what it concerns is looked at again")
    return 0


def _words(state: str) -> str:
    return "in shadow" if state == RuleState.SHADOW else state


def _replay(store: Store, options: argparse.Namespace) -> int:
    """Nothing is written: what the rule would have done with what people decided since."""
    from radrecon.workflow.rule_replay import replay

    result = replay(store, options.rule, since=options.since, now=datetime.now(UTC), progress=_progress)
    if options.json:
        print_json(result)
        return 0
    facts = ("decided", "would_have_acted", "agreed", "disagreed", "silent", "open_cases", "would_solve")
    print_facts([(name.replace("_", " "), getattr(result, name)) for name in facts])
    if result.disagreements:
        print_table(result.disagreements, {"study_id": "STUDY", "by_rule": "BY RULE", "decided": "DECIDED"}, "")
    return 0


def _progress(done: int, total: int) -> None:
    """On standard error and only where somebody looks."""
    if sys.stderr.isatty():
        print(plain(f"{done} of {total}"), end="\r" if done < total else "\n", file=sys.stderr, flush=True)
