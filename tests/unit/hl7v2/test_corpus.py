"""Published messages of many senders, read in place: nothing but Trouble is ever raised, and another reader agrees."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hl7
import pytest

from radrecon.hl7v2.adt import read_adt_events
from radrecon.hl7v2.charset import decode
from radrecon.hl7v2.escape import unescape
from radrecon.hl7v2.framing import Deframer, split_batch
from radrecon.hl7v2.orders import read_orders
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.reports import read_reports
from radrecon.model.errors import Trouble

CORPUS = Path(os.environ.get("RADRECON_CORPUS") or "/nonexistent")
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


def test_another_reader_finds_the_same_values(capsys: pytest.CaptureFixture[str]) -> None:
    """Every component of every repetition of those fields in every segment, unescaped by each reader itself."""
    counted: Counter[str] = Counter()
    unexplained: list[str] = []
    for path, message in parsed():
        other = _other(message)
        counted["messages read by both" if other else "not parsed by the other"] += 1
        for where in FIELDS if other else ():
            ours, theirs = _ours(message, where), _theirs(other, where)
            counted[where] += len(ours)
            if [at for at, _ in ours] != [at for at, _ in theirs]:
                unexplained.append(f"{path.name} {where}: {len(ours)} values, not {len(theirs)}")
                continue
            for (at, text), (_, their) in zip(ours, theirs, strict=True):
                rules = _why_different(text, their, message, other)
                counted.update(rules or ())
                if rules is None:
                    unexplained.append(f"{path.name} {where} {at}: {text!r} {their!r}")
    with capsys.disabled():
        print("", *(f"{count:6} {what}" for what, count in counted.items()), sep="\n")
    assert not unexplained, f"{len(unexplained)}\n" + "\n".join(unexplained[:40])
    assert all(counted[where] for where in FIELDS)


def test_every_way_to_a_value_leads_to_what_stands_there() -> None:
    seen = 0
    for _, message in parsed():
        for where in FIELDS:
            for (line, time, component, below), text in _ours(message, where):
                segment, value = message.all(where[:3])[line], unescape(text, message.delimiters, message.charset)
                assert segment.repeats(int(where[4:]))[time].get(component + 1, below + 1) == value.strip()
                if time == 0:
                    assert segment.get(f"{where[4:]}.{component + 1}.{below + 1}") == value.strip()
                if (line, time, component, below) == (0, 0, 0, 0):
                    assert Message.parse(message.raw).get(where) == value.strip()
                seen += 1
    assert seen > 10_000


EXPLAINED = {
    "a line break (.br) is LF here, CR there": r"\.br",
    "layout and bold type are kept as they stand here, turned into blanks and underscores there": (
        r"[HN]|\.(?:sp|in|ti|ce|fi|nf|sk)[^E]*?"
    ),
    "an escape of the site's own, or to an unknown character set, keeps its text here, is left out there": (
        r"(?:Z|[CM][0-9A-F]{4})[^E]*?"
    ),
    "the truncation character of 2.7 is known here": "P",
}
"""What the two readers do differently, by the body of the escape sequence that makes them differ."""

Place = tuple[int, int, int, int]


def _ours(message: Message, where: str) -> list[tuple[Place, str]]:
    """Text as it stands, by segment, repetition, component and subcomponent."""
    marks, number = message.delimiters, int(where[4:])
    return [
        ((*at, component, below), text)
        for line, segment in enumerate(message.all(where[:3]))
        for at, field in (((line, time), field) for time, field in enumerate(segment.repeats(number)))
        for component, part in enumerate(field.raw.split(marks.component))
        for below, text in enumerate(part.split(marks.subcomponent))
    ]


def _other(message: Message) -> hl7.Message | None:
    """By the other reader, from the bytes, with line ends as it needs them."""
    text = decode(message.raw)[0].replace("\r\n", "\r").replace("\n", "\r").replace("\0", "")
    try:
        return hl7.parse(text)
    except Exception:
        return None


def _theirs(other: hl7.Message, where: str) -> list[tuple[Place, str]]:
    named = [segment for segment in other if str(segment[0]).strip() == where[:3]]
    at = int(where[4:])
    return [
        ((line, time, component, below), str(text))
        for line, segment in enumerate(named)
        if at < len(segment) and str(segment[at])
        for time, repetition in enumerate(segment[at])
        for component, part in enumerate(_parts(repetition))
        for below, text in enumerate(_parts(part))
    ]


def _parts(value: object) -> list[object]:
    return list(value) if isinstance(value, hl7.Container) else [value]


def _why_different(text: str, their: str, message: Message, other: hl7.Message) -> list[str] | None:
    """[] where both read the same; the rules that say why not; None where none says it."""
    if _agree(text, their, message, other):
        return []
    mark = re.escape(message.delimiters.escape)
    found = {name: f"{mark}(?:{body}){mark}" for name, body in EXPLAINED.items()}
    rules = [name for name, pattern in found.items() if re.search(pattern, text)]
    for name in rules:
        text, their = re.sub(found[name], "", text), re.sub(found[name], "", their)
    return rules if rules and _agree(text, their, message, other) else None


def _agree(text: str, their: str, message: Message, other: hl7.Message) -> bool:
    return unescape(text, message.delimiters, message.charset).strip() == str(other.unescape(their)).strip()
