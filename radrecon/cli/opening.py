"""From the command line's options to a configuration and an open database."""

from __future__ import annotations

import argparse
import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from radrecon.config import DATABASE, Config, database_url, find_file, load
from radrecon.model.errors import SchemaMismatch
from radrecon.store import schema
from radrecon.store.database import Store, open_store


def configuration(options: argparse.Namespace) -> Config:
    return load(Path(options.config) if options.config else find_file())


def url(options: argparse.Namespace) -> str:
    """A database that is named needs no configuration: the computer's may be closed to this person."""
    named = options.database or os.environ.get(DATABASE)
    return database_url(options.database, Config() if named and not options.config else configuration(options))


@contextmanager
def opened(options: argparse.Namespace, *, any_schema: bool = False) -> Iterator[Store]:
    """The database, if it is there and its schema is this program's; looking makes no folder and no file."""
    address = url(options)
    if (path := Store(address).path) and not path.exists():
        raise SchemaMismatch(f"no database at {path}: start the engine, or run: radrecon db upgrade")
    store = open_store(address)
    try:
        if not any_schema:
            schema.check(store)
        yield store
    finally:
        store.close()


def who() -> str:
    """The name that a correction carries."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
