"""A looker: a child of the worker that only reads, and says which records may not be as they should be.

Lines of JSON over its standard input and output, ids and nothing of patients: first it says by which rules it decides,
`{"rules": "0.9/5"}`; then for each `{"page": 7, "stage": "studies", "ids": [1, 2], "now": "2026-11-22T08:00:00+00:00"}`
it answers `{"page": 7, "named": [2]}`. It ends when its input does, in the middle of a page as well: it has nothing to
lose, and a worker that was killed leaves none behind.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import sys
import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TextIO

from radrecon.services.processes import log_to_stderr
from radrecon.store import schema
from radrecon.store.database import Store, open_store
from radrecon.workflow import looking, rechecking

NICE = 10  # below the engine and the worker, whose peers wait
GARBAGE = 20_000  # values made before it is looked for some: a page makes that many, and as good as none in circles


def main(database_url: str) -> int:
    asked = _asked()
    log_to_stderr()
    if sys.platform != "win32":
        os.nice(NICE)  # there the worker starts it below itself
    store = open_store(database_url, read_only=True)
    try:
        schema.check(store)
        gc.freeze()  # what is there now stays
        gc.set_threshold(GARBAGE, 20, 50)
        _say(sys.stdout, {"rules": rechecking.rules()})
        serve(store, asked, sys.stdout)
    finally:
        store.close()
    return 0


def serve(store: Store, asked: Iterable[bytes], out: TextIO) -> None:
    """Answer each line. Raises DatabaseDown, whereupon the worker looks itself."""
    for line in asked:
        page = json.loads(line)
        now = datetime.fromisoformat(page["now"])
        _say(out, {"page": page["page"], "named": looking.named(store, page["stage"], page["ids"], now)})


def _say(out: TextIO, what: dict[str, Any]) -> None:
    print(json.dumps(what), file=out, flush=True)


def _asked() -> Iterable[bytes]:
    """Lines as they come; read beside the work from now on, for the end of the input is the end of it."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    return iter(lines.get, b"")  # for ever


def _read(lines: queue.SimpleQueue[bytes]) -> None:
    left = b""
    while more := os.read(0, 1 << 16):  # not sys.stdin: its lock would be held when the interpreter ends
        *whole, left = (left + more).split(b"\n")
        for line in whole:
            lines.put(line)
    os._exit(0)
