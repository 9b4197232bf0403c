"""Look at everything again, after rules or settings changed: in small bites, behind whatever is fresh.

Each bite ends with a row that says how far it is, so that a worker that was killed goes on there; what was looked at
twice then comes to the same. Orders and persons get the keys that they should have, and studies theirs before they are
decided, so that keys of another version are made good on the way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import structlog

from radrecon import __version__
from radrecon.config import Config
from radrecon.model.person import Watch
from radrecon.store import orders, recheck, settings, studies
from radrecon.store.codec import digest, dump
from radrecon.store.database import Connection, DatabaseDown, Store
from radrecon.store.recheck import Recheck
from radrecon.workflow import deciding, examining, reconcile, standing
from radrecon.workflow.deciding import Memory
from radrecon.workflow.keys import study_keys, write_keys, write_person_keys
from radrecon.workflow.reconcile import Look
from radrecon.workflow.standing import Looks

log = structlog.get_logger()

Found = TypeVar("Found")

RULES = 10  # raise it where recon/ decides otherwise than before: everything is then looked at again
NEW_PROGRAM, NEW_SETTINGS = "another version of the rules", "settings that decide have changed"
PAGE = 100  # records that share a read transaction, and stand between two looks at the clock
SAVED_AT_ONCE = 10  # studies whose verdicts share a transaction: some 20 ms
BITE = 0.25  # seconds; then whatever has been touched meanwhile has its turn


def rules() -> str:
    """What decides, as far as this program goes."""
    return f"{__version__}/{RULES}"


def start(store: Store, reason: str, now: datetime) -> int:
    with store.transaction() as conn:
        return recheck.start(conn, reason, now)


def start_where_changed(store: Store, now: datetime) -> str:
    """Begin to look at everything where what decides differs from what it was last looked at with: the program with its
    rules, or settings that matching rests on. Returns why, "" where nothing has changed.

    A database with nothing in it yet only notes them.
    """
    with store.reading() as conn:
        watch = reconcile.load_watch(conn, settings.load_config(conn))
        known, anything = recheck.rules_known(conn), recheck.is_anything(conn)
    deciding_by = {"program": rules(), "settings": digest(dump(replace(watch, orders_since=None)))}
    if known == deciding_by:
        return ""
    reason = NEW_PROGRAM if known.get("program") != deciding_by["program"] else NEW_SETTINGS
    with store.transaction() as conn:
        recheck.note_rules(conn, deciding_by)
        if anything:
            recheck.start(conn, reason, now)
    return reason if anything else ""


def is_under_way(store: Store) -> bool:
    with store.reading() as conn:
        return recheck.under_way(conn) is not None


def some(store: Store, now: datetime, seconds: float = BITE) -> bool:
    """One bite, at least a page; returns whether there is more."""
    until = time.monotonic() + seconds
    while more := _page(store, now):
        if time.monotonic() > until:
            break
    return more


def _page(store: Store, now: datetime) -> bool:
    with store.reading() as conn:
        one = recheck.under_way(conn)
        ids = recheck.page(conn, one, PAGE) if one else []
    if one is None:
        return False
    look_again(store, one.stage, ids, now)
    return advance(store, one, ids, now)


def look_again(store: Store, stage: str, ids: Sequence[int], now: datetime) -> None:
    """The usual way: each is loaded as it is now, decided, and saved under its guards where it is not as it should be.

    They need not lie side by side.
    """
    if not ids:
        return
    with store.reading() as conn:
        config = settings.load_config(conn)
        watch = reconcile.load_watch(conn, config)
    _LOOKS[stage](store, ids, watch, config, now)


def advance(store: Store, one: Recheck, ids: Sequence[int], now: datetime) -> bool:
    """The next of its stage are done, or, where there are none, the stage is; returns whether there is more."""
    with store.transaction() as conn:
        recheck.advance(conn, one, ids, now)
        return recheck.under_way(conn) is not None


def _orders(store: Store, ids: Sequence[int], watch: Watch, config: Config, now: datetime) -> None:
    reconcile.write_guarded(store, write_keys, "order", ids, now)
    with store.reading() as conn:
        numbers = {one.accession_number for one in orders.outlines(conn, ids)}
    _accessions(store, numbers, watch, now)


def _persons(store: Store, ids: Sequence[int], watch: Watch, config: Config, now: datetime) -> None:
    reconcile.write_guarded(store, write_person_keys, "person", ids, now)
    for person_id in _together(store, lambda conn: standing.persons_to_examine(conn, ids), list(ids)):
        reconcile.guarded(store, "person", person_id, now, lambda one: examining.examine_person(store, one, now))


def _studies(store: Store, ids: Sequence[int], watch: Watch, config: Config, now: datetime) -> None:
    with store.reading() as conn:
        memory = deciding.load_memory(conn, now)
    found, numbers = _look_at(store, ids, watch, memory, config, now)
    if found is None:
        reconcile.write_guarded(store, _mend_keys, "study", ids, now)
        found, numbers = _look_at(store, ids, watch, memory, config, now, mended=True)
    found = found or Looks((), tuple(ids))
    alone = [*found.alone, *_not_saved(store, found.changed, now)]
    for study_id in alone:
        reconcile.guarded(
            store, "study", study_id, now, lambda one: reconcile.examine_study(store, one, watch, config, now, memory)
        )
    _accessions(store, numbers, watch, now)


def _look_at(
    store: Store, ids: Sequence[int], watch: Watch, memory: Memory, config: Config, now: datetime, mended: bool = False
) -> tuple[Looks | None, frozenset[str]]:
    """What the looks have come to, and the studies' accession numbers.

    None where keys have to be `mended` before, or a look breaks: whatever changes from this look on finds a study by
    its keys.
    """
    numbers: set[str] = set()

    def look(conn: Connection) -> Looks | None:
        known = studies.load_many(conn, ids)
        numbers.update(one.facts.accession_number for one in known)
        if not mended and standing.with_other_keys(conn, known):
            return None
        return standing.look_at(conn, known, watch, memory, config, now)

    return _together(store, look, None), frozenset(numbers)


def _not_saved(store: Store, looks: Sequence[Look], now: datetime) -> list[int]:
    """Save some at a time; returns those that could not be."""
    left: list[int] = []
    for start in range(0, len(looks), SAVED_AT_ONCE):
        some = looks[start : start + SAVED_AT_ONCE]
        try:
            with store.transaction() as conn:
                for look in some:
                    reconcile.save_look(conn, look, now)
        except DatabaseDown:
            raise
        except Exception:  # one of them, and that one is said with its id when it is looked at by itself
            log.exception("saved one by one")
            left += [look.study.id for look in some]
    return left


def _mend_keys(store: Store, ids: Sequence[int], now: datetime) -> None:
    """Studies get the keys that they should have."""
    with store.reading() as conn:
        known, found = studies.keys_of_several(conn, ids), studies.load_many(conn, ids)
    wanted = {one.id: study_keys(one.facts) for one in found}
    wrong = {study_id: keys for study_id, keys in wanted.items() if keys != known[study_id]}
    if wrong:
        with store.transaction() as conn:
            for study_id, keys in wrong.items():
                studies.set_keys(conn, study_id, keys)


def _accessions(store: Store, numbers: Collection[str], watch: Watch, now: datetime) -> None:
    every = sorted(set(numbers) - {""})
    for number in _together(store, lambda conn: standing.accessions_to_examine(conn, every), every):
        reconcile.guarded(
            store, "accession", number, now, lambda one: examining.examine_accession(store, one, watch, now)
        )


def _together(store: Store, find: Callable[[Connection], Found], otherwise: Found) -> Found:
    """A look at many; where it breaks each is looked at by itself, so that one holds up no other."""
    try:
        with store.reading(keep=True) as conn:
            return find(conn)
    except DatabaseDown:
        raise
    except Exception:
        log.exception("looked at one by one")
        return otherwise


_LOOKS = {"orders": _orders, "persons": _persons, "studies": _studies}
