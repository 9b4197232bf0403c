"""radrecon recheck: look at everything again, after rules or settings changed; and how far that is.

The row is enough: the worker goes on with it behind whatever is fresh, and after a crash where it had been.
"""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from radrecon.cli.opening import opened
from radrecon.cli.planning import now
from radrecon.cli.printing import print_json

if TYPE_CHECKING:
    from radrecon.store.recheck import Recheck


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--status", action="store_true", help="only say how far the last one is")
    parser.add_argument("--reason", default="asked for", metavar="TEXT")
    parser.add_argument("--json", action="store_true", help="one object")


def run(options: argparse.Namespace) -> int:
    from radrecon.store import recheck
    from radrecon.workflow.rechecking import start

    with opened(options) as store:
        if not options.status:
            start(store, options.reason, now())
        with store.reading() as conn:
            found = recheck.latest(conn)
    if options.json:
        print_json(as_json(found) if found else {})
    else:
        print(words(found) if found else "nothing was looked at again yet: radrecon recheck")
    return 0


def as_json(one: Recheck) -> dict[str, Any]:
    left = one.left
    return {
        "id": one.id, "state": state(one), "reason": one.reason, "stage": one.stage, "done": one.done,
        "total": one.total, "per_second": round(one.per_second, 1),
        "seconds_left": None if left is None else round(left.total_seconds()),
        "started_at": one.started_at, "updated_at": one.updated_at, "ended_at": one.ended_at,
    }  # fmt: skip


def state(one: Recheck) -> str:
    if one.begun_anew:
        return "begun anew"
    return "done" if one.ended_at else "under way"


def words(one: Recheck) -> str:
    said = f"{one.done:,} of {one.total:,} looked at again ({state(one)}: {one.reason})"
    if one.ended_at or not one.done:
        return said
    left = one.left or timedelta()
    return f"{said}, at {one.stage}, {one.per_second:,.0f} a second, about {round(left.total_seconds() / 60)} min left"
