"""Where a sender puts its accession numbers: every place of its orders, scored against numbers that the PACS knows.

A place holds the accession number if its values are numbers of performed studies *of the same patient*. The same number
on a study of somebody else speaks against it: counters of placer and filler often run through the same range. Leading
zeros, a site's prefix or punctuation make a number near, never equal: nothing is cut off.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from radrecon.recon.normalise import accession_key, id_key
from radrecon.recon.pairing import shortener

Fields = Sequence[tuple[str, str]]
Known = Mapping[str, frozenset[str]]
"""Accession number as the PACS has it → patient numbers of its studies."""

USUAL = ("IPC-1.1", "OBR-18.1", "OBR-3.1", "ORC-3.1", "OBR-20.1", "OBR-19.1", "PV1-19.1", "ORC-2.1", "OBR-2.1")
ENOUGH = 5  # different numbers that the PACS knows
AGREEMENT = 0.9
LIKE = 0.5
CORE = 5  # digits that two numbers share behind a prefix
TAIL = 6
SHOWN = 12


@dataclass(frozen=True)
class Sample:
    """One order: the numbers of its patient, and all its values by place."""

    patients: frozenset[str]
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PathScore:
    """One place. Of `orders` orders it is `filled`; `equal` are numbers of this patient's studies in the PACS."""

    path: str
    orders: int
    filled: int
    distinct: int
    equal: int
    near: int
    of_others: int  # numbers that the PACS knows of another patient
    wrong: int  # other values, in orders whose number is known from another place
    like: int  # not performed yet, written as the PACS's numbers are
    unlike: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """`paths` in the order in which they are to be asked; empty where the evidence is not enough."""

    paths: tuple[str, ...]
    sentence: str
    orders: int
    performed: int
    scores: tuple[PathScore, ...] = ()


def values_of(samples: Sequence[Sample]) -> frozenset[str]:
    """Everything that could be an accession number: what the PACS is to be asked for."""
    return frozenset(value for sample in samples for value in _places(sample).values())


def propose(samples: Sequence[Sample], known: Known) -> Proposal:
    """Rank the places and put those in order that together name the accession number of most orders."""
    table = _Table(samples, known)
    ranked = sorted(table.columns.values(), key=_rank)
    chosen = _chosen([column for column in ranked if column.fits], table)
    shown = [column for column in ranked if column.equal or column.near or column.others][:SHOWN]
    return Proposal(
        paths=tuple(table.short(column.path) for column in chosen),
        sentence=_sentence(table, ranked, chosen),
        orders=len(samples),
        performed=len(table.performed),
        scores=tuple(_score(column, table, chosen) for column in shown),
    )


# -- the evidence -----------------------------------------------------------------------------------------------------


@dataclass
class _Column:
    """One place over all orders; sets hold the numbers of the samples."""

    path: str
    values: dict[int, str] = field(default_factory=dict)
    equal: set[int] = field(default_factory=set)
    near: set[int] = field(default_factory=set)
    others: set[int] = field(default_factory=set)
    wrong: set[int] = field(default_factory=set)
    like: set[int] = field(default_factory=set)
    unlike: set[int] = field(default_factory=set)

    @property
    def different(self) -> int:
        """How many different numbers of the PACS stand here."""
        return len({self.values[at] for at in self.equal})

    @property
    def fits(self) -> bool:
        return self.different >= ENOUGH and _share(self.equal, self.wrong) >= AGREEMENT


class _Table:
    """All places of all orders, judged."""

    def __init__(self, samples: Sequence[Sample], known: Known) -> None:
        self.samples, self.known = samples, known
        self.short = shortener(path for sample in samples for path, _ in sample.fields)
        self.columns: dict[str, _Column] = {}
        for at, sample in enumerate(samples):
            for path, value in _places(sample).items():
                self.columns.setdefault(path, _Column(path)).values[at] = value
        self._alike = _alike(known)
        self.by_patient = self._patients_are_comparable()
        self._judge_known()
        self.performed = self._performed()
        self._judge_rest()

    def _patients_are_comparable(self) -> bool:
        """Where no patient of the orders is known to the PACS at all, it numbers patients in another way."""
        seen = frozenset().union(*self.known.values())
        return any(sample.patients & seen for sample in self.samples)

    def _of(self, at: int, number: str) -> bool:
        return bool(self.known.get(number, frozenset()) & self.samples[at].patients)

    def _alike_of(self, value: str) -> frozenset[str]:
        return frozenset().union(*(self._alike.get(key, frozenset()) for key in _near_keys(value))) - {value}

    def _performed(self) -> set[int]:
        """Orders whose number is known. A constant that happens to be one in the PACS says nothing of any order."""
        enough = min(ENOUGH, max((column.different for column in self.columns.values()), default=0))
        telling = [column for column in self.columns.values() if column.different >= enough]
        return {at for column in telling for at in column.equal}

    def _is_near(self, at: int, value: str) -> bool:
        if self.by_patient:
            return any(self._of(at, one) for one in self._alike_of(value))
        return any(id_key(one) == id_key(value) for one in self._alike_of(value))

    def _judge_known(self) -> None:
        for column in self.columns.values():
            for at, value in column.values.items():
                if value in self.known:
                    own = not self.by_patient or self._of(at, value)
                    (column.equal if own else column.others).add(at)
                elif self._is_near(at, value):
                    column.near.add(at)

    def _judge_rest(self) -> None:
        shapes = _usual_shapes(self.known)
        for column in self.columns.values():
            left = column.values.keys() - column.equal
            column.wrong = {at for at in left if at in self.performed} | column.others
            waiting = left - column.wrong - column.near
            column.like = {at for at in waiting if shape(column.values[at]) in shapes}
            column.unlike = waiting - column.like


def _places(sample: Sample) -> dict[str, str]:
    """The first value of each place that could be a number: what says "none", and free text, is left out."""
    found: dict[str, str] = {}
    for path, value in sample.fields:
        text = value.strip()
        if "[" not in path and 0 < len(text) <= 64 and "\n" not in text and accession_key(text):
            found.setdefault(path, text)
    return found


def _alike(known: Known) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for number in known:
        for key in _near_keys(number):
            found.setdefault(key, set()).add(number)
    return {key: frozenset(numbers) for key, numbers in found.items()}


def _near_keys(value: str) -> set[str]:
    """What two ways of writing one number share: all of it but zeros and punctuation, its last digits, their end."""
    digits = re.findall(r"\d+", value)
    core = digits[-1].lstrip("0") if digits else ""
    return {id_key(value), core, core[-TAIL:]} - {""} if len(core) >= CORE else {id_key(value)} - {""}


def shape(value: str) -> str:
    """How a number is written: `RIS-0042` → `AAA-9999`."""
    return "".join("9" if one.isdigit() else "A" if one.isalpha() else one for one in value)


def _usual_shapes(known: Known) -> frozenset[str]:
    counts = Counter(map(shape, known))
    return frozenset(one for one, count in counts.items() if count * 50 >= len(known))


# -- the choice -------------------------------------------------------------------------------------------------------


def _share(good: set[int], bad: set[int]) -> float:
    return len(good) / len(good | bad) if good or bad else 0.0


def _rank(column: _Column) -> tuple[object, ...]:
    """What is right most often first; between equals the place that the standard names."""
    usual = USUAL.index(column.path) if column.path in USUAL else len(USUAL)
    return (
        not column.fits, 2 * len(column.wrong) - len(column.equal), -len(column.near), -len(column.like), usual,
        column.path,
    )  # fmt: skip


def _chosen(fitting: Sequence[_Column], table: _Table) -> list[_Column]:
    """The best place, then each that speaks where those before it are silent, and speaks true there."""
    chosen: list[_Column] = []
    silent = set(range(len(table.samples)))
    for column in fitting:
        here = column.equal & silent
        untrue = (column.wrong | column.unlike) & silent
        if here and len(here) >= AGREEMENT * len(here | (column.wrong & silent)) and len(untrue) <= LIKE * len(silent):
            chosen.append(column)
            silent -= column.values.keys()
    return chosen


def _sentence(table: _Table, ranked: Sequence[_Column], chosen: Sequence[_Column]) -> str:
    if not table.samples:
        return "no order of this sender is in the journal"
    if not table.known:
        return "the PACS has shown none of the numbers in these orders yet: not enough evidence"
    if chosen:
        covered = set().union(*(column.equal for column in chosen))
        return f"these places name the accession number of {len(covered)} of {len(table.performed)} performed orders"
    if ranked and len(ranked[0].equal) == 0 and (near := max(ranked, key=lambda one: len(one.near))).near:
        where = table.short(near.path)
        return f"no place holds the PACS's number as it is; {where} is near in {len(near.near)} orders"
    best = max((one.different for one in ranked), default=0)
    return (
        f"not enough evidence: the best place holds {best} different numbers that the PACS knows, {ENOUGH} are needed"
    )


def _score(column: _Column, table: _Table, chosen: Sequence[_Column]) -> PathScore:
    return PathScore(
        path=table.short(column.path),
        orders=len(table.samples),
        filled=len(column.values),
        distinct=len(set(column.values.values())),
        equal=len(column.equal),
        near=len(column.near),
        of_others=len(column.others),
        wrong=len(column.wrong),
        like=len(column.like),
        unlike=len(column.unlike),
        reasons=tuple(_reasons(column, table, chosen)),
    )


def _reasons(column: _Column, table: _Table, chosen: Sequence[_Column]) -> list[str]:
    whose = "of the same patient" if table.by_patient else "(patient numbers of PACS and sender cannot be compared)"
    said = [
        (column.equal, f"{len(column.equal)} of {len(table.performed)} performed orders: a study's number {whose}"),
        (column.near, f"{len(column.near)} only near: other zeros, prefix or punctuation than the PACS has"),
        (column.others, f"{len(column.others)} are numbers of other patients' studies"),
        (column.wrong - column.others, f"{len(column.wrong - column.others)} differ where another place is right"),
        (column.like, f"{len(column.like)} not performed yet, written as the PACS writes its numbers"),
        (column.unlike, f"{len(column.unlike)} not performed yet, written otherwise"),
    ]
    same = [one.path for one in chosen if one is not column and _same(one, column)]
    return [text for some, text in said if some] + [f"always the same as {table.short(path)}" for path in same]


def _same(one: _Column, other: _Column) -> bool:
    both = one.values.keys() & other.values.keys()
    return bool(both) and all(one.values[at] == other.values[at] for at in both)
