"""Look at everything again, after rules or settings changed: in small bites, behind whatever is fresh.

Each bite ends with a row that says how far it is, so that a worker that was killed goes on there; what was looked at
twice then comes to the same. Orders and persons get the keys that they should have, and studies theirs before they are
decided, so that keys of another version are made good on the way.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from radrecon.config import Config
from radrecon.model.person import Watch
from radrecon.store import orders, recheck, settings, studies
from radrecon.store.database import Store
from radrecon.workflow import deciding, examining, reconcile
from radrecon.workflow.keys import study_keys, write_keys, write_person_keys

PAGE = 50  # records between two looks at the clock
BITE = 0.25  # seconds; then whatever has been touched meanwhile has its turn


def start(store: Store, reason: str, now: datetime) -> int:
    with store.transaction() as conn:
        return recheck.start(conn, reason, now)


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
        config = settings.load_config(conn)
        watch = reconcile.load_watch(conn, config)
    if one is None:
        return False
    if ids:
        _LOOKS[one.stage](store, ids, watch, config, now)
    with store.transaction() as conn:
        recheck.advance(conn, one, ids, now)
        return recheck.under_way(conn) is not None


def _orders(store: Store, ids: Sequence[int], watch: Watch, config: Config, now: datetime) -> None:
    write_keys(store, ids, now)
    with store.reading() as conn:
        numbers = {order.accession_number for order in orders.load_many(conn, ids)} - {""}
    for number in sorted(numbers):
        reconcile.guarded(
            store, "accession", number, now, lambda one: examining.examine_accession(store, one, watch, now)
        )


def _persons(store: Store, ids: Sequence[int], watch: Watch, config: Config, now: datetime) -> None:
    write_person_keys(store, ids, now)
    for person_id in ids:
        reconcile.guarded(store, "person", person_id, now, lambda one: examining.examine_person(store, one, now))


def _studies(store: Store, ids: Sequence[int], watch: Watch, config: Config, now: datetime) -> None:
    with store.reading() as conn:
        before, memory = studies.load_many(conn, ids), deciding.load_memory(conn, now)
        wrong = {one.id: study_keys(one.facts) for one in before if studies.keys(conn, one.id) != study_keys(one.facts)}
    if wrong:
        with store.transaction() as conn:
            for study_id, keys in wrong.items():
                studies.set_keys(conn, study_id, keys)
    for study_id in ids:
        reconcile.guarded(
            store, "study", study_id, now, lambda one: reconcile.examine_study(store, one, watch, config, now, memory)
        )
    for number in sorted({one.facts.accession_number for one in before} - {""}):
        reconcile.guarded(
            store, "accession", number, now, lambda one: examining.examine_accession(store, one, watch, now)
        )


_LOOKS = {"orders": _orders, "persons": _persons, "studies": _studies}
