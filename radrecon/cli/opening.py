"""From the command line's options to a configuration and an open database."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from radrecon.config import Config, database_url, find_file, load
from radrecon.store import schema
from radrecon.store.database import Store, open_store


def configuration(options: argparse.Namespace) -> Config:
    return load(Path(options.config) if options.config else find_file())


def url(options: argparse.Namespace) -> str:
    return database_url(options.database, configuration(options))


@contextmanager
def opened(options: argparse.Namespace) -> Iterator[Store]:
    """The database, if its schema is this program's."""
    store = open_store(url(options))
    try:
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
