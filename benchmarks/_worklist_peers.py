"""Worklist servers to stand beside: dcmtk's wlmscpfs, Orthanc with its plug-in, pynetdicom over indexed SQLite."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

from benchmarks._load import Address
from benchmarks._worklist_steps import data_sets, steps
from radrecon.sim.pacs import free_port

PLUGIN = Path("/usr/share/orthanc/plugins/libModalityWorklists.so")
NO_NAGLE = os.environ | {"TCP_NODELAY": "1"}


@contextmanager
def wlmscpfs(folder: Path) -> Iterator[Address | None]:
    """`folder`/PEER holds the files; None where it is not installed."""
    if not shutil.which("wlmscpfs"):
        yield None
        return
    port = free_port()
    with _process(["wlmscpfs", "-q", "-dfr", "-dfp", str(folder), str(port)], port) as address:
        yield address


@contextmanager
def orthanc(folder: Path, files: Path) -> Iterator[Address | None]:
    if not (shutil.which("Orthanc") and PLUGIN.exists()):
        yield None
        return
    port, folder = free_port(), folder / f"orthanc-{time.monotonic_ns()}"
    folder.mkdir()
    settings = {
        "Name": "bench", "HttpServerEnabled": False, "DicomPort": port, "DicomCheckCalledAet": False,
        "DicomModalities": {one: [one, "127.0.0.1", 104] for one in ("CT1", "CONSOLE")},
        "StorageDirectory": str(folder), "IndexDirectory": str(folder), "Plugins": [str(PLUGIN)], "TcpNoDelay": True,
        "Worklists": {"Enable": True, "Database": str(files), "FilterIssuerAet": False, "LimitAnswers": 0},
    }  # fmt: skip
    config = folder / "orthanc.json"
    config.write_text(json.dumps(settings))
    with _process(["Orthanc", str(config)], port) as address:
        yield address


@contextmanager
def _process(command: list[str], port: int) -> Iterator[Address]:
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=NO_NAGLE, **quiet)
    try:
        _until_it_listens(port)
        yield "127.0.0.1", port
    finally:
        process.terminate()
        process.wait()


def _until_it_listens(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(0.3)
            return
    raise TimeoutError(f"nothing listens on {port}")


@contextmanager
def pynetdicom(count: int, *, tuned: bool) -> Iterator[Address]:
    """`tuned`: no Nagle, and answers that were encoded before."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(theirs, count, tuned), daemon=True)
    process.start()
    try:
        yield "127.0.0.1", ours.recv()
    finally:
        process.kill()
        process.join()


def _serve(pipe: Pipe, count: int, tuned: bool) -> None:
    from pynetdicom import AE, evt, service_class

    database = _indexed(count)
    encode: Any = service_class.encode  # type: ignore[attr-defined]
    if tuned:
        service_class.encode = lambda found, *rest: getattr(found, "ready", None) or encode(found, *rest)  # type: ignore[attr-defined]
    ae = AE(ae_title="PEER")
    ae.maximum_associations = 64
    ae.add_supported_context("1.2.840.10008.5.1.4.31", ["1.2.840.10008.1.2.1"])
    handlers: Any = [(evt.EVT_C_FIND, lambda event: _found(event, database, tuned))]
    if tuned:
        handlers.append((evt.EVT_CONN_OPEN, _no_nagle))
    server: Any = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    pipe.send(server.socket.getsockname()[1])
    time.sleep(3600)


def _no_nagle(event: Any) -> None:
    event.assoc.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _indexed(count: int) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("CREATE TABLE step (day, station, modality, data)")
    rows = zip(steps(count), data_sets(count), strict=True)
    values = (
        (step.start[:10].replace("-", ""), step.station_ae_title, step.modality, data) for (_, step), data in rows
    )
    database.executemany("INSERT INTO step VALUES (?, ?, ?, ?)", values)
    database.execute("CREATE INDEX found ON step (day, station, modality)")
    return database


def _found(event: Any, database: sqlite3.Connection, tuned: bool) -> Iterator[tuple[int, Any]]:
    from pydicom.dataset import Dataset
    from pydicom.filereader import read_dataset

    asked = event.identifier.ScheduledProcedureStepSequence[0]
    query, values = "SELECT data FROM step WHERE day = ?", [asked.ScheduledProcedureStepStartDate]
    for column, value in (("station", asked.ScheduledStationAETitle), ("modality", asked.Modality)):
        if value:
            query, values = f"{query} AND {column} = ?", [*values, value]
    for (data,) in database.execute(query, values).fetchall():
        found: Any = Dataset() if tuned else read_dataset(BytesIO(data), False, True)
        if tuned:
            object.__setattr__(found, "ready", data)
        yield 0xFF00, found
