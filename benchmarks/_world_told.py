"""What a world's RIS tells of when patients came, and when examinations began and ended.

Told afterwards, from what happened: who lay on the table when, under which line of the worklist. The figures are orders
of magnitude from the field, no counts; they were written down before any rule used such times. Draws are of a stream
of their own, so that the world itself is the same with and without them.

Patients. One RIS in three keeps arrivals to itself. Where they are told, registration has nearly all outpatients,
and fewer of those who are wheeled in or sent over. Outpatients are asked to come a quarter of an hour early and come
five to forty minutes early; who is fetched is registered as they come. A few are registered only after their images:
emergencies, and a desk with a queue.

Examinations. Seven in ten that are ended in the RIS are ended by the technologist (MPPS is in use at a minority of
stations), most within minutes of the last image, some after the next patient or when there is time, some together at
the end of the shift; one in fifty too early, when the patient is laid down. The others are ended by MPPS, at the last
image made under the line that was picked: the RIS repeats the modality's word, and nobody can tell. One RIS in ten
ends whatever is open at midnight. Half of the technologists also begin the examination in the RIS, some minutes before
the first image. Who picks the wrong line goes on with it in the RIS one time in five: the request on paper, or the
patient's own, is mostly at hand there.

Clocks. Most stations are within a minute of the RIS, one in ten is some minutes off, one in twenty a quarter of an
hour.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from benchmarks._world_exams import Exam, clock
from radrecon.model.altering import altered
from radrecon.model.order import Order, StepStatus

TELLS_ARRIVALS = 0.67  # of RIS
REGISTERED = {"out": 0.90, "in": 0.40, "sent": 0.70}
CLASSES = ("out", "in", "sent")
CLASS_SUMS = (0.55, 0.85, 1.0)  # ambulatory, from a ward, from the emergency department or without an appointment
EARLY = (5, 40)
FETCHED = {"in": (3, 30), "sent": (5, 80)}  # minutes from registration to the first image
AT_LEAST = 3  # nobody is on the table sooner after the desk
REGISTERED_AFTERWARDS = 0.03
AFTERWARDS = 15.0  # mean

BY_HAND = 0.70  # of examinations that are ended in the RIS at all; the rest by MPPS
SAME_MIX_UP = 0.20  # who picked the wrong line at the console takes it in the RIS as well
PROMPT, LATER, SHIFT = 0.62, 0.26, 0.10  # the rest is ended too early
PROMPT_MEAN, LATER_MEAN = 4.0, 30.0
SHIFTS = (6 * 60, 14 * 60, 22 * 60)
MIDNIGHT = 0.10  # of RIS
BEGINS = 0.50
LENGTHS = {"DX": (2, 8), "CT": (4, 15), "MR": (12, 35), "US": (8, 25), "MG": (5, 15), "NM": (15, 45), "PT": (15, 45),
           "XA": (20, 80), "RF": (8, 30)}  # fmt: skip
"""Minutes from the first image of an examination to its last."""


class Ended(StrEnum):
    """By whom an examination is ended in the RIS."""

    HAND = "hand"  # with the request of who is there
    MIXED_UP = "mixed up"  # with the line that was picked
    MODALITY = "modality"


@dataclass(frozen=True)
class Event:
    """Images of one examination: of which orders in truth, under whose line (0: typed), begun at which minute."""

    orders: frozenset[int]
    line: int
    begun: int
    modality: str
    station: str


class Told:
    """The RIS's side of one world; `ways`: order → how it is ended, where an error has settled it."""

    def __init__(self, name: str) -> None:
        self.rng = random.Random(f"{name}/told")
        self.events: list[Event] = []
        self.ways: dict[int, Ended] = {}
        self.arrivals = {ris: self.rng.random() < TELLS_ARRIVALS for ris in ("RIS1", "RIS2")}
        self.midnight = {ris: self.rng.random() < MIDNIGHT for ris in ("RIS1", "RIS2")}
        self.skews: dict[str, int] = {}

    def way(self) -> Ended:
        return Ended.HAND if self.rng.random() < BY_HAND else Ended.MODALITY

    def way_of_mix_up(self) -> Ended:
        way = self.way()
        return Ended.MIXED_UP if way is Ended.HAND and self.rng.random() < SAME_MIX_UP else way

    def tell(self, orders: Sequence[Order], exams: dict[int, Exam]) -> list[Order]:
        """Every order with what its RIS tells; `exams` by order."""
        made, ends = self._made(), self._ends(orders)
        return [
            self._told(order, made.get(order.id, []), ends.get(order.id, []), exams[order.id].start) for order in orders
        ]

    def _made(self) -> dict[int, list[Event]]:
        """Order → what was done for it in truth."""
        found: dict[int, list[Event]] = defaultdict(list)
        for event in self.events:
            for one in event.orders:
                found[one].append(event)
        return found

    def _ends(self, orders: Sequence[Order]) -> dict[int, list[tuple[Event, Ended]]]:
        """Order → what ends it in the RIS, and how."""
        found: dict[int, list[tuple[Event, Ended]]] = defaultdict(list)
        for event in self.events:
            ways = {one: self.ways.setdefault(one, self.way()) for one in sorted(event.orders)}
            for one, way in ways.items():
                of = one if way is Ended.HAND or not event.line else event.line
                found[of].append((event, way))
        return found

    def _told(self, order: Order, made: Sequence[Event], ends: Sequence[tuple[Event, Ended]], slot: int) -> Order:
        times: dict[str, str] = {}
        first = min((event.begun for event in made), default=None)
        if (arrived := self._arrival(order, slot, first)) is not None:
            times["arrived"] = clock(arrived)
        if order.status is StepStatus.COMPLETED:
            begun = [found for event, way in ends if (found := self._beginning(event, way)) is not None]
            ended = [self._end(event, way) for event, way in ends] or [slot + self.rng.randrange(10, 90)]
            if begun:
                times["begun"] = clock(min(begun))
            times["ended"] = clock((slot // 1440 + 1) * 1440 - 1 if self.midnight[order.sender] else max(ended))
        return altered(order, **times) if times else order

    # -- patients ------------------------------------------------------------------------------------------------------

    def _arrival(self, order: Order, slot: int, first: int | None) -> int | None:
        """Who never came was not registered, but for one in twenty who left again."""
        rng = self.rng
        kind = CLASSES[bisect(CLASS_SUMS, rng.random())]
        told = self.arrivals[order.sender] and rng.random() < REGISTERED[kind]
        stayed = first is not None or order.status is StepStatus.COMPLETED or rng.random() < 0.05
        if not told or not stayed or order.status is StepStatus.CANCELLED:
            return None
        first = slot + rng.randrange(0, 30) if first is None else first
        if rng.random() < REGISTERED_AFTERWARDS:
            return first + int(rng.expovariate(1 / AFTERWARDS)) + 1
        if kind == "out" and abs(first - slot) < 720:
            return min(slot - rng.randrange(*EARLY), first - AT_LEAST - rng.randrange(10))
        return first - rng.randrange(*FETCHED.get(kind, EARLY))

    # -- examinations --------------------------------------------------------------------------------------------------

    def _beginning(self, event: Event, way: Ended) -> int | None:
        if self.rng.random() > BEGINS or way is Ended.MODALITY:
            return None
        return event.begun - int(self.rng.gauss(4, 3)) + self._skew(event.station)

    def _end(self, event: Event, way: Ended) -> int:
        rng = self.rng
        last = event.begun + rng.randrange(*LENGTHS[event.modality])
        if way is Ended.MODALITY:
            return last + rng.randrange(2) + self._skew(event.station)
        at = rng.random()
        if at < PROMPT:
            lag = int(rng.expovariate(1 / PROMPT_MEAN))
        elif at < PROMPT + LATER:
            lag = int(rng.expovariate(1 / LATER_MEAN))
        elif at < PROMPT + LATER + SHIFT:
            lag = min((shift - last) % 1440 for shift in SHIFTS) + rng.randrange(-20, 10)
        else:
            lag = event.begun - last - rng.randrange(10)
        return last + lag + self._skew(event.station)

    def _skew(self, station: str) -> int:
        """The RIS's clock against the station's, in minutes."""
        if station not in self.skews:
            at = self.rng.random()
            spread = 1.0 if at < 0.85 else 4.0 if at < 0.95 else 15.0
            self.skews[station] = round(self.rng.gauss(0, spread))
        return self.skews[station]
