"""radrecon db: upgrade the schema (under the engine's lock, after a backup), back up, or check that it fits."""

from __future__ import annotations

import argparse
from datetime import datetime

from radrecon.cli.opening import url
from radrecon.cli.printing import print_line
from radrecon.store import schema
from radrecon.store.database import Store, open_store
from radrecon.store.life import engine_lock


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["upgrade", "backup", "check"])


def run(options: argparse.Namespace) -> int:
    store = open_store(url(options))
    try:
        print_line({"upgrade": _upgrade, "backup": _backup, "check": _check}[options.what](store))
    finally:
        store.close()
    return 0


def _upgrade(store: Store) -> str:
    """Raises EngineLives while an engine holds the database: it migrates by itself when it starts."""
    with engine_lock(store):
        return schema.upgrade(store)


def _backup(store: Store) -> str:
    schema.check(store)
    label = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    return f"backup in {schema.backup(store, label)}"


def _check(store: Store) -> str:
    schema.check(store)
    return f"the schema is {schema.current_revision(store)}, as this program wants it"
