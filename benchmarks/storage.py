"""C-STORE taken in: 512 kB CT instances by storescu on one association, beside storescp, Orthanc and pynetdicom.

Ours answers when the facts are durable in the database, with its worker running; storescp, Orthanc and pynetdicom's
server keep files. Each has its folder on the same disk, and TCP_NODELAY.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

from benchmarks._table import median, row

INSTANCES, ROUNDS = 200, 3
LONG_ROUNDS = int(os.environ.get("RADRECON_BENCH_LONG", "10"))
ENVIRONMENT = os.environ | {"TCP_NODELAY": "1"}
PYNETDICOM = """
import sys
from pathlib import Path
from pynetdicom import AE, evt, AllStoragePresentationContexts
folder = Path(sys.argv[2])
def store(event):
    dataset = event.dataset
    dataset.file_meta = event.file_meta
    dataset.save_as(folder / f"{event.request.AffectedSOPInstanceUID}.dcm")
    return 0
ae = AE(ae_title="PEER")
ae.maximum_pdu_size = 131072
ae.supported_contexts = AllStoragePresentationContexts
ae.start_server(("127.0.0.1", int(sys.argv[1])), evt_handlers=[(evt.EVT_C_STORE, store)])
"""


def make(folder: Path) -> list[Path]:
    """One series of 512 × 512 CT images."""
    study, series, paths = generate_uid(), generate_uid(), []
    dataset = dcmread(get_testdata_file("CT_small.dcm"))
    dataset.Rows = dataset.Columns = 512
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, series
    for number in range(1, INSTANCES + 1):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.InstanceNumber, dataset.PixelData = number, os.urandom(4096) * 128
        paths.append(folder / f"{number:04}.dcm")
        dataset.save_as(paths[-1])
    return paths


def per_second(port: int, paths: list[Path]) -> float:
    """One association; its time is storescu's whole life."""
    command = ["storescu", "-aet", "CT1", "-aec", "PEER", "127.0.0.1", str(port), *map(str, paths)]
    started = time.perf_counter()
    subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, timeout=300)
    return len(paths) / (time.perf_counter() - started)


def rate(port: int, paths: list[Path]) -> float:
    return median([per_second(port, paths) for _ in range(ROUNDS)])


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def memory(pid: int) -> float:
    """Resident set, MiB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


@contextmanager
def process(command: list[str], port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Running, and answering at the port."""
    quiet = subprocess.DEVNULL
    one = subprocess.Popen(command, env=ENVIRONMENT, cwd=folder, stdout=quiet, stderr=quiet, stdin=quiet)
    try:
        wait_for(port)
        yield one
    finally:
        one.terminate()
        one.wait(20)


def wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("a server does not come up")


def radrecon(folder: Path, port: int) -> list[str]:
    config = folder / "radrecon.toml"
    config.write_text('[engine]\nstorage = "any"\nmllp_port = 0\n', "utf-8")
    return [sys.executable, "-m", "radrecon", "engine", "--config", str(config), "--dicom-port", str(port),
            "--database", f"sqlite:///{folder / 'radrecon.sqlite3'}"]  # fmt: skip


def orthanc(folder: Path, port: int) -> list[str]:
    settings = {
        "StorageDirectory": str(folder),
        "IndexDirectory": str(folder),
        "DicomPort": port,
        "HttpServerEnabled": False,
    }
    settings |= {"DicomAet": "PEER", "DicomServerEnabled": True, "Plugins": [], "DicomCheckCalledAet": False}
    path = folder / "orthanc.json"
    path.write_text(json.dumps(settings), "utf-8")
    return [shutil.which("Orthanc") or "/usr/sbin/Orthanc", str(path)]


def peers(folder: Path) -> Iterator[tuple[str, list[str], int]]:
    port = free_port()
    if shutil.which("storescp"):
        yield "storescp (dcmtk)", ["storescp", "-od", str(folder), str(port)], port
    port = free_port()
    if shutil.which("Orthanc") or Path("/usr/sbin/Orthanc").exists():
        yield "Orthanc", orthanc(folder, port), port
    port = free_port()
    yield "pynetdicom", [sys.executable, "-c", PYNETDICOM, str(port), str(folder)], port


def main() -> None:
    if not shutil.which("storescu"):
        print("storescu (dcmtk) is not installed")
        return
    with tempfile.TemporaryDirectory() as temporary:
        paths = make(Path(temporary))
        rates = {}
        for name, command, port in peers(_made(Path(temporary) / "peers")):
            with process(command, port, Path(temporary)):
                rates[name] = rate(port, paths)
        ours, before, after = our_rate(_made(Path(temporary) / "ours"), paths)
    for name, figure in rates.items():
        row(name, f"{figure:.0f}/s")
    least = 0.8 * rates.get("storescp (dcmtk)", 0.0)
    row("radrecon, facts durable", f"{ours:.0f}/s", goal="storescp less 20 %", met=ours >= least)
    sent = LONG_ROUNDS * INSTANCES
    row(f"  engine's memory, {sent} instances later", f"{before:.0f} MiB", f"{after:.0f} MiB", goal="flat")


def our_rate(folder: Path, paths: list[Path]) -> tuple[float, float, float]:
    """Instances per second, and the engine's memory before and after the long run."""
    port = free_port()
    with process(radrecon(folder, port), port, folder) as engine:
        ours, before = rate(port, paths), memory(engine.pid)
        for _ in range(LONG_ROUNDS):
            per_second(port, paths)
        return ours, before, memory(engine.pid)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
