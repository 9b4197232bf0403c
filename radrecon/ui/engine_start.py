"""Start the engine where none lives; attach to one that does. It outlives the window and is never restarted by it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import platformdirs

from radrecon.model.errors import SchemaMismatch, Trouble
from radrecon.store import schema
from radrecon.store.database import Store
from radrecon.ui.backend import Backend

WAIT_SECONDS = 30.0
ALIVE = ("running", "starting")
LOG_BYTES = 2000


def command(database_url: str, config: str = "") -> list[str]:
    named = ["--config", config] if config else []
    return [sys.executable, "-m", "radrecon", "engine", *named, "--database", database_url]


def log_path() -> Path:
    """What an engine that a desk has started says; each start begins it anew."""
    return Path(platformdirs.user_log_dir("radrecon", appauthor=False)) / "engine.log"


def start(wanted: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """A process of its own session, without our pipes: closing the window does not touch it."""
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
        detached = {"creationflags": flags}
    quiet = subprocess.DEVNULL
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as said:
            return subprocess.Popen(wanted, stdin=quiet, stdout=quiet, stderr=said, **detached)
    except OSError:  # nowhere to write: the engine matters more than its log
        return subprocess.Popen(wanted, stdin=quiet, stdout=quiet, stderr=quiet, **detached)


def last_words(log: Path) -> str:
    """The last line of the log, "" where there is none."""
    try:
        lines = log.read_bytes()[-LOG_BYTES:].decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def schema_fits(store: Store) -> bool:
    """Whether this program can read the database; False while an engine may still have to migrate it."""
    try:
        schema.check(store)
    except SchemaMismatch as mismatch:
        if "newer" in str(mismatch):
            raise
        return False
    return True


def attach(store: Store, backend: Backend, config: str = "", log: Path | None = None) -> str:
    """Make sure that an engine lives and that the schema fits. Blocks: call it on a worker thread.

    Returns "attached" or "started"; raises Trouble in one line if the engine did not come up, SchemaMismatch if
    the database cannot be shown without it either.
    """
    if schema_fits(store) and backend.engine_state().state in ALIVE:
        return "attached"
    log = log or log_path()
    process = start(command(store.url.render_as_string(hide_password=False), config), log)
    limit = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < limit:
        if schema_fits(store) and backend.engine_state().state == "running":
            return "started"
        if process.poll() is not None:
            break
        time.sleep(0.1)
    fits = schema_fits(store)
    if fits and backend.engine_state().state in ALIVE:
        return "attached"
    words = f"The engine did not start. {last_words(log) or 'Run `radrecon engine` in a terminal to see why.'}"
    raise Trouble(words) if fits else SchemaMismatch(words)
