"""The worklist of a running engine beside dcmtk's wlmscpfs, Orthanc's plug-in and pynetdicom over indexed SQLite.

With 1,000, 10,000 and 100,000 scheduled steps, of which 200 are today and 20 of those CT on CT1. The engine is the real
process on a real SQLite file, and records each query; the others keep nothing. One client for all: raw sockets on an
open association, dcmtk's `findscu` as a process, and associations with one query each. dcmtk's programs run with
TCP_NODELAY=1, Orthanc with TcpNoDelay. pynetdicom is shown as it comes and tuned (no Nagle, answers that are bytes
already). What asks most often gets most rounds; at 100,000 steps one query of wlmscpfs and Orthanc is enough.

RADRECON_BENCH_STEPS: sizes, `1000,10000,100000`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import _worklist_peers as peers
from benchmarks._load import Address
from benchmarks._table import median, row
from benchmarks._worklist_client import Association, associated, associations, times
from benchmarks._worklist_steps import ALL_OF_TODAY, ANSWERS, OF_TODAY, ONE_STATION, TODAY, fill, write_files
from tests.e2e.hospital import Engine, engine

SIZES = [int(size) for size in os.environ.get("RADRECON_BENCH_STEPS", "1000,10000,100000").split(",")]
OURS, ASSOCIATED_SECONDS, IDLE_SECONDS = 500, 4.0, 10.0
FASTER = {1_000: 50, 10_000: 0, 100_000: 2_000}
CLOCK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
Server = tuple[str, Address | None, str]


def main() -> None:
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="radrecon-bench-") as name, _servers(Path(name), size) as found:
            desk, others = found
            print(f"\n{size:,} scheduled steps")
            _queries(desk, others, size)
            if size == min(SIZES):
                _many_associations(desk, others)
                _idle(desk)


@contextmanager
def _servers(folder: Path, size: int) -> Iterator[tuple[Engine, list[Server]]]:
    """An engine and the peers, all with the same steps."""
    folder.chmod(0o755)
    write_files(folder / "files" / "PEER", size)
    url = f"sqlite:///{folder / 'radrecon.sqlite3'}"
    fill(url, size)
    with ExitStack() as stack:
        desk = stack.enter_context(engine(folder / "engine", "", url))
        files = folder / "files"
        others = [
            ("wlmscpfs", stack.enter_context(peers.wlmscpfs(files)), "PEER"),
            ("Orthanc", stack.enter_context(peers.orthanc(folder, files / "PEER")), "PEER"),
            ("pynetdicom", stack.enter_context(peers.pynetdicom(size, tuned=False)), "PEER"),
            ("tuned", stack.enter_context(peers.pynetdicom(size, tuned=True)), "PEER"),
        ]
        row("", "radrecon", *(name for name, _, _ in others), goal="goal")
        yield desk, others


# -- queries ----------------------------------------------------------------------------------------------------------


def _queries(desk: Engine, others: list[Server], size: int) -> None:
    with associated(desk.dicom, "RADRECON") as one:
        waited, first = (one.query(ONE_STATION, ANSWERS) for _ in range(2))
    typical = _row(f"today, CT, one station: {ANSWERS} answers", desk, others, size, (ONE_STATION, ANSWERS), 0.002)
    if typical[1] and (goal := FASTER.get(size)):
        ratio = typical[1] / typical[0]
        row("  times faster than wlmscpfs", f"{ratio:,.0f}×", goal=f"≥ {goal:,}×", met=ratio >= goal)
    row("  the engine's first query (it reads its list)", _ms(waited), goal="")
    row("  the second one", _ms(first), goal="")
    goal_of_all = 0.015 if size == 10_000 else 0.0
    _row(f"all of today: {OF_TODAY} answers", desk, others, size, (ALL_OF_TODAY, OF_TODAY), goal_of_all)
    _findscu(desk, others, size)
    row("engine's memory", f"{_memory(desk):,.0f} MB")


def _row(
    what: str, desk: Engine, others: list[Server], size: int, asked: tuple[bytes, int], goal: float
) -> list[float]:
    """Medians in seconds, ours first; 0 where a peer is not installed."""
    found = [median(times(desk.dicom, "RADRECON", *asked, OURS))]
    for name, address, called in others:
        slow = name in ("wlmscpfs", "Orthanc")
        count = 1 if slow and size > 10_000 else 5 if slow else 20
        found.append(median(times(address, called, *asked, count)) if address else 0.0)
    words = f"≤ {goal * 1000:.0f} ms" if goal else ""
    row(what, *map(_ms, found), goal=words, met=found[0] <= goal if goal else None)
    return found


def _findscu(desk: Engine, others: list[Server], size: int) -> None:
    if not shutil.which("findscu"):
        return
    servers = [("radrecon", desk.dicom, "RADRECON"), *others]
    found = []
    for name, address, called in servers:
        count = 1 if name in ("wlmscpfs", "Orthanc") and size > 10_000 else 5
        found.append(median([_one_findscu(address, called) for _ in range(count)]) if address else 0.0)
    row("the same by findscu, its own start included", *map(_ms, found))


def _one_findscu(address: Address, called: str) -> float:
    step = "(0040,0100)[0]."
    keys = [f"{step}Modality=CT", f"{step}ScheduledStationAETitle=CT1", "PatientName", "PatientID", "AccessionNumber"]
    keys.append(f"{step}ScheduledProcedureStepStartDate={TODAY:%Y%m%d}")
    command = ["findscu", "-W", "-aet", "CT1", "-aec", called]
    command += [part for key in keys for part in ("-k", key)]
    started = time.perf_counter()
    subprocess.run([*command, address[0], str(address[1])], env=peers.NO_NAGLE, check=True, capture_output=True)
    return time.perf_counter() - started


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.2f} ms" if seconds else "absent"


# -- associations -----------------------------------------------------------------------------------------------------


def _many_associations(desk: Engine, others: list[Server]) -> None:
    for clients in (1, 4):
        servers = [("radrecon", desk.dicom, "RADRECON"), *others]
        found = [
            associations(address, called, clients, ANSWERS, ASSOCIATED_SECONDS) if address else 0.0
            for _, address, called in servers
        ]
        ratio = found[0] / found[-1]
        what = f"associations with one query each, {clients} client{'s' * (clients > 1)}"
        row(what, *(f"{rate:,.0f}/s" for rate in found), goal="≥ 10× tuned", met=ratio >= 10)
        row("  times as many as pynetdicom tuned", f"{ratio:.1f}×")


def _idle(desk: Engine) -> None:
    before = _busy(desk, IDLE_SECONDS)
    row("engine's processor use, nobody associated", f"{before:.1%}")
    for count in (10, 50):
        # sixteen per peer are allowed: they come from several addresses
        peers_of = [Association(desk.dicom, "RADRECON", f"127.0.0.{2 + number // 10}") for number in range(count)]
        used = _busy(desk, IDLE_SECONDS)
        for one in peers_of:
            one.close()
        row(f"  with {count} idle associations", f"{used:.1%}", goal="≤ 1 %", met=used <= 0.01)
        more = max(0.0, used - before)
        row("    more than without them", f"{more:.1%}")


def _busy(desk: Engine, seconds: float) -> float:
    """Of one core, by the engine's process (its worker is another)."""
    before = _ticks(desk)
    time.sleep(seconds)
    return (_ticks(desk) - before) / CLOCK / seconds


def _of_process(desk: Engine, name: str) -> str:
    assert desk.process
    return Path(f"/proc/{desk.process.pid}/{name}").read_text("ascii")


def _ticks(desk: Engine) -> int:
    fields = _of_process(desk, "stat").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _memory(desk: Engine) -> float:
    found = re.search(r"VmRSS:\s+(\d+)", _of_process(desk, "status"))
    assert found
    return int(found[1]) / 1024
