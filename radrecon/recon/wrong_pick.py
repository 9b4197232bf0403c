"""Possible wrong worklist pick: a header that agrees with itself, on images that are another patient's.

The technologist took the wrong line: accession number, id and name are all order A's. What was examined, when and
where is not copied from the list, and may fit an order B of somebody else who was due at that device then and has no
images. Of one exam like the other only time and order of the list speak; then B must have stayed undone. Nothing is
proved by it: a person looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from radrecon.model.order import Order
from radrecon.model.study import SeriesFacts, StudyFacts
from radrecon.recon.compare import Level
from radrecon.recon.content import Content, content, station_words, without_copied_words
from radrecon.recon.times import nearest_gap, wall
from radrecon.recon.veto import DEAD

FLAGGED = 7.5  # leaves false alarms below 3 in 1,000 where one in twenty who are due stays away
UNDONE = 4.0  # somebody who was due stayed away: about one in sixteen
TWICE = 5.0  # another study has the same order
ELSEWHERE = 3.0  # done at the other order's station, and not at its own
CLOSE = timedelta(minutes=75)
PAUSE = timedelta(minutes=10)
"""Series of one examination follow each other closer than this."""

PATIENCE = timedelta(hours=4)
"""How long after the examination an order may still get its images before it counts as undone."""


@dataclass(frozen=True)
class Slot:
    """An order at the study's station and day. `done`: its modality says so, or another study has it: `images`."""

    order: Order
    done: bool = False
    images: StudyFacts | None = None


@dataclass(frozen=True)
class WrongPick:
    """`named` by the header; `fits`: somebody else's order; `against`: what contradicts the header, in words.

    `swapped`: the other order has images, and those fit the one named.
    """

    named: Order
    fits: Order
    against: tuple[str, ...]
    bits: float
    settled: bool = True
    swapped: bool = False
    fit: float = 0.0  # bits of the other order
    own: float = 0.0  # and of the one named


def wrong_pick(
    facts: StudyFacts, named: Order, slots: Sequence[Slot], *, own_person: int, twice: bool, waited: bool
) -> WrongPick | None:
    """`own_person`: whose order `named` is; `twice`: another study has it too; `waited`: what is undone stays so.

    Not `settled` where it would be flagged if the other order stayed undone for longer. A study that was made at two
    times is looked at in its parts: a second examination under the same line is filed with the first.
    """
    facts = without_copied_words(facts, named)
    parts = _parts(facts)
    found = _of_part(facts, named, slots, own_person, twice, waited)
    for part in parts if len(parts) > 1 else ():
        found += [one for one in _of_part(part, named, slots, own_person, True, waited) if one.fit > one.own or twice]
    return max(found, key=lambda pick: (pick.settled, pick.bits, -pick.fits.id), default=None)


@dataclass(frozen=True)
class Wanted:
    """Which of the orders at a station can matter to one study: those due near `times`.

    `undone`: also those without images; otherwise only a swap could be shown.
    """

    times: tuple[str, ...]
    undone: bool

    def reaches(self, starts: Sequence[str]) -> bool:
        gaps = (nearest_gap(performed, starts) for performed in self.times)
        return any(gap is not None and abs(gap) <= CLOSE for gap in gaps)


def wanted_slots(facts: StudyFacts, named: Order, *, twice: bool) -> Wanted | None:
    """What `wrong_pick` could find anything by, told from the named order alone; None: nothing."""
    facts = without_copied_words(facts, named)
    parts, own = _parts(facts), content(facts, named)
    if len(parts) > 1:
        return Wanted((facts.performed, *(part.performed for part in parts)), undone=True)
    if not _doubtful(own, twice):
        return None
    elsewhere = ELSEWHERE if own.station is Level.DIFFERENT else 0.0
    most = UNDONE - own.bits + (TWICE if twice else 0.0) + elsewhere  # no order fits with more than 0 bits
    return Wanted((facts.performed,), undone=round(most, 2) >= FLAGGED)


def _doubtful(own: Content, twice: bool) -> bool:
    return bool(own.against) or twice or own.bits < 0


def _of_part(
    facts: StudyFacts, named: Order, slots: Sequence[Slot], own_person: int, twice: bool, waited: bool
) -> list[WrongPick]:
    own = content(facts, named)
    if not _doubtful(own, twice):
        return []
    weighed = (_weigh(facts, named, own, slot, own_person, twice, waited) for slot in slots)
    return [pick for pick in weighed if pick and pick.bits >= FLAGGED]


def _parts(facts: StudyFacts) -> list[StudyFacts]:
    """The series by when they were begun, where a pause parts them."""
    timed = sorted(((begun, one) for one in facts.series if (begun := wall(one.performed))), key=lambda pair: pair[0])
    groups: list[list[SeriesFacts]] = []
    last: datetime | None = None
    for begun, one in timed:
        if last is None or begun - last > PAUSE:
            groups.append([])
        groups[-1].append(one)
        last = begun
    return [replace(facts, series=tuple(group), performed=group[0].performed) for group in groups]


def _weigh(
    facts: StudyFacts, named: Order, own: Content, slot: Slot, own_person: int, twice: bool, waited: bool
) -> WrongPick | None:
    other = slot.order
    somebody_else = other.id != named.id and not (own_person and other.person_id == own_person)
    if not somebody_else or other.status in DEAD or (slot.done and slot.images is None):
        return None
    gap = nearest_gap(facts.performed, (step.start for step in other.steps))
    if gap is None or abs(gap) > CLOSE:
        return None
    fit = content(facts, other)
    if fit.contradicted:
        return None
    speaks = _left_open(slot, waited) or _swapped(slot, named, own)
    if speaks is None:
        return None
    elsewhere = own.station is Level.DIFFERENT and fit.station is Level.EQUAL
    sure = fit.bits - own.bits + (TWICE if twice else 0.0) + (ELSEWHERE if elsewhere else 0.0)
    words = (
        *own.against,
        *((station_words(facts, named),) if elsewhere else ()),
        *(("images were made under it twice",) if twice else ()),
    )
    settled = speaks.settled or sure >= FLAGGED
    bits = round(sure + speaks.bits, 2)
    return WrongPick(
        named, other, words or ("its slot was at another time",), bits, settled, speaks.swapped, fit.bits, own.bits
    )


@dataclass(frozen=True)
class _Speaks:
    bits: float
    settled: bool = True
    swapped: bool = False


def _left_open(slot: Slot, waited: bool) -> _Speaks | None:
    return None if slot.done else _Speaks(UNDONE, waited)


def _swapped(slot: Slot, named: Order, own: Content) -> _Speaks | None:
    """Each of the two lines was taken for the other patient: the other order's images fit the one named here."""
    if slot.images is None:
        return None
    images = without_copied_words(slot.images, slot.order)
    theirs, mine = content(images, slot.order), content(images, named)
    if mine.contradicted or not (theirs.contradicted or own.contradicted):
        return None
    return _Speaks(mine.bits - theirs.bits, swapped=True)


def waited_until(facts: StudyFacts, zone: str) -> datetime | None:
    """When whoever was due then has had the time to come; None where the images have no time."""
    performed = wall(facts.performed)
    try:
        return performed.replace(tzinfo=ZoneInfo(zone)) + PATIENCE if performed else None
    except OverflowError:
        return None
