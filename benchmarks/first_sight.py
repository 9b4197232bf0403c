"""First sight of a new study: from the upload's answer at Orthanc to a row that SQL reads.

Four engines follow the same Orthanc at once: by C-FIND and by QIDO-RS each poll interval, by C-FIND with the archive
taken for a large one, and by its changes (with polls a minute apart, so that they cannot help).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import sqlalchemy as sa

from benchmarks._table import median, quantile, row
from radrecon.sim import pacs
from radrecon.store import tables as t
from radrecon.store.database import Store, open_store
from tests.e2e.hospital import engine, pacs_toml, until
from tests.e2e.test_import import made

THERE, SAMPLES, POLL = 500, 12, 5.0
FEEDS = {
    f"C-FIND each {POLL:.0f} s": ({"feed": "dicom", "poll_seconds": POLL}, POLL),
    f"C-FIND each {POLL:.0f} s, by windows": ({"feed": "dicom", "poll_seconds": POLL, "small_up_to": 0}, POLL),
    f"QIDO-RS each {POLL:.0f} s": ({"feed": "qido", "poll_seconds": POLL}, POLL),
    "/changes each 0.5 s": ({"feed": "orthanc", "poll_seconds": 60.0, "changes_seconds": 0.5}, 2.0),
}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="radrecon-bench-") as folder, ExitStack() as stack:
        running = stack.enter_context(pacs.orthanc(Path(folder) / "orthanc", dicomweb=True))
        rest = stack.enter_context(httpx.Client(base_url=running.config.rest_url, trust_env=False))
        for number in range(THERE):
            put(rest, number)
        stores = {}
        for at, (name, (settings, _)) in enumerate(FEEDS.items()):
            desk = stack.enter_context(engine(Path(folder) / str(at), pacs_toml(running, **settings)))
            stores[name] = open_store(desk.database)
            stack.callback(stores[name].close)
        for store in stores.values():
            until(lambda store=store: baseline_done(store), 120)
        report(measure(rest, stores))


def put(rest: httpx.Client, number: int, today: str = "") -> str:
    """Store a small study; its UID."""
    study = made(number)
    for file in study.files():
        rest.post("/instances", content=file.replace(study.day.encode(), today.encode()) if today else file)
    return study.uid


def baseline_done(store: Store) -> bool:
    with store.reading() as conn:
        return bool(conn.execute(sa.select(t.pacs_state.c.baseline_done)).scalar())


def measure(rest: httpx.Client, stores: dict[str, Store]) -> dict[str, list[float]]:
    """Seconds until each feed has seen each new study; uploads fall anywhere between two polls."""
    seconds: dict[str, list[float]] = {name: [] for name in stores}
    for number, pause in zip(range(THERE + 10, THERE + 10 + SAMPLES), pauses(), strict=False):
        uid = put(rest, number, time.strftime("%Y%m%d"))
        uploaded, waiting = time.monotonic(), dict(stores)
        while waiting and time.monotonic() - uploaded < 10 * POLL:
            for name in [name for name, store in waiting.items() if has(store, uid)]:
                seconds[name].append(time.monotonic() - uploaded)
                del waiting[name]
            time.sleep(0.02)
        for name in waiting:
            seconds[name].append(float("inf"))
        time.sleep(pause)
    return seconds


def pauses() -> Iterator[float]:
    """Fractions of the poll interval that are spread evenly."""
    at = 0.0
    while True:
        at = (at + 0.618) % 1
        yield at * POLL / 2


def has(store: Store, uid: str) -> bool:
    with store.reading() as conn:
        return conn.execute(sa.select(t.study.c.id).where(t.study.c.study_instance_uid == uid)).first() is not None


def report(seconds: dict[str, list[float]]) -> None:
    row(f"first sight, {THERE} studies there already", "median", "p95", "longest")
    for name, (_, goal) in FEEDS.items():
        found = seconds[name]
        figures = [f"{value:.2f} s" for value in (median(found), quantile(found, 95), max(found))]
        row(name, *figures, goal=f"<= {goal:.0f} s", met=quantile(found, 95) <= goal)


if __name__ == "__main__":
    main()
