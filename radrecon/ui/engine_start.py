"""Start the engine where none lives; attach to one that does. It outlives the window and is never restarted by it."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

from radrecon.model.errors import SchemaMismatch, Trouble
from radrecon.store import schema
from radrecon.store.database import Store
from radrecon.ui.backend import Backend

WAIT_SECONDS = 20.0
ALIVE = ("running", "starting")


def command(database_url: str) -> list[str]:
    return [sys.executable, "-m", "radrecon", "engine", "--database", database_url]


def start(database_url: str) -> subprocess.Popen[bytes]:
    """A process of its own session, without our pipes: closing the window does not touch it."""
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
        detached = {"creationflags": flags}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command(database_url), stdin=quiet, stdout=quiet, stderr=quiet, **detached)


def schema_fits(store: Store) -> bool:
    """Whether this program can read the database; False while an engine may still have to migrate it."""
    try:
        schema.check(store)
    except SchemaMismatch as mismatch:
        if "newer" in str(mismatch):
            raise
        return False
    return True


def attach(store: Store, backend: Backend, database_url: str) -> str:
    """Make sure that an engine lives and that the schema fits. Blocks: call it on a worker thread.

    Returns "attached" or "started"; raises Trouble in one line if the engine did not come up.
    """
    if schema_fits(store) and backend.engine_state().state in ALIVE:
        return "attached"
    process = start(database_url)
    limit = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < limit:
        if schema_fits(store) and backend.engine_state().state == "running":
            return "started"
        if process.poll() not in (None, 0):
            break
        time.sleep(0.1)
    if schema_fits(store) and backend.engine_state().state in ALIVE:
        return "attached"
    raise Trouble("the engine did not start; run `radrecon engine` in a terminal to see why")
