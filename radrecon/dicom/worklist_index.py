"""Waiting steps by what modalities ask for: start, station, modality, accession number, patient id.

It leaves too much rather than too little; `matches` decides. A line holds what a step can be matched by as texts, about
a kilobyte; everything else of an order stays in the database until it is an answer.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from radrecon.dicom.worklist_match import RULES
from radrecon.dicom.worklist_query import Narrow, WorklistQuery, narrow
from radrecon.model.names import PersonName
from radrecon.model.order import Order, Step

FIELDS = tuple(rule.field for rule in RULES)
FEW = frozenset(("modality", "station_ae_title", "station_name", "location", "performing_physician", "status"))
"""Fields whose values come again and again; one text each is kept."""

NAMES = frozenset(("patient_name", "performing_physician"))


class Line(NamedTuple):
    """One waiting step. `values` are texts in the order of `FIELDS`; lines sort as answers do."""

    start: str
    step_id: int
    order_id: int
    values: tuple[str, ...]


Bucket = dict[tuple[str, str], list[Line]]
"""Station and modality → the lines of one day, sorted."""


def line(order: Order, step: Step) -> Line:
    texts = [str(rule.stored(order, step) or "").strip() for rule in RULES]
    values = [sys.intern(text) if name in FEW else text for name, text in zip(FIELDS, texts, strict=True)]
    return Line(step.start, step.id, order.id, tuple(values))


class Index:
    """Lines by order, accession number, patient id, and day with station and modality."""

    def __init__(self) -> None:
        self._orders: dict[int, tuple[Line, ...]] = {}
        self._accessions: dict[str, tuple[int, ...]] = {}
        self._patients: dict[str, tuple[int, ...]] = {}
        self._days: dict[str, Bucket] = {}
        self._in_order: list[str] = []

    def __len__(self) -> int:
        return sum(map(len, self._orders.values()))

    def of_order(self, order_id: int) -> tuple[Line, ...]:
        return self._orders.get(order_id, ())

    def put(self, order_id: int, lines: Iterable[Line]) -> None:
        """All the waiting steps that an order has now; none takes it out."""
        for old in self._orders.pop(order_id, ()):
            self._take_out(old)
        if new := tuple(lines):
            self._orders[order_id] = new
            for one in new:
                self._put_in(one)

    def forget_before(self, day: str) -> None:
        """Let go what starts before this ISO day."""
        gone = {old.order_id for past in self._in_order if "" < past < day for old in _whole(self._days[past])}
        for order_id in gone:
            self.put(order_id, [one for one in self._orders[order_id] if not "" < _day(one) < day])

    def among(self, query: WorklistQuery) -> list[Line]:
        """Lines that the query's exact keys leave, sorted by start."""
        keys = narrow(query)
        for value, named in ((keys.accession_number, self._accessions), (keys.patient_id, self._patients)):
            if value:
                orders = named.get(_loose(value), ())
                return sorted(one for order_id in orders for one in self._orders[order_id])
        days = self._between(keys.date_from, keys.date_to)
        return sorted(chain.from_iterable(lines for day in days for lines in _left(self._days[day], keys)))

    def _between(self, first: str, last: str) -> Sequence[str]:
        """Days within, and the unknown one, which is every day."""
        known = 1 if self._in_order[:1] == [""] else 0
        start = bisect_left(self._in_order, first) if first else known
        end = bisect_right(self._in_order, last) if last else len(self._in_order)
        return self._in_order[:known] + self._in_order[max(start, known) : end]

    def _put_in(self, new: Line) -> None:
        day = _day(new)
        if day not in self._days:
            self._days[day] = {}
            insort(self._in_order, day)
        insort(self._days[day].setdefault(_place(new), []), new)
        for named, value in self._named(new):
            if new.order_id not in (known := named.get(value, ())):
                named[value] = (*known, new.order_id)

    def _take_out(self, old: Line) -> None:
        day, place = _day(old), _place(old)
        bucket = self._days[day]
        lines = bucket[place]
        del lines[bisect_left(lines, old)]
        if not lines:
            del bucket[place]
        if not bucket:
            del self._days[day]
            self._in_order.remove(day)
        for named, value in self._named(old):
            left = tuple(order_id for order_id in named.pop(value, ()) if order_id != old.order_id)
            if left:
                named[value] = left

    def _named(self, one: Line) -> Iterator[tuple[dict[str, tuple[int, ...]], str]]:
        for named, value in ((self._accessions, one.values[ACCESSION]), (self._patients, one.values[PATIENT])):
            if value:
                yield named, _loose(value)


STATION, MODALITY = FIELDS.index("station_ae_title"), FIELDS.index("modality")
ACCESSION, PATIENT = FIELDS.index("accession_number"), FIELDS.index("patient_id")


def _day(one: Line) -> str:
    """ISO day of the start, "" where it is not known."""
    return one.start[:10] if len(one.start) >= 10 else ""


def _place(one: Line) -> tuple[str, str]:
    return one.values[STATION], one.values[MODALITY].upper()


def _loose(value: str) -> str:
    folded = value.strip().lstrip("0").upper()
    return value if folded == value else folded  # the same text is kept once


def _left(bucket: Bucket, keys: Narrow) -> list[list[Line]]:
    """The lists of a day that station and modality leave; a step that names none may be anyone's."""
    stations, modalities = {keys.ae, ""}, {*keys.modalities, ""}
    return [
        lines
        for (station, modality), lines in bucket.items()
        if (not keys.ae or station in stations) and (not keys.modalities or modality in modalities)
    ]


def _whole(bucket: Bucket) -> Iterator[Line]:
    for lines in bucket.values():
        yield from lines


def may(query: WorklistQuery) -> Callable[[Line], bool]:
    """Whether a line may match all keys, by the texts that it holds; what is not known may be anything."""
    tests = [
        (at, rule.same, getattr(query, rule.field), rule.field in NAMES)
        for at, rule in enumerate(RULES)
        if getattr(query, rule.field)
    ]

    def test(one: Line) -> bool:
        for at, same, asked, is_name in tests:
            text = one.values[at]
            if not text:
                continue
            stored = PersonName.parse(text) if is_name else text
            if not any(same(value, stored) for value in asked):
                return False
        return True

    return test
