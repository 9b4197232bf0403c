"""Published messages of many senders, read in place: nothing but Trouble is ever raised, and another reader agrees."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hl7
import pytest

from radrecon.hl7v2.adt import read_adt_events
from radrecon.hl7v2.framing import Deframer, split_batch
from radrecon.hl7v2.orders import read_orders
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.reports import read_reports
from radrecon.model.errors import Trouble

CORPUS = Path(os.environ.get("RADRECON_CORPUS", "/nonexistent"))
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="RADRECON_CORPUS names no folder of HL7 messages")

FIELDS = ("PID-3", "PID-5", "PID-7", "PID-8", "ORC-1", "ORC-2", "ORC-3", "OBR-4", "OBX-5")


def files() -> Iterator[Path]:
    return (path for path in sorted(CORPUS.rglob("*")) if path.is_file() and path.suffix != ".md")


def messages() -> Iterator[tuple[Path, bytes]]:
    """Each message of each file, as the listener would part them."""
    for path in files():
        raw = path.read_bytes()
        framed = [one.raw for one in Deframer(16 << 20).feed(raw)] if b"\x0b" in raw and b"\x1c" in raw else [raw]
        yield from ((path, part) for one in framed for part in split_batch(one))


def parsed() -> Iterator[tuple[Path, Message]]:
    for path, raw in messages():
        try:
            yield path, Message.parse(raw)
        except Trouble:
            continue


def test_nothing_but_trouble_is_ever_raised() -> None:
    seen: Counter[str] = Counter()
    for _, raw in messages():
        try:
            message = Message.parse(raw)
        except Trouble:
            seen["refused"] += 1
            continue
        for read in (read_adt_events, read_orders, read_reports):
            try:
                seen[read.__name__] += len(read(message))
            except Trouble as trouble:
                seen[f"{read.__name__}: {trouble}"] += 1
    assert sum(seen.values()) > 900
    assert seen["read_orders"] > 100
    assert seen["read_reports"] > 100


def test_what_the_listener_gets_byte_by_byte_is_what_it_gets_at_once() -> None:
    for path in files():
        raw = path.read_bytes()[:4096]
        slow, quick = Deframer(1 << 20), Deframer(1 << 20)
        single = [frame for at in range(len(raw)) for frame in slow.feed(raw[at : at + 1])]
        assert single + slow.close() == quick.feed(raw) + quick.close(), path.name


def test_another_reader_finds_the_same_values() -> None:
    compared: Counter[str] = Counter()
    different: list[str] = []
    for path, message in parsed():
        other = _other(message)
        if other is None:
            compared["not parsed by the other"] += 1
            continue
        for where in FIELDS:
            ours, theirs = _ours(message, where), _theirs(other, where)
            compared[where] += bool(ours)
            if ours != theirs:
                different.append(f"{path.name} {where}: {ours!r} != {theirs!r}")
    assert not different, f"{len(different)}\n" + "\n".join(different[:40])
    assert all(compared[where] for where in FIELDS), compared


def _ours(message: Message, where: str) -> list[str]:
    """The field as it stands, escapes kept, in every segment of that name."""
    return [segment.raw(int(where[4:])).strip() for segment in message.all(where[:3])]


def _other(message: Message) -> hl7.Message | None:
    text = message.text.replace("\r\n", "\r").replace("\n", "\r")
    try:
        return hl7.parse(text)
    except Exception:
        return None


def _theirs(other: hl7.Message, where: str) -> list[str]:
    found = []
    for segment in other:
        if str(segment[0]) == where[:3]:
            at = int(where[4:])
            found.append(str(segment[at]).strip() if at < len(segment) else "")
    return found
