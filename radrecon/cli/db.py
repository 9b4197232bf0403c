"""radrecon db: upgrade the schema (under the engine's lock, after a backup), back up, check, or prune."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from radrecon.cli.opening import url, who
from radrecon.cli.printing import print_line
from radrecon.model.errors import Trouble
from radrecon.store import backups, schema, settings
from radrecon.store.database import Store, open_store
from radrecon.store.life import engine_lock

LONGEST_DAYS = 36_500  # what a calendar can go back by


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["upgrade", "backup", "check", "prune"])
    parser.add_argument("--existing", action="store_true", help="upgrade: do nothing where there is no database yet")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="backup: where; default beside the SQLite file")
    parser.add_argument("--older-than", type=days, metavar="DAYS", help="prune: default is engine.keep_messages_days")
    parser.add_argument("--dry-run", action="store_true", help="prune: only count the messages that would go")


def days(text: str) -> int:
    number = int(text)
    if not 0 <= number <= LONGEST_DAYS:
        raise ValueError(text)
    return number


def run(options: argparse.Namespace) -> int:
    store = open_store(url(options))
    try:
        print_line(VERBS[options.what](store, options))
    finally:
        store.close()
    return 0


def _upgrade(store: Store, options: argparse.Namespace) -> str:
    """Raises EngineLives while an engine holds the database: it migrates by itself when it starts."""
    if options.existing and not _is_there(store):
        return "there is no database yet"
    with engine_lock(store):
        return schema.upgrade(store)


def _is_there(store: Store) -> bool:
    return store.path.exists() if store.path else bool(schema.current_revision(store))


def _backup(store: Store, options: argparse.Namespace) -> str:
    schema.check(store)
    label = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    return f"backup in {backups.backup(store, label, options.to)}"


def _check(store: Store, _: argparse.Namespace) -> str:
    schema.check(store)
    if found := backups.faults(store):
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise Trouble(f"the database is damaged: {found[0]}{more}")
    return f"the schema is {schema.current_revision(store)}, as this program wants it; the database is sound"


def _prune(store: Store, options: argparse.Namespace) -> str:
    """Settled messages past their age."""
    from radrecon.workflow import pruning

    days, dry = options.older_than, options.dry_run
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


VERBS = {"upgrade": _upgrade, "backup": _backup, "check": _check, "prune": _prune}
