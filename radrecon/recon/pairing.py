"""The same message heard twice, before and behind an interface engine: which two belong together, and what changed.

An engine may keep MSH-10 or write its own, rename the sender, rewrite numbers, add and drop segments. Numbers of
orders that contradict each other part two messages, however alike they are; of several that are alike the first heard
is taken, because an engine keeps the order of what it passes on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher

Flat = Sequence[tuple[str, str]]
Change = tuple[str, str, str]

ALIKE = 0.5
SAME_CONTROL_ALIKE = 0.3
SAME_TIME_BONUS = 0.2
LONGEST_GAP = timedelta(hours=1)  # an engine's queue
LONGEST_ANSWER = timedelta(days=1)
LONGEST_VALUE = 200
MOST_CHANGES = 500


@dataclass(frozen=True)
class Copy:
    """One message as it was heard. `numbers` name its orders (placer and filler)."""

    id: int
    at: datetime
    message_type: str
    control_id: str
    sent_at: str
    numbers: frozenset[str]
    fields: tuple[tuple[str, str], ...]


def partner(wanted: Copy, candidates: Iterable[Copy]) -> Copy | None:
    """The other copy of a message among those heard elsewhere, None where none is like it."""
    scored = [(_score(wanted, one), one) for one in candidates]
    fitting = [(score, one) for score, one in scored if score > 0]
    return max(fitting, key=lambda pair: (round(pair[0], 2), -pair[1].id))[1] if fitting else None


def _score(one: Copy, other: Copy) -> float:
    """0: not the same message. Up to 1 by content, and more for the same MSH-7 and the same MSH-10."""
    if one.message_type[:3] != other.message_type[:3] or abs(one.at - other.at) > LONGEST_GAP:
        return 0
    same_control = bool(one.control_id) and one.control_id == other.control_id
    contradict = bool(one.numbers and other.numbers) and not one.numbers & other.numbers
    alike = similarity(one.fields, other.fields)
    if alike < (SAME_CONTROL_ALIKE if same_control and not contradict else ALIKE) or (contradict and not same_control):
        return 0
    same_event = one.message_type == other.message_type
    return alike + same_control + SAME_TIME_BONUS * (bool(one.sent_at) and one.sent_at == other.sent_at) + same_event


@dataclass(frozen=True)
class Asked:
    """A message that an answer may be for. `behind`: it is what the engine sent on."""

    id: int
    at: datetime
    sender: tuple[str, str]
    behind: bool = False


def answered(receiver: tuple[str, str], at: datetime, candidates: Sequence[Asked]) -> int:
    """The message that an answer (to `receiver`, its MSH-5 and 6) is for, of those with its MSA-2; 0 where unclear.

    The same control id may come from several senders: of those that the answer does not name, only a single one counts.
    """
    near = [one for one in candidates if abs(at - one.at) <= LONGEST_ANSWER]
    named = [one for one in near if one.sender == receiver]
    found = named or (near if len({one.sender for one in near}) == 1 else [])
    return max(found, key=lambda one: (one.behind, one.at, one.id)).id if found else 0


def similarity(one: Flat, other: Flat) -> float:
    """The share of values that both have, wherever they stand in the body (0 to 1)."""
    left, right = _values(one), _values(other)
    total = sum(left.values()) + sum(right.values())
    return 2 * sum((left & right).values()) / total if total else 1.0


def _values(fields: Flat) -> Counter[str]:
    return Counter(value for path, value in fields if len(value) > 1 and not path.startswith("MSH"))


# -- what changed -----------------------------------------------------------------------------------------------------


def changes(before: Flat, behind: Flat) -> list[Change]:
    """(place, value before, value behind) where they differ; an empty value: not there. Long values are cut."""
    left, right = _segments(before), _segments(behind)
    found = [
        change
        for name in dict.fromkeys((*left, *right))
        for one, other in _aligned(left.get(name, []), right.get(name, []))
        for change in _differences(one, other)
    ]
    short = shortener([path for path, _ in before] + [path for path, _ in behind])
    return [(short(path), _cut(old), _cut(new)) for path, old, new in found[:MOST_CHANGES]]


@dataclass(frozen=True)
class _Segment:
    """One segment: its name with its index, and its values by place within."""

    key: str
    values: Mapping[str, str]

    @property
    def content(self) -> frozenset[tuple[str, str]]:
        """What tells it from its like: without a set id in the first field, which is renumbered."""
        return frozenset(item for item in self.values.items() if not (item[0] == "1.1" and item[1].isdigit()))


def _segments(fields: Flat) -> dict[str, list[_Segment]]:
    values: dict[str, dict[str, str]] = {}
    for path, value in fields:
        key, _, rest = path.partition("-")
        values.setdefault(key, {})[rest] = value
    found: dict[str, list[_Segment]] = {}
    for key, inside in values.items():
        found.setdefault(key.partition("[")[0], []).append(_Segment(key, inside))
    return found


Pairs = list[tuple[_Segment | None, _Segment | None]]


def _aligned(one: list[_Segment], other: list[_Segment]) -> Pairs:
    """Segments of one name, side by side: one that was added or dropped must not shift the rest."""
    if len(one) == len(other):
        return list(zip(one, other, strict=True))
    found: Pairs = []
    matcher = SequenceMatcher(None, [each.content for each in one], [each.content for each in other], autojunk=False)
    for _, start, end, begin, stop in matcher.get_opcodes():
        left: list[_Segment | None] = list(one[start:end])
        right: list[_Segment | None] = list(other[begin:stop])
        size = max(len(left), len(right))
        found += zip(left + [None] * (size - len(left)), right + [None] * (size - len(right)), strict=True)
    return found


def _differences(one: _Segment | None, other: _Segment | None) -> list[Change]:
    key = other.key if other else one.key if one else ""
    old, new = one.values if one else {}, other.values if other else {}
    places = dict.fromkeys((*old, *new))
    return [(f"{key}-{at}", old.get(at, ""), new.get(at, "")) for at in places if old.get(at, "") != new.get(at, "")]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def shortener(paths: Iterable[str]) -> Callable[[str], str]:
    """Writes `MSH-10.1` as `MSH-10` where no message at hand has a second component there."""
    parted = {general(path.rpartition(".")[0]) for path in paths if not path.endswith(".1")}

    def short(path: str) -> str:
        field, _, component = path.rpartition(".")
        return field if component == "1" and general(field) not in parted else path

    return short


def general(path: str) -> str:
    """A place in any segment and repetition: `OBX[2]-3[1].4` → `OBX-3.4`."""
    return re.sub(r"\[\d+\]", "", path)


# -- the interface map ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MapLine:
    """What an interface engine does with one place: in how many pairs it changed it, with examples."""

    path: str
    pairs: int
    share: float
    examples: tuple[tuple[str, str], ...]


EXAMPLES = 3


def interface_map(pairs: Sequence[Sequence[Sequence[str]]]) -> list[MapLine]:
    """The changes of many pairs, place by place, what changes most often first."""
    counts: Counter[str] = Counter()
    examples: dict[str, dict[tuple[str, str], None]] = {}
    for found in pairs:
        counts.update({general(path) for path, _, _ in found})
        for path, before, behind in found:
            shown = examples.setdefault(general(path), {})
            if len(shown) < EXAMPLES:
                shown[(before, behind)] = None
    return [
        MapLine(path, count, round(count / len(pairs), 3), tuple(examples[path]))
        for path, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
