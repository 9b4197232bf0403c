"""radrecon db: upgrade the schema (under the engine's lock, after a backup), back up, check that it fits, or prune."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from radrecon.cli.opening import url, who
from radrecon.cli.printing import print_line
from radrecon.store import schema, settings
from radrecon.store.database import Store, open_store
from radrecon.store.life import engine_lock


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["upgrade", "backup", "check", "prune"])
    parser.add_argument("--older-than", type=int, metavar="DAYS", help="prune: default is engine.keep_messages_days")
    parser.add_argument("--dry-run", action="store_true", help="prune: only count the messages that would go")


def run(options: argparse.Namespace) -> int:
    store = open_store(url(options))
    try:
        if options.what == "prune":
            print_line(_prune(store, options.older_than, options.dry_run))
        else:
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


def _prune(store: Store, days: int | None, dry: bool) -> str:
    """Settled messages past their age."""
    from radrecon.workflow import pruning

    schema.check(store)
    if days is None:
        with store.reading() as conn:
            days = settings.load_config(conn).engine.keep_messages_days
    if days < 1:
        return "messages are kept for ever (engine.keep_messages_days = 0); --older-than DAYS prunes"
    now = datetime.now(UTC)
    done = pruning.prune_all(store, pruning.edge(days, now), who=who(), now=now, dry=dry)
    would = "would go" if dry else "went"
    return f"{done.pruned:,} messages older than {days} days {would} ({done.size:,} bytes); {done.kept:,} still needed"
