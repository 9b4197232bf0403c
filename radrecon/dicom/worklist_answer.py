"""A scheduled procedure step → the data set that answers a query: what was asked for, and nothing else (PS3.4 K.4)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from radrecon.dicom import charset
from radrecon.dicom.elements import Element, Item
from radrecon.dicom.transliterate import fitted, fitted_name
from radrecon.dicom.worklist_attributes import ORDER, Entry, Leaf, Nested
from radrecon.dicom.worklist_query import SPECIFIC_CHARACTER_SET, WorklistQuery
from radrecon.model.order import Order, Step

Tree = dict[int, "tuple[str, str] | list[Tree]"]
"""Tag → VR and text, or the items of a sequence; not yet in any character set."""

# identifiers are never cut: a shortened accession number is an orphan
CUT_AT = {0x00321060: 64, 0x00400007: 64, 0x00401002: 64, 0x00080104: 64, 0x00102000: 64}
CUT_AT |= {0x00400010: 16, 0x00400011: 16, 0x00380300: 64, 0x00380500: 64, 0x00401004: 64}
NOT_TEXT = frozenset(("AE", "AS", "CS", "DA", "DS", "TM", "UI", "US"))
NO_DAY = "19000101"


def answer(
    query: WorklistQuery,
    order: Order,
    step: Step,
    day: str = NO_DAY,
    fixed: str | None = None,
    declare_only_when_asked: bool = False,
) -> Item:
    """`day` (as DA) is what a modality is told where nobody knows the start: the date of the query is best.

    `fixed`: the character set of all answers, "" for ASCII; None = the least that holds this one. The character set is
    declared where it is not ASCII; `declare_only_when_asked`: not even then, unless (0008,0005) was a key.
    """
    tree = filled(query.asked, order, step, day)
    term = charset.choose(_texts(tree), query.charset) if fixed is None else fixed
    item = _encoded(tree, term)
    if term and (SPECIFIC_CHARACTER_SET in query.asked or not declare_only_when_asked):
        item[SPECIFIC_CHARACTER_SET] = Element("CS", _even(term.encode(), b" "))
    return item


def filled(asked: Mapping[int, Any], order: Order, step: Step, day: str = NO_DAY) -> Tree:
    """The values of an answer before they are in any character set; of sequences those items that are asked for."""
    return _fill(asked, ORDER, Entry(order, step, day))


def _fill(asked: Mapping[int, Any], known: Mapping[int, Leaf | Nested], entry: Any) -> Tree:
    tree: Tree = {}
    for tag in asked:
        source = known.get(tag)
        if isinstance(source, Leaf):
            tree[tag] = source.vr, _clean(source, source.value(entry), CUT_AT.get(tag))
        elif source is not None:
            wanted = source.children if source.whole else _wanted(asked[tag], source)
            tree[tag] = [_fill(wanted, source.children, nested) for nested in source.entries(entry)]
    return tree


def _wanted(element: Element, source: Nested) -> Mapping[int, Any]:
    """The keys of the item that was asked for; all that there are, where it is empty or there is none."""
    return (element.items and element.items[0]) or source.children


def _clean(source: Leaf, text: str, longest: int | None) -> str:
    """A text that its VR can hold: no control characters, no backslash that would make two values of one.

    An accent that is a letter of its own (ü as u and ¨) is joined: no set but Unicode has it, and few consoles draw it.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    if "\\" in text and not source.several:
        text = text.replace("\\", "/")
    return text[:longest].strip()


def _texts(tree: Tree) -> Iterator[str]:
    for value in tree.values():
        if isinstance(value, list):
            for item in value:
                yield from _texts(item)
        elif value[0] not in NOT_TEXT:
            yield value[1]


def _encoded(tree: Tree, term: str) -> Item:
    item: Item = {}
    for tag, value in tree.items():
        if isinstance(value, list):
            item[tag] = Element("SQ", items=tuple(_encoded(nested, term) for nested in value))
        else:
            item[tag] = Element(value[0], _bytes(tag, *value, term))
    return item


def _bytes(tag: int, vr: str, text: str, term: str) -> bytes:
    if vr == "US":
        return int(text).to_bytes(2, "little") if text.isascii() and text.isdigit() and int(text) < 1 << 16 else b""
    if vr in NOT_TEXT:
        term = charset.ASCII
    raw = text.encode("ascii") if text.isascii() else charset.encode(in_set(tag, vr, text, term), term)
    return _even(raw, b"\0" if vr == "UI" else b" ")


def in_set(tag: int, vr: str, text: str, term: str) -> str:
    """The text in letters that the character set has."""
    fits = partial(charset.holds, term=term)
    return (fitted_name(text, fits) if vr == "PN" else fitted(text, fits))[: CUT_AT.get(tag)]


def _even(raw: bytes, pad: bytes) -> bytes:
    return raw + pad if len(raw) % 2 else raw
