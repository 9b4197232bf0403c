"""Data elements of short data sets ↔ bytes (PS3.5 7.1–7.5), for identifiers and command sets.

Values stay bytes and nothing is interpreted, so that a query with a value that breaks its VR is still a query. It also
is some twenty times faster than a general data set, which the worklist needs; images are pydicom's business.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pydicom.datadict import dictionary_VR

from radrecon.model.errors import ContentError

IMPLICIT_LE = "1.2.840.10008.1.2"
EXPLICIT_LE = "1.2.840.10008.1.2.1"
EXPLICIT_BE = "1.2.840.10008.1.2.2"
LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
SHORT_VRS = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
UNDEFINED = 0xFFFFFFFF
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Element:
    """A value, or the items of a sequence. A binary number (US) is kept little endian."""

    vr: str
    value: bytes = b""
    items: tuple[Item, ...] = ()


Item = dict[int, Element]
"""A data set or one item of a sequence: tag (group << 16 | element) → element."""


@lru_cache(maxsize=4096)
def usual_vr(tag: int) -> str:
    """The dictionary's VR; UN for what it does not know."""
    try:
        return str(dictionary_VR(tag))
    except KeyError:
        return "UN"


def parse(data: bytes, syntax: str) -> Item:
    """Bytes → elements. Raises ContentError for what is no data set in this transfer syntax."""
    try:
        item, _ = _Reader(data, syntax).item(0, len(data), 0)
        return item
    except (struct.error, ValueError) as error:
        raise ContentError(f"not a data set: {error}") from error


def encode(item: Item, syntax: str) -> bytes:
    """Elements → bytes, in the order of their tags, all lengths defined."""
    write = _write_implicit if syntax == IMPLICIT_LE else _write_explicit
    order = ">" if syntax == EXPLICIT_BE else "<"
    return b"".join([write(tag, item[tag], order, syntax) for tag in sorted(item)])


def _write_implicit(tag: int, element: Element, order: str, syntax: str) -> bytes:
    value = _items(element, order, syntax) if element.vr == "SQ" else element.value
    return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, len(value)) + value


def _write_explicit(tag: int, element: Element, order: str, syntax: str) -> bytes:
    vr = element.vr.encode()
    value = _items(element, order, syntax) if element.vr == "SQ" else element.value
    if element.vr == "US" and order == ">":
        value = value[::-1]
    head = struct.pack(order + "HH2s", tag >> 16, tag & 0xFFFF, vr)
    return head + struct.pack(order + ("HI" if vr in LONG_VRS else "H"), *([0] * (vr in LONG_VRS)), len(value)) + value


def _items(element: Element, order: str, syntax: str) -> bytes:
    bodies = [encode(item, syntax) for item in element.items]
    return b"".join([struct.pack(order + "HHI", 0xFFFE, 0xE000, len(body)) + body for body in bodies])


class _Reader:
    """Positions in one run of bytes; every length is held against the end of what encloses it."""

    def __init__(self, data: bytes, syntax: str) -> None:
        self._data = data
        self._implicit = syntax == IMPLICIT_LE
        order = ">" if syntax == EXPLICIT_BE else "<"
        self._tag_length = struct.Struct(order + "HHI")
        self._tag_vr = struct.Struct(order + "HH2sH")
        self._long = struct.Struct(order + "I")

    def item(self, at: int, end: int, depth: int) -> tuple[Item, int]:
        """Elements up to `end`, or up to an item's end mark."""
        found: Item = {}
        while at < end:
            tag, vr, length, at = self._head(at)
            if tag == ITEM_END:
                return found, at
            if length != UNDEFINED and at + length > end:
                raise ValueError("a value is longer than what holds it")
            found[tag], at = self._element(tag, vr, length, at, end, depth)
        return found, at

    def _head(self, at: int) -> tuple[int, str, int, int]:
        """Tag, VR, length, and where the value starts."""
        group, number, length = self._tag_length.unpack_from(self._data, at)
        tag = group << 16 | number
        if self._implicit or group == 0xFFFE:
            return tag, usual_vr(tag), length, at + 8
        _, _, vr, length = self._tag_vr.unpack_from(self._data, at)
        if vr in LONG_VRS:
            return tag, vr.decode(), self._long.unpack_from(self._data, at + 8)[0], at + 12
        if vr not in SHORT_VRS:
            raise ValueError("a value representation that does not exist")
        return tag, vr.decode(), length, at + 8

    def _element(self, tag: int, vr: str, length: int, at: int, end: int, depth: int) -> tuple[Element, int]:
        if vr == "SQ" or length == UNDEFINED or (vr == "UN" and usual_vr(tag) == "SQ" and length):
            # the content of an UN sequence is implicit VR little endian whatever the transfer syntax (PS3.5 6.2.2)
            reader = self if vr == "SQ" or self._implicit else _Reader(self._data, IMPLICIT_LE)
            items, after = reader.sequence(at, end if length == UNDEFINED else at + length, depth + 1)
            return Element("SQ", items=tuple(items)), after
        value = self._data[at : at + length]
        return Element(vr, value.rstrip(b"\0") if vr == "UI" else value), at + length

    def sequence(self, at: int, end: int, depth: int) -> tuple[list[Item], int]:
        if depth > DEEPEST:
            raise ValueError("sequences are nested too deeply")
        items: list[Item] = []
        while at < end:
            tag, _, length, at = self._head(at)
            if tag == SEQUENCE_END:
                break
            if tag != ITEM or (length != UNDEFINED and at + length > end):
                raise ValueError("a sequence holds something else than items")
            found, at = self.item(at, end if length == UNDEFINED else at + length, depth)
            items.append(found)
        return items, at


def walk(item: Item) -> Iterator[tuple[int, Element]]:
    """Every element of a data set, those of its sequences included."""
    for tag, element in item.items():
        yield tag, element
        for nested in element.items:
            yield from walk(nested)
