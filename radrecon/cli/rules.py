"""radrecon rules: what may be done without a person; off, in shadow or on; tried on history before that."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime

from radrecon.cli import lists
from radrecon.cli.opening import opened, who
from radrecon.cli.printing import plain, print_facts, print_json, print_line, print_table
from radrecon.model.errors import Trouble
from radrecon.model.rule import SMALLEST_REGISTER, Fitted, NamesCounted, RuleState
from radrecon.store import calibrations, name_counts
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
    parser.add_argument("what", nargs="?", choices=["list", "set", "replay", "calibration", "refit"], default="list")
    parser.add_argument("rule", nargs="?", default="", metavar="NAME", help="the rule to set or replay")
    parser.add_argument("state", nargs="?", default="", choices=["", *map(str, RuleState)], metavar="off|shadow|on")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why the rule is switched; kept in its history")
    parser.add_argument("--since", type=_day, metavar="DATE", help="replay what was decided since then (YYYY-MM-DD)")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def run(options: argparse.Namespace) -> int:
    if options.what in ("set", "replay") and not options.rule:
        raise Trouble(f"radrecon rules {options.what} what? name a rule; `radrecon rules` lists them")
    with opened(options) as store:
        return _RUN[options.what](store, options)


def _list(store: Store, options: argparse.Namespace) -> int:
    from radrecon.workflow.ruling import rows

    code = lists.show(options, rows(store), COLUMNS, "No rule.")
    return code if options.json else _calibration(store, options)


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


def _calibration(store: Store, options: argparse.Namespace) -> int:
    """The table that scores are shown by, with its date and counts."""
    with store.reading() as conn:
        fitted, counted = calibrations.latest(conn), name_counts.latest(conn)
    if options.json:
        print_json({"scores": fitted, "names": counted})
    else:
        print_line(_fitted_words(fitted))
        print_line(_names_words(counted))
    return 0


def _names_words(counted: NamesCounted | None) -> str:
    if counted is None:
        return "names: by the built-in table, not counted yet"
    source = "counted in the register" if counted.persons >= SMALLEST_REGISTER else "by the built-in table"
    kept = f"{len(counted.families)} family and {len(counted.givens)} given names kept"
    return f"names: {source}; {counted.at.isoformat(timespec='minutes')}, {counted.persons} persons, {kept}"


def _fitted_words(fitted: Fitted | None) -> str:
    if fitted is None:
        return "scores: as computed, not held against decisions yet"
    counts = f"{fitted.decided} decided studies, {fitted.right} of {fitted.candidates} candidates right"
    shown = f"calibrated in {len(fitted.scores)} steps" if fitted.scores else "as computed, too few decisions"
    return f"scores: {shown}; {fitted.at.isoformat(timespec='minutes')}, {counts}"


def _refit(store: Store, options: argparse.Namespace) -> int:
    from radrecon.workflow.calibrating import refit
    from radrecon.workflow.learning import count_names

    refit(store, datetime.now(UTC), _progress)
    count_names(store, datetime.now(UTC))
    return _calibration(store, options)


_RUN = {"list": _list, "set": _set, "replay": _replay, "calibration": _calibration, "refit": _refit}


def _progress(done: int, total: int) -> None:
    """On standard error and only where somebody looks."""
    if sys.stderr.isatty():
        print(plain(f"{done} of {total}"), end="\r" if done < total else "\n", file=sys.stderr, flush=True)
