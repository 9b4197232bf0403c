"""Slow, huge and broken senders at a real engine: nobody else waits, nothing is half taken."""

from __future__ import annotations

import contextlib
import re
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from radrecon.hl7v2.framing import Deframer, frame
from tests.e2e.hospital import Engine, Sender, code, engine, orm, send, until
from tests.wire.intake_ward import desk, held, same_process

__all__ = ["desk"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


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
