"""A message as a flat list of places and values: what is compared, and where a value is looked for.

A place is written as `OBX[2]-3[1].4`: the second OBX, field 3, the first repetition, component 4 (chapter 2). The
first segment of a name and the first repetition carry no index; a component always has its number, so that a field that
gains one keeps its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from radrecon.hl7v2.reader import Message, Segment

Flat = tuple[tuple[str, str], ...]
ORDER_SEGMENTS = frozenset({"ORC", "OBR", "IPC", "ZDS"})


def flatten(message: Message) -> Flat:
    """Every component that has a value, escapes read, blanks kept; MSH-1 is left out."""
    return tuple(_numbered(message.segments, message))


def flatten_orders(message: Message) -> list[Flat]:
    """The same for each order (an ORC and OBR with what follows them): what stands before the first belongs to all."""
    head, orders = _parted(message.segments)
    return [tuple(_numbered((*head, *order), message)) for order in orders]


def _parted(segments: Iterable[Segment]) -> tuple[list[Segment], list[list[Segment]]]:
    head: list[Segment] = []
    orders: list[list[Segment]] = []
    for segment in segments:
        if segment.name == "ORC" or (segment.name == "OBR" and _has_request(orders)):
            orders.append([])
        (orders[-1] if orders else head).append(segment)
    return head, orders


def _has_request(orders: list[list[Segment]]) -> bool:
    """Whether the next OBR opens another order: there is none yet, or the last one has its OBR."""
    return not orders or any(segment.name == "OBR" for segment in orders[-1])


def _numbered(segments: Iterable[Segment], message: Message) -> Iterator[tuple[str, str]]:
    seen: Counter[str] = Counter()
    for segment in segments:
        seen[segment.name] += 1
        yield from _segment(segment, _indexed(segment.name, seen[segment.name]), message)


def _segment(segment: Segment, name: str, message: Message) -> Iterator[tuple[str, str]]:
    first = 2 if segment.name == "MSH" else 1
    count = segment.text.count(message.delimiters.field) + (segment.name == "MSH")
    for number in range(first, count + 1):
        for repeat, field in enumerate(segment.repeats(number), 1):
            place = _indexed(f"{name}-{number}", repeat)
            whole = (segment.name, number) == ("MSH", 2)
            size = 1 if whole else field.raw.count(message.delimiters.component) + 1
            values = [field.raw] if whole else [field.whole(at) for at in range(1, size + 1)]
            yield from ((f"{place}.{at}", value) for at, value in enumerate(values, 1) if value)


def _indexed(name: str, index: int) -> str:
    return name if index == 1 else f"{name}[{index}]"
