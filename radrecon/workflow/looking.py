"""Which records of a page may not be as they should be: told by reading alone, so that other processes can look too.

Whoever looks writes nothing and decides nothing for anybody: the worker examines what is named in its usual way, loaded
anew. What is not named is left as it is, and that holds although some seconds go by until the worker says so:

- A look is asked for after its look at everything began, and reads one state of the database, settings and rules
  included. It sees all that the worker itself would have had to see by then.
- Facts and people's decisions that change later note their keys in the commit that changes them (touched keys), and the
  reconciler examines whatever shares one, also where that is done before the page is: so it is between any two looks of
  the worker itself. It finds a study by the study's keys. One whose keys are not as they should be is named, and is
  examined as it is when its keys have been mended; of any other they were right when it was looked at. The same holds
  of orders and persons, whose keys are made good in the stages before.
- What follows from facts and is written by the worker (persons and marks of studies, cases, links) is examined again
  where it changes by the same queue; a look at a page rests no more on the pages before it than on those behind it.
- Settings that decide, and another program, begin a look at everything anew, and answers to the one before are dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog

from radrecon.store import orders, person_keys, persons, settings, studies
from radrecon.store.database import Connection, DatabaseDown, Store
from radrecon.workflow import deciding, reconcile, standing
from radrecon.workflow.keys import changed_keys, person_keys_of

log = structlog.get_logger()

TOGETHER = 50  # records that share a read transaction: longer ones hold up SQLite's log, and its writers with it

Look = Callable[[Connection, Sequence[int], datetime], set[int]]


def named(store: Store, stage: str, ids: Sequence[int], now: datetime) -> list[int]:
    """Those to be examined, in their order; all of them where a look at them breaks, for each is then said by itself.

    Raises DatabaseDown, and KeyError for a stage that there is none of.
    """
    look = LOOKS[stage]
    return [
        one for start in range(0, len(ids), TOGETHER) for one in _some(store, look, ids[start : start + TOGETHER], now)
    ]


def _some(store: Store, look: Look, ids: Sequence[int], now: datetime) -> list[int]:
    try:
        with store.reading(keep=True) as conn:
            return sorted(look(conn, ids, now))
    except DatabaseDown:
        raise
    except Exception:
        log.exception("left to the worker")
        return list(ids)


def _orders(conn: Connection, ids: Sequence[int], now: datetime) -> set[int]:
    numbers = {one.id: one.accession_number for one in orders.outlines(conn, ids)}
    return {*changed_keys(conn, ids)} | _with_numbers_to_examine(conn, numbers)


def _persons(conn: Connection, ids: Sequence[int], now: datetime) -> set[int]:
    people, written = persons.load_many(conn, ids), person_keys.keys_of_several(conn, ids)
    wrong = {one.id for one in people.values() if person_keys_of(one) != written[one.id]}
    return wrong | set(standing.persons_to_examine(conn, ids))


def _studies(conn: Connection, ids: Sequence[int], now: datetime) -> set[int]:
    config = settings.load_config(conn)
    watch, memory = reconcile.load_watch(conn, config), deciding.load_memory(conn, now)
    known = studies.load_many(conn, ids)
    wrong = {*standing.with_other_keys(conn, known)}
    looks = standing.look_at(conn, known, watch, memory, config, now)
    other = {*looks.alone, *(one.study.id for one in looks.changed)}
    return wrong | other | _with_numbers_to_examine(conn, {one.id: one.facts.accession_number for one in known})


def _with_numbers_to_examine(conn: Connection, numbers: Mapping[int, str]) -> set[int]:
    found = set(standing.accessions_to_examine(conn, numbers.values()))
    return {one for one, number in numbers.items() if number in found}


LOOKS: Mapping[str, Look] = {"orders": _orders, "persons": _persons, "studies": _studies}
