"""ACK and worklist answer of a real engine: idle, and while the worker re-examines everything and a desk writes.

The goal: p99 within a tenth of a second under load. Both sides run in one go, so that the ratio means something on any
machine: the same messages on one connection, the same worklist query on one open association.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import ModalityWorklistInformationFind

from radrecon.config import Config
from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.study import SeriesFacts, StudyFacts
from radrecon.store import life, schema, settings
from radrecon.store.database import open_store
from radrecon.workflow import feed, requests
from radrecon.workflow.ingest import take_group
from radrecon.workflow.intake import Received, Site
from tests.e2e.hospital import Engine, Sender, engine, orm

ORDERS, STUDIES, SAMPLES = 2_000, 10_000, 400


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="radrecon-bench-") as folder:
        database = f"sqlite:///{Path(folder) / 'radrecon.sqlite3'}"
        fill(database)
        with engine(Path(folder) / "engine", "", database) as desk:
            idle = measure(desk, "idle")
            with busy(desk):
                loaded = measure(desk, "busy")
    for what in ("ack", "worklist"):
        report(what, idle[what], loaded[what])


def fill(database: str) -> None:
    """Orders of many patients, and studies of today that share keys with them."""
    store, config, now = open_store(database), Config(), datetime.now(UTC)
    schema.upgrade(store)
    with store.transaction() as conn:
        settings.save_config(conn, config)
        settings.set_watch_from(conn, now.date() - timedelta(days=1))
    texts = [orm(f"B{n:06}", mrn=f"{n % 1500:07}", name=f"NAME{n % 1500}^GIVEN") for n in range(ORDERS)]
    for start in range(0, ORDERS, 50):
        take_group(store, [Received(text.encode(), "bench", now) for text in texts[start : start + 50]], Site(config))
    feed.record(store, "pacs", [study(n) for n in range(STUDIES)], at=now, baseline=False, stable=1)
    store.close()


def study(number: int) -> StudyFacts:
    person = Demographics(
        PatientId(f"{number % 1500:07}", "HOSP"), PersonName.parse(f"NAME{number % 1500}^GIVEN"), "1960-05-17", "M"
    )
    uid, today = f"1.2.826.0.1.{number}", datetime.now().isoformat(timespec="seconds")
    series = (SeriesFacts(f"{uid}.1", "CT", station_name="CT2", instances=10),)
    return StudyFacts("pacs", uid, f"B{number:06}", "", "", person, today, "CT Head", "", ("CT",), series, 10)


def measure(desk: Engine, label: str) -> dict[str, list[float]]:
    """Milliseconds of SAMPLES orders, sent at forty a second, and of as many worklist queries in between."""
    acks, answers = [], []
    sender = Sender(desk.mllp)
    with association(desk) as ask:
        for number in range(SAMPLES):
            text = orm(f"{label[0].upper()}{number:06}", mrn=f"8{number:06}", id=f"{label}{number}")
            acks.append(timed(lambda text=text: sender.send(text)))  # type: ignore[misc]
            answers.append(timed(ask))
            time.sleep(0.025)
    sender.close()
    return {"ack": acks, "worklist": answers}


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


@contextlib.contextmanager
def association(desk: Engine) -> Iterator[Callable[[], int]]:
    """One open association; each call asks for one accession number's steps of today."""
    entity = AE("CT2")
    entity.add_requested_context(ModalityWorklistInformationFind)
    host, port = desk.dicom
    no_delay = [(evt.EVT_CONN_OPEN, lambda event: event.assoc.dul.socket.socket.setsockopt(6, 1, 1))]
    peer = entity.associate(host, port, ae_title="RADRECON", evt_handlers=no_delay)
    assert peer.is_established
    query = Dataset()
    query.PatientName, query.PatientID, query.AccessionNumber = "", "", "B000007"
    step = Dataset()
    step.Modality, step.ScheduledStationAETitle = "CT", ""
    step.ScheduledProcedureStepStartDate = datetime.now().strftime("%Y%m%d")
    query.ScheduledProcedureStepSequence = [step]
    try:
        yield lambda: sum(1 for _ in peer.send_c_find(query, ModalityWorklistInformationFind))
    finally:
        peer.release()


@contextlib.contextmanager
def busy(desk: Engine) -> Iterator[None]:
    """The worker looks at everything again, over and over, and desks write."""
    store = open_store(desk.database)
    stop = multiprocessing.get_context("spawn").Event()
    writer = multiprocessing.get_context("spawn").Process(target=write_as_desk, args=(desk.database, stop))
    writer.start()
    now = datetime.now(UTC)
    for _ in range(20):
        requests.ask(store, "recheck", {}, now=now, deadline=now + timedelta(minutes=10))
    time.sleep(2)
    try:
        yield
    finally:
        stop.set()
        writer.join()
        store.close()


def write_as_desk(database: str, stop: multiprocessing.synchronize.Event) -> None:  # type: ignore[name-defined]
    """Fifty verbs a second: more than any desk, or ten."""
    store = open_store(database)
    while not stop.wait(0.02):
        with store.transaction() as conn:
            life.audit(conn, at=datetime.now(UTC), who="bench", what="write", subject="desk")
    store.close()


def report(what: str, idle: list[float], loaded: list[float]) -> None:
    before, after = quantiles(idle), quantiles(loaded)
    verdict = "met" if after[1] <= 100 else "NOT met"
    print(
        f"{what:9} idle p50 {before[0]:6.1f} p99 {before[1]:6.1f} ms   busy p50 {after[0]:6.1f} p99 {after[1]:6.1f} ms"
        f"   p99 ratio {after[1] / before[1]:4.1f}   goal p99 ≤ 100 ms {verdict}",
        flush=True,
    )


def quantiles(values: list[float]) -> tuple[float, float]:
    parts = statistics.quantiles(values, n=100)
    return parts[49], parts[98]


if __name__ == "__main__":
    main()
