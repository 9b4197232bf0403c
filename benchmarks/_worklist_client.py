"""A modality as raw sockets: queries on an open association, and associations with one query each, by processes."""

from __future__ import annotations

import multiprocessing
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks._load import Address
from benchmarks._worklist_steps import ONE_STATION, greeting
from radrecon.dicom.dimse import PENDING, parse_command
from radrecon.dicom.pdu import fragments
from tests.unit.dicom.requests import RELEASE


class Association:
    """`source`: the address on loopback that it comes from."""

    def __init__(self, address: Address, called: str, source: str = "127.0.0.1") -> None:
        self._socket = socket.create_connection(address, 120, (source, 0))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")
        self._socket.sendall(greeting(called))
        assert self._pdu()[0] == 2, "association refused"

    def query(self, question: bytes, expected: int) -> float:
        """Seconds until the last answer is here."""
        started, answers, pending = time.perf_counter(), 0, True
        self._socket.sendall(question)
        while pending:
            kind, body = self._pdu()
            assert kind == 4, f"PDU type {kind}: {body!r}"
            for fragment in fragments(body):
                if fragment.is_command:
                    pending = (parse_command(fragment.data).status or 0) & 0xFF00 == PENDING
                    answers += pending
        spent = time.perf_counter() - started
        assert answers == expected, f"{answers} answers"
        return spent

    def release(self) -> None:
        self._socket.sendall(RELEASE)
        assert self._pdu()[0] == 6
        self.close()

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _pdu(self) -> tuple[int, bytes]:
        kind, length = struct.unpack(">BxI", self._file.read(6))
        return kind, self._file.read(length)


@contextmanager
def associated(address: Address, called: str) -> Iterator[Association]:
    one = Association(address, called)
    try:
        yield one
    finally:
        one.close()


def times(address: Address, called: str, question: bytes, expected: int, count: int) -> list[float]:
    """Of `count` queries on one association, after a first one that is not counted."""
    with associated(address, called) as one:
        return [one.query(question, expected) for _ in range(count + 1)][1 if count > 1 else 0 :]


def associations(address: Address, called: str, clients: int, expected: int, seconds: float) -> float:
    """How many associations with one query each are had per second, by so many processes at once."""
    context = multiprocessing.get_context("spawn")
    total, go = context.Value("q", 0), context.Event()
    ready = context.Barrier(clients + 1)
    arguments = (address, called, expected, seconds, total, go, ready)
    processes = [context.Process(target=_associate, args=arguments, daemon=True) for _ in range(clients)]
    for process in processes:
        process.start()
    ready.wait()
    started = time.perf_counter()
    go.set()
    for process in processes:
        process.join()
    return float(total.value) / (time.perf_counter() - started)


def _associate(address, called, expected, seconds, total, go, ready) -> None:  # type: ignore[no-untyped-def]
    done = 0
    ready.wait()
    go.wait()
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        one = Association(address, called)
        one.query(ONE_STATION, expected)
        one.release()
        done += 1
    with total.get_lock():
        total.value += done
