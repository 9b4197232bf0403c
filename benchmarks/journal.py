"""Living with a journal of a million messages: acknowledgements at 100 messages a second, and searching it.

The journal is made once per run, in a temporary folder (some minutes). A real engine with its worker then takes a mix
of messages over four connections at fixed times, whatever has been answered: an answer's delay counts from when its
message was due. Searches are those of `radrecon messages`, 200 rows at most, in another process than the engine.

RADRECON_BENCH_MESSAGES: how many messages (1,000,000). RADRECON_BENCH_FOLDER: where it is kept for another run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from benchmarks import _messages
from benchmarks._journal import Hospital, fill, index_texts, samples
from benchmarks._load import NEVER_WAITS, Lane, send
from benchmarks._table import milliseconds, quantile, row
from radrecon.config import Config
from radrecon.store import schema, settings
from radrecon.store.database import Store, open_store
from radrecon.workflow.journal_search import search
from tests.e2e.hospital import Engine, engine

MESSAGES = int(os.environ.get("RADRECON_BENCH_MESSAGES", "1000000"))
KEPT = os.environ.get("RADRECON_BENCH_FOLDER", "")
PER_SECOND, SECONDS, CONNECTIONS = 100, 60, 4
QUERIES, ROWS = 100, 200
KEYED, TEXT = 0.050, 0.300
KEPT_UP = 1  # seconds after the last message is due; a sender that is behind for good has an even p50 and p99


def main() -> None:
    hospital = Hospital()
    with tempfile.TemporaryDirectory(prefix="radrecon-bench-") as scratch:
        folder = Path(scratch)
        made(hospital, folder)
        database = f"sqlite:///{folder / 'radrecon.sqlite3'}"
        with engine(folder / "engine", "", database) as desk:
            latency(desk)
            searches(database, hospital)


def made(hospital: Hospital, folder: Path) -> None:
    """The journal in this folder: a copy of the one that is kept, or made now."""
    kept = Path(KEPT) / f"journal-{MESSAGES}" if KEPT else folder
    if not (kept / "complete").exists():
        kept.mkdir(parents=True, exist_ok=True)
        make(hospital, kept)
    if kept != folder:
        shutil.copytree(kept, folder, dirs_exist_ok=True)


def make(hospital: Hospital, folder: Path) -> None:
    path, started = folder / "radrecon.sqlite3", time.perf_counter()
    store = empty(f"sqlite:///{path}")
    fill(store, hospital, MESSAGES)
    print(f"{MESSAGES:,} messages written in {time.perf_counter() - started:.0f} s, {path.stat().st_size >> 20:,} MB")
    started = time.perf_counter()
    index_texts(store, MESSAGES)
    store.close()
    size = Path(f"{path}.text").stat().st_size >> 20
    print(f"their texts indexed in {time.perf_counter() - started:.0f} s, {size:,} MB", flush=True)
    (folder / "complete").touch()


def empty(database: str) -> Store:
    store = open_store(database)
    schema.upgrade(store)
    with store.transaction() as conn:
        settings.save_config(conn, Config())
        settings.set_watch_from(conn, date.today() - timedelta(days=1))
    return store


# -- latency ----------------------------------------------------------------------------------------------------------


def latency(desk: Engine) -> None:
    send(desk.mllp, on_time, "W", 5)
    outcome = send(desk.mllp, on_time, "L", SECONDS)
    assert set(outcome.codes) == {"AA"}, outcome.codes
    half, late, most = (quantile(outcome.delays, percent) for percent in (50, 99, 100))
    print(f"\n{PER_SECOND} messages a second for {SECONDS} s, {CONNECTIONS} connections, {MESSAGES:,} in the journal")
    kept = outcome.seconds < SECONDS + KEPT_UP
    row("all answered after", f"{outcome.seconds:.1f} s", goal="keeps up", met=kept)
    row("ACK p50", milliseconds(half))
    row("ACK p99", milliseconds(late), f"{late / half:.1f} × p50", goal="≤ 10 × p50", met=kept and late <= 10 * half)
    row("longest stall", milliseconds(most), goal="≤ 250 ms", met=most <= 0.250)


def on_time(batch: str, seconds: int) -> Sequence[Lane]:
    """The connections take turns."""
    lanes = _messages.mixed(batch, CONNECTIONS, PER_SECOND * seconds)
    return [
        Lane(frames, NEVER_WAITS, [0.2 + (at * CONNECTIONS + one) / PER_SECOND for at in range(len(frames))])
        for one, frames in enumerate(lanes)
    ]


# -- search -----------------------------------------------------------------------------------------------------------


def searches(database: str, hospital: Hospital) -> None:
    print(f"\nsearch, {QUERIES} different values each")
    row("", "first", "p50", "p95", "most", "rows (mean)", goal="goal of p95")
    for what, queries in samples(hospital, MESSAGES, QUERIES).items():
        goal = TEXT if what.startswith("text") else KEYED
        spent, rows = timed(database, queries)
        late = quantile(spent, 95)
        figures = [milliseconds(one) for one in (spent[0], quantile(spent, 50), late, max(spent))]
        row(what, *figures, f"{sum(rows) / len(rows):.0f}", goal=f"≤ {goal * 1000:.0f} ms", met=late <= goal)
        if late > goal:
            slowest = max(zip(spent, queries, strict=True))
            print(f"    slowest: {slowest[1]!r}, {milliseconds(slowest[0])}")


def timed(database: str, queries: Sequence[str]) -> tuple[list[float], list[int]]:
    """Seconds and rows of each, on a database that was opened for them: the first has nothing in memory yet."""
    store, spent, rows = open_store(database), [], []
    for query in queries:
        started = time.perf_counter()
        found = search(store, query, limit=ROWS)
        spent.append(time.perf_counter() - started)
        rows.append(len(found.rows))
    store.close()
    return spent, rows


if __name__ == "__main__":
    main()
