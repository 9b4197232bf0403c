"""Start the engine where none lives; attach to one that does. It outlives the window and is never restarted by it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import platformdirs

from radrecon import program
from radrecon.config import MACHINE_FILE, Config, database_url, environment_on, load
from radrecon.model.errors import SchemaMismatch, Trouble
from radrecon.store import schema
from radrecon.store.database import Store, normal_url
from radrecon.ui.backend import Backend

WAIT_SECONDS = 30.0
ALIVE = ("running", "starting")
LOG_BYTES = 2000
SERVICE = "The engine of this computer does not run. To start it: sudo systemctl start radrecon-engine"


def command(config: str = "") -> list[str]:
    return program.command("engine", *(["--config", config] if config else []))


def log_path() -> Path:
    """What an engine that a desk has started says; each start begins it anew."""
    return Path(platformdirs.user_log_dir("radrecon", appauthor=False)) / "engine.log"


def start(wanted: Sequence[str], database_url: str, log: Path) -> subprocess.Popen[bytes]:
    """A process of its own session, without our pipes: closing the window does not touch it."""
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
        detached = {"creationflags": flags}
    detached["env"] = environment_on(database_url)
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


def belongs_to_a_service(store: Store) -> bool:
    """Whether its engine is not this person's to start: the computer's configuration names the database, or the SQLite
    file (its folder, where there is none yet) is another user's. What this person's engine made, that one's could not
    write on."""
    if store.path and sys.platform != "win32":
        with contextlib.suppress(OSError):
            owner = (store.path if store.path.exists() else store.path.parent).stat().st_uid
            return owner != os.geteuid()
    with contextlib.suppress(Trouble):
        named = load(MACHINE_FILE).database if MACHINE_FILE.exists() else ""
        return bool(named) and normal_url(database_url(named, Config())) == store.url
    return False


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
    fits = schema_fits(store)
    if fits and backend.engine_state().state in ALIVE:
        return "attached"
    if belongs_to_a_service(store):
        raise (Trouble if fits else SchemaMismatch)(SERVICE)
    log = log or log_path()
    process = start(command(config), store.url.render_as_string(hide_password=False), log)
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
