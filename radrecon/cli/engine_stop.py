"""radrecon engine --stop: the engine of this database is asked to end, and is waited for."""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime, timedelta

from radrecon.cli.opening import opened
from radrecon.cli.printing import print_line
from radrecon.cli.sending import engine_lives
from radrecon.model.errors import Trouble
from radrecon.store.database import Store

PATIENCE = timedelta(seconds=30)


def run(options: argparse.Namespace) -> int:
    """An engine of another version is stopped, too: by it an older one gives way to this program's."""
    with opened(options, any_schema=True) as store:
        if not engine_lives(store):
            raise Trouble("no engine runs on this database")
        _stop(store)
    print_line("the engine has stopped")
    return 0


def _stop(store: Store) -> None:
    from radrecon.workflow.requests import ask

    now = datetime.now(UTC)
    ask(store, "stop", {}, now=now, deadline=now + PATIENCE)
    while engine_lives(store):
        if datetime.now(UTC) > now + PATIENCE:
            raise Trouble(f"the engine has not stopped within {PATIENCE.seconds} s; its log may say why")
        time.sleep(0.1)
