"""Who on one list is called alike: two persons whose names a hurried eye, or an ear, takes for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import jellyfish

from radrecon.model.names import PersonName
from radrecon.recon.compare import Level, compare_names
from radrecon.recon.normalise import name_key, sound

ALIKE = frozenset((Level.EQUAL, Level.FORMAT, Level.NEAR, Level.SWAPPED, Level.SOUND, Level.PART, Level.GENERATION))


@dataclass(frozen=True)
class Line:
    """One line of a list; `person`: lines of one person are not similar but the same."""

    id: int
    person: str
    name: PersonName


def similar(lines: Sequence[Line]) -> dict[int, tuple[int, ...]]:
    """Id → ids of the other persons' lines with a similar name, ascending; lines without any are left out."""
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in _neighbours(lines):
        if one.person != other.person and _alike(one.name, other.name):
            found[one.id].add(other.id)
            found[other.id].add(one.id)
    return {key: tuple(sorted(ids)) for key, ids in found.items()}


def _alike(one: PersonName, other: PersonName) -> bool:
    if compare_names(one, other) in ALIKE:
        return True
    mine, theirs = name_key(one.alphabetic), name_key(other.alphabetic)
    return _near(mine.family, theirs.family) and _near(mine.given, theirs.given)


def _near(one: str, other: str) -> bool:
    """One slip apart, or they sound alike: FISCHER and FISHER, ANNA and ANNE."""
    if not one or not other:
        return False
    return jellyfish.damerau_levenshtein_distance(one, other) <= 1 or sound(one) == sound(other)


def _neighbours(lines: Sequence[Line]) -> set[tuple[Line, Line]]:
    """Pairs that share the beginning or the sound of a word: names that share neither are not alike."""
    buckets: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        for key in _keys(line.name):
            buckets[key].append(line)
    return {pair for bucket in buckets.values() for pair in combinations(bucket, 2)}


def _keys(name: PersonName) -> set[str]:
    groups = (name.alphabetic, name.ideographic, name.phonetic)
    words = [word for group in groups for word in name_key(group).words]
    return {key for word in words for key in (word[:2], f"/{sound(word)}")}
