"""radrecon worklist --sources, --ask: other systems' worklists, how they answered, and asking them now."""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.cli.sending import engine_lives
from radrecon.model.errors import Trouble
from radrecon.store.database import Store

COLUMNS = {
    "source": "SOURCE",
    "calling_ae_title": "ASKED AS",
    "state": "STATE",
    "asked_at": "ASKED",
    "last_success": "LAST WHOLE LIST",
    "answers": "ENTRIES",
    "milliseconds": "MS",
    "last_error": "ERROR",
}
PATIENCE = timedelta(seconds=120)


def run(options: argparse.Namespace) -> int:
    """Where it is asked now, the rows are those after the answer; what went wrong is one line."""
    from radrecon.workflow.ris_lists import source_rows

    with opened(options) as store:
        if options.ask is not None:
            _ask(store, options.ask)
        with store.reading() as conn:
            rows = source_rows(conn)
    return lists.show(options, rows, COLUMNS, "No other system's worklist is configured.")


def _ask(store: Store, name: str) -> Any:
    """Leave the request and wait for its answer. Raises Trouble."""
    from radrecon.workflow.requests import answer, ask

    now = datetime.now(UTC)
    request = ask(store, "ask_worklist", {"source": name}, now=now, deadline=now + PATIENCE)
    if not engine_lives(store):
        raise Trouble(f"no engine runs on this database: queued as {request}")
    while datetime.now(UTC) < now + PATIENCE:
        if found := answer(store, request):
            return found
        time.sleep(0.1)
    raise Trouble(f"not answered in {PATIENCE.seconds} s: queued as {request}")
