"""The sending side, in a process of its own: raw sockets, bytes made before the clock starts.

A connection keeps `window` messages under way: one is send → wait for the acknowledgement → next, a great many is a
sender that never waits. With due times it sends at those, whatever has been answered (open loop), and an answer's delay
counts from when its message was due.
"""

from __future__ import annotations

import multiprocessing
import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from typing import Any

Address = tuple[str, int]
NEVER_WAITS = 1 << 30
SILENT_SECONDS = 120.0
_END = b"\x1c\r"


@dataclass(frozen=True)
class Lane:
    """What one connection sends; `due` are seconds after the start."""

    frames: Sequence[bytes]
    window: int = 1
    due: Sequence[float] = ()


@dataclass
class Outcome:
    """`delays` in seconds, in the order of the answers; `held` how often a socket took no more; `ahead` the most
    messages that any connection had sent and not been answered."""

    seconds: float = 0.0
    answers: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    delays: list[float] = field(default_factory=list)
    held: int = 0
    ahead: int = 0

    @property
    def rate(self) -> float:
        return self.answers / self.seconds


Lanes = Callable[..., Sequence[Lane]]


def send(address: Address, make: Lanes, *arguments: Any) -> Outcome:
    """Send what `make(*arguments)` returns, from another process; returns when all is answered."""
    with sending(address, make, *arguments) as (_, result):
        return result()


@contextmanager
def sending(address: Address, make: Lanes, *arguments: Any) -> Iterator[tuple[Any, Callable[[], Outcome]]]:
    """The same under way: a counter of the answers so far, and what waits for the end."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    counter = context.Value("q", 0, lock=False)
    process = context.Process(target=_run, args=(theirs, counter, address, make, arguments), daemon=True)
    process.start()
    theirs.close()
    assert ours.recv() == "started"
    try:
        yield counter, lambda: _result(ours)
    finally:
        process.kill()
        process.join()
        ours.close()


def _result(pipe: Pipe) -> Outcome:
    found = pipe.recv()
    if isinstance(found, Exception):
        raise found
    assert isinstance(found, Outcome)
    return found


def _run(pipe: Pipe, counter: Any, address: Address, make: Lanes, arguments: tuple[Any, ...]) -> None:
    lanes = make(*arguments)
    pipe.send("started")
    try:
        pipe.send(Load(address, lanes, counter).run())
    except Exception as error:
        pipe.send(RuntimeError(f"{type(error).__name__}: {error}"))


class _Peer:
    """One connection; `at` messages are handed to the socket, `answered` of them are answered."""

    def __init__(self, address: Address, lane: Lane) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.lane = lane
        self.at = self.answered = 0
        self.rest = memoryview(b"")
        self.tail = b""
        self.sent: deque[float] = deque()
        self.blocked = False

    @property
    def done(self) -> bool:
        return self.answered == len(self.lane.frames)

    def next_due(self) -> float:
        """When the next message is to leave, in seconds after the start; a great many: not now."""
        if self.rest or self.at == len(self.lane.frames) or self.at - self.answered >= self.lane.window:
            return float("inf")
        return self.lane.due[self.at] if self.lane.due else 0.0


class Load:
    def __init__(self, address: Address, lanes: Sequence[Lane], counter: Any) -> None:
        self._peers = [_Peer(address, lane) for lane in lanes if lane.frames]
        self._selector = selectors.DefaultSelector()
        self._counter = counter
        self._outcome = Outcome()

    def run(self) -> Outcome:
        for peer in self._peers:
            self._selector.register(peer.socket, selectors.EVENT_READ, peer)
        self._start = time.perf_counter()
        left, heard = set(self._peers), self._start
        while left:
            wait = self._send_what_is_due(left)
            for key, events in self._selector.select(min(wait, SILENT_SECONDS)):
                heard = time.perf_counter()
                if events & selectors.EVENT_WRITE:
                    self._push(key.data)
                if events & selectors.EVENT_READ and self._read(key.data):
                    left.discard(key.data)
            if time.perf_counter() - heard > SILENT_SECONDS:
                raise TimeoutError(f"no answer for {SILENT_SECONDS:.0f} s; {self._outcome.answers} so far")
        self._outcome.seconds = time.perf_counter() - self._start
        for peer in self._peers:
            peer.socket.close()
        return self._outcome

    def _send_what_is_due(self, peers: set[_Peer]) -> float:
        """Returns how long until something else is due."""
        soonest = float("inf")
        for peer in peers:
            while (due := peer.next_due()) <= time.perf_counter() - self._start:
                self._send_next(peer)
            soonest = min(soonest, due)
        return max(0.0, soonest - (time.perf_counter() - self._start))

    def _send_next(self, peer: _Peer) -> None:
        due = peer.lane.due
        peer.sent.append(self._start + due[peer.at] if due else time.perf_counter())
        peer.rest = memoryview(peer.lane.frames[peer.at])
        peer.at += 1
        self._outcome.ahead = max(self._outcome.ahead, peer.at - peer.answered)
        self._push(peer)

    def _push(self, peer: _Peer) -> None:
        try:
            while peer.rest:
                peer.rest = peer.rest[peer.socket.send(peer.rest) :]
        except BlockingIOError:
            self._outcome.held += not peer.blocked
        if peer.blocked != bool(peer.rest):
            peer.blocked = bool(peer.rest)
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if peer.blocked else 0)
            self._selector.modify(peer.socket, events, peer)

    def _read(self, peer: _Peer) -> bool:
        """Whether this connection has all its answers."""
        data = peer.socket.recv(1 << 16)
        if not data:
            raise ConnectionError(f"closed after {peer.answered} of {len(peer.lane.frames)} answers")
        *answers, peer.tail = (peer.tail + data).split(_END)
        now = time.perf_counter()
        for answer in answers:
            self._outcome.delays.append(now - peer.sent.popleft())
            self._outcome.codes[_code(answer)] += 1
        peer.answered += len(answers)
        self._outcome.answers += len(answers)
        self._counter.value = self._outcome.answers
        return peer.done


def _code(answer: bytes) -> str:
    """MSA-1."""
    at = answer.find(b"\rMSA|")
    return answer[at + 5 : at + 7].decode("ascii", "replace") if at >= 0 else ""
