"""A folder of HL7 files, each sent to a running engine as it is and, where it has no frame, framed: what came of it.

One loopback address per file, so that the journal's `peer` says which rows are its own. What a file must leave in the
journal is worked out without our own reader: its bytes, less frames, noise before the first header, batch segments.
"""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from radrecon.hl7v2.framing import frame
from radrecon.store import tables as t
from radrecon.store.database import open_store
from tests.e2e.hospital import Engine, Sender, code, orm

AT_ONCE = 8
PROBES = 200
_BATCH_LINE = re.compile(rb"(?:\A|(?<=[\r\n]))[ \t]*(?:FHS|BHS|BTS|FTS)(?:[^A-Za-z0-9\r\n][^\r\n]*)?(?:\r\n|[\r\n]|\Z)")
_HEADER_LINE = re.compile(rb"(?:\A|(?<=[\r\n\0\x0b\x1c]))[ \t\xef\xbb\xbf]*(?:MSH|FHS|BHS)[^A-Za-z0-9\s]")


@dataclass
class Sent:
    """One file on one connection: what was heard, and what the journal holds of it."""

    path: Path
    framed: bool
    data: bytes
    heard: bytes = b""
    address: str = ""
    raws: list[bytes] = field(default_factory=list)
    acks: list[bytes] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def answers(self) -> list[bytes]:
        return [one.lstrip(b"\x0b") for one in self.heard.split(b"\x1c\r") if one]

    @property
    def name(self) -> str:
        return f"{self.path.name} ({'framed' if self.framed else 'as it is'})"


@dataclass
class Result:
    sent: list[Sent]
    counts: Counter[str]
    wrong: list[str]
    before: float
    after: float
    log: str

    def lines(self) -> Iterator[str]:
        for name, count in self.counts.items():
            yield f"{name:44}{count:6}"
        yield f"{'processor time of a probe before, after':44}{self.before * 1000:6.1f} ms{self.after * 1000:6.1f} ms"


def files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".md"]


def run(desk: Engine, folder: Path) -> Result:
    """Everything in the folder, several files at once; the engine is probed before and after."""
    probe(desk, "0")
    before = probe(desk, "B")
    sent = [one for path in files(folder) for one in ways(path)]
    for number, one in enumerate(sent):
        one.address = f"127.1.{number // 250}.{number % 250 + 1}"
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda one: send(desk, one), sent))
    after = min(probe(desk, f"A{number}") for number in range(3))  # what the files caused is still being worked off
    read_journal(desk, sent)
    wrong = [line for one in sent for line in wrongs(one)]
    return Result(sent, counts(sent), wrong, before, after, desk.log())


def ways(path: Path) -> Iterator[Sent]:
    data = path.read_bytes()
    yield Sent(path, False, data)
    if not (b"\x0b" in data and b"\x1c" in data):
        yield Sent(path, True, frame(data))


def send(desk: Engine, one: Sent) -> None:
    """Send all, say that it was all, and listen until the engine closes."""
    with socket.create_connection(desk.mllp, timeout=60, source_address=(one.address, 0)) as peer:
        peer.sendall(one.data)
        peer.shutdown(socket.SHUT_WR)
        while data := peer.recv(65536):
            one.heard += data


def probe(desk: Engine, batch: str) -> float:
    """The engine's processor seconds for a plain order, from many, one after the other: what others do to the machine
    meanwhile does not show in them."""
    start = desk.processor_seconds()
    with Sender(desk.mllp) as sender:
        for number in range(PROBES):
            assert code(sender.send(orm(f"PROBE{batch}{number}", mrn="PROBE1"))) == "AA"
    return (desk.processor_seconds() - start) / PROBES


def read_journal(desk: Engine, sent: Sequence[Sent]) -> None:
    """What each file left behind."""
    by_address = {one.address: one for one in sent}
    store, m = open_store(desk.database), t.message.c
    with store.reading() as conn:
        rows = conn.execute(sa.select(m.peer, m.raw, m.ack, m.state, m.reason).order_by(m.id)).all()
    store.close()
    for row in rows:
        if one := by_address.get(row.peer.partition(":")[0]):
            one.raws.append(bytes(row.raw))
            one.acks.append(bytes(row.ack or b""))
            one.states.append(row.state)
            one.reasons.append(row.reason)


def wrongs(one: Sent) -> Iterator[str]:
    if one.answers != [part for ack in one.acks for part in parted(ack)]:
        yield f"{one.name}: what was heard is not what the journal says was answered"
    for state, reason in zip(one.states, one.reasons, strict=True):
        if state == "refused" and not reason:
            yield f"{one.name}: refused without a reason"
    if not one.raws and (one.framed or one.data.strip()):
        yield f"{one.name}: nothing in the journal"
    elif one.raws and b"".join(one.raws).replace(b"\x1c", b"") not in expected(one):
        yield f"{one.name}: not byte for byte in the journal"


def parted(ack: bytes) -> list[bytes]:
    """The answers of one message, joined in its row."""
    return [part for part in re.split(rb"(?=MSH\|)", ack) if part]


def expected(one: Sent) -> list[bytes]:
    """What the rows of a file hold together."""
    data = one.data
    if one.framed:
        data = data[1:-2]
    elif b"\x0b" in data and b"\x1c" in data:
        data = b"".join(part.partition(b"\x0b")[2] for part in re.split(rb"\x1c\r?", data))
    elif b"\x0b" in data:
        data = b"".join(part for part in data.split(b"\x0b") if part.strip())
    elif header := _HEADER_LINE.search(data):
        data = data[header.start() :]
    plain = data.replace(b"\x1c", b"")
    return [plain, _BATCH_LINE.sub(b"", plain)]


def counts(sent: Sequence[Sent]) -> Counter[str]:
    found: Counter[str] = Counter()
    found["files"] = len({one.path for one in sent})
    found["sent as they are"] = sum(not one.framed for one in sent)
    found["sent framed"] = sum(one.framed for one in sent)
    found["messages in the journal"] = sum(len(one.raws) for one in sent)
    for one in sent:
        for answer in one.answers:
            found["answered " + (answer.partition(b"\rMSA")[2][1:3].decode() or "otherwise")] += 1
        found["recorded, no answer asked for or possible"] += sum(not ack for ack in one.acks)
        found["no message in it, no answer"] += not one.raws and not one.answers
    return found
