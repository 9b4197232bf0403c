"""Matching of person names as people type them at a console (PS3.4 C.2.2.2.1, C.2.2.2.4).

Case, accents, apostrophes and hyphens never count; umlauts match both their plain and their written-out form. A key
with carets is matched component by component, and components that it leaves out match everything; one without is read
as the family name and, where words follow, the given names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from radrecon.model.letters import LETTERS
from radrecon.model.names import NameGroup, PersonName

WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
KANA = {hiragana: hiragana + 0x60 for hiragana in range(0x3041, 0x3097)}
"""To katakana: consoles type the one, registers hold the other."""

APOSTROPHES = re.compile("['’‘`´ʼ]")
PUNCTUATION = re.compile(r"[-.,\s]+")


def glob(pattern: str, text: str) -> bool:
    """`*` any characters, `?` exactly one. Linear in both, so that no pattern can keep the engine busy."""
    if "*" not in pattern and "?" not in pattern:
        return pattern == text
    at = place = resume = 0
    star = -1
    while at < len(text):
        if place < len(pattern) and pattern[place] == "*":
            star, resume, place = place, at, place + 1
        elif place < len(pattern) and pattern[place] in ("?", text[at]):
            at, place = at + 1, place + 1
        elif star >= 0:
            resume += 1
            at, place = resume, star + 1
        else:
            return False
    return not pattern[place:].strip("*")


def name_matches(key: str, name: PersonName) -> bool:
    """Whether a PN key takes a name. A key of one group may mean any of the name's three."""
    asked = key.split("=")[:3]
    groups = (name.alphabetic, name.ideographic, name.phonetic)
    if len(asked) == 1:
        return any(group and group_matches(key, group) for group in groups)
    return all(not part.strip(" ^*") or group_matches(part, group) for part, group in zip(asked, groups, strict=False))


def group_matches(key: str, group: NameGroup) -> bool:
    return any(_matches(_key(key, folding), _stored(group, folding)) for folding in (plain, written_out))


def _matches(key: tuple[str, ...], stored: tuple[tuple[str, ...], tuple[str, ...], str]) -> bool:
    components, readings, whole = stored
    if len(key) == 1:
        return any(glob(key[0], reading) for reading in readings)
    if len(key) <= len(components) and all(
        not wanted or glob(wanted, has) for wanted, has in zip(key, components, strict=False)
    ):
        return True
    return glob("^".join(key).rstrip("^"), whole)  # a `*` may stand for carets too


def plain(text: str) -> str:
    """No case, accents, punctuation; carets and wildcards stay. Marks are taken off Latin and Greek letters only."""
    base, kept = "", []
    for letter in unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold()):
        if unicodedata.combining(letter) and base < "\u0400":
            continue
        base = letter if not unicodedata.combining(letter) else base
        kept.append(letter)
    bare = APOSTROPHES.sub("", unicodedata.normalize("NFC", "".join(kept)).translate(LETTERS).translate(KANA))
    return PUNCTUATION.sub(" ", bare).strip()


def written_out(text: str) -> str:
    return plain(unicodedata.normalize("NFKC", text).casefold().translate(WRITTEN_OUT))


@lru_cache(maxsize=256)
def _key(text: str, folding: Callable[[str], str]) -> tuple[str, ...]:
    """One folded component each; a key without carets, or with nothing behind the first, is one."""
    head, _, given = text.partition(",") if "^" not in text else (text, "", "")
    if given.strip():
        return (folding(f"{head} {given}"),)
    parts = [folding(part) for part in text.split("^")]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return tuple(parts)


@lru_cache(maxsize=8192)
def _stored(group: NameGroup, folding: Callable[[str], str]) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Components; what a key without carets may mean (family, family + first given name, …); the whole text."""
    components = tuple(folding(part) for part in (group.family, group.given, group.middle, group.prefix, group.suffix))
    readings = [components[0]]
    for word in f"{components[1]} {components[2]}".split():
        readings.append(f"{readings[-1]} {word}".strip())
    return components, tuple(readings), "^".join(components).rstrip("^")
