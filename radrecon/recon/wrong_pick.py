"""Possible wrong worklist pick: a header that agrees with itself, on images that are another patient's.

The technologist took the wrong line: accession number, id and name are all order A's. What was examined, when, where
and how often is not copied from the list, and may fit an order B of somebody else who was due at that device and has no
images, or has A's. Each sign is worth bits, log2 of how much more often it is seen of a wrong pick than of images that
are right; a flag is raised where their sum says so. Nothing is proved by it: a person looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from radrecon.model.altering import altered
from radrecon.model.order import Order, StepStatus
from radrecon.model.study import SeriesFacts, StudyFacts
from radrecon.recon.compare import SAME, Level
from radrecon.recon.content import Content, content, station_words, without_copied_words
from radrecon.recon.performed import BY_IMAGES, BY_MODALITY
from radrecon.recon.procedure import compare_modalities
from radrecon.recon.regions import regions, regions_of_images
from radrecon.recon.times import nearest_gap, wall
from radrecon.recon.veto import DEAD

FLAGGED = 8.75  # leaves false alarms below 3 in 1,000
UNDONE = 4.0  # somebody who was due has no images: about one in sixteen
CLOSED = 5.0  # the RIS says that they were examined, and there are none: one in a hundred
TWICE = 5.5  # a second examination under one order: one radiograph or CT in fifty goes on after a pause
OFTEN_TWICE = {"NM": 0.0, "US": 4.0, "MG": 4.0, "RF": 4.0, "XA": 4.0, "PT": 4.0}  # late images, more views
MIXED = -2.0  # of two regions in one study: not as rare as a wrong region, one in fifty is for two orders
LATE = 4.0  # at most, for the times: a room that runs late does so for everybody
ELSEWHERE = 3.0  # done at the other order's station, and not at its own
CLOSE = timedelta(hours=4)
"""How far from an order's slot its images may be looked for; how much the distance says is weighed."""

PAUSE = timedelta(minutes=10)
"""Series of one examination follow each other closer than this."""

PATIENCE = timedelta(hours=4)
"""How long after the examination an order may still get its images before it counts as undone."""


@dataclass(frozen=True)
class Slot:
    """An order at the study's station and day. `images`: another study that has it.

    `seen`: its patient has others of that day and modality, so that it is no wonder if this one has none.
    """

    order: Order
    images: StudyFacts | None = None
    seen: bool = False


@dataclass(frozen=True)
class Sign:
    """What speaks for a wrong pick, or (below 0 bits) against it; `text` in words, "" where there is nothing to say."""

    bits: float
    text: str = ""


@dataclass(frozen=True)
class WrongPick:
    """`named` by the header; `fits`: somebody else's order. `signs` add up to `bits`.

    Not `settled`: it would be flagged if the other order stayed undone for longer. `swapped`: the other order has
    images, and those fit the one named; `closed`: its RIS says that it was done; `mixed`: told by the region of some of
    the images, which an order of the same patient would explain better.
    """

    named: Order
    fits: Order
    signs: tuple[Sign, ...]
    settled: bool = True
    swapped: bool = False
    closed: bool = False
    mixed: bool = False
    fit: float = 0.0  # bits of the other order's content
    own: float = 0.0  # and of the one named

    @property
    def bits(self) -> float:
        return round(sum(one.bits for one in self.signs), 2)

    @property
    def against(self) -> tuple[str, ...]:
        """What contradicts the header, in words."""
        return tuple(one.text for one in self.signs if one.text) or ("its slot was at another time",)


def wrong_pick(
    facts: StudyFacts, named: Order, slots: Sequence[Slot], *, own_person: int, twice: bool, waited: bool
) -> WrongPick | None:
    """`own_person`: whose order `named` is; `twice`: another study has it too; `waited`: what is undone stays so.

    A study that was made at two times, or of two regions, is looked at in its parts: a second examination under the
    same line has its Study Instance UID, and is filed with the first (PS3.3 C.7.2.1, IHE RAD TF-2 4.6).
    """
    looks = _looks(facts, named, own_person, twice, waited) if slots else ()
    found = [pick for look in looks for pick in look.over(slots) if pick.bits >= FLAGGED]
    return max(found, key=lambda pick: (pick.settled, pick.bits, -pick.fits.id), default=None)


@dataclass(frozen=True)
class Wanted:
    """Which of the orders at a station can matter to one study: those due near `times`."""

    times: tuple[str, ...]

    def reaches(self, starts: Sequence[str]) -> bool:
        gaps = (nearest_gap(performed, starts) for performed in self.times)
        return any(gap is not None and abs(gap) <= CLOSE for gap in gaps)


def wanted_slots(facts: StudyFacts, named: Order, *, twice: bool) -> Wanted | None:
    """What `wrong_pick` could find anything by, told from the named order alone; None: nothing, as with most."""
    looks = _looks(facts, named, 0, twice, True)
    return Wanted(tuple(look.facts.performed for look in looks)) if looks else None


class _Look:
    """Images made at one time under `named`, held against whoever else was due there."""

    def __init__(self, facts: StudyFacts, named: Order, own_person: int, waited: bool, beside: Sign) -> None:
        self.facts, self.named, self.own_person, self.waited = facts, named, own_person, waited
        self.own = content(facts, named)
        self.beside = beside  # what is said of the study as a whole

    @property
    def most(self) -> float:
        """No order fits with more than 0 bits; of a swap something else speaks as well, which only a region can."""
        elsewhere = ELSEWHERE if self.own.station is Level.DIFFERENT else 0.0
        sure = self.beside.bits - self.own.examined + min(LATE, -_time(self.own)) + elsewhere
        return round(sure, 2) + max(CLOSED, FLAGGED if self.own.contradicted else 0.0)

    def over(self, slots: Sequence[Slot]) -> Iterator[WrongPick]:
        """Each of those that fits. Where most who were due then have no images, that one has none says nothing."""
        near = [slot for slot in slots if self._is_near(slot.order)]
        having = sum(slot.images is not None or slot.seen for slot in near)
        lacking = sum(_lacks(slot) is not None for slot in near)
        for slot in near:
            left = self._left(slot, lacking - 1 <= having)
            if left and not (fit := content(self.facts, slot.order)).contradicted:
                yield self._weighed(slot.order, fit, left)

    def _is_near(self, other: Order) -> bool:
        if other.id == self.named.id or (self.own_person and other.person_id == self.own_person):
            return False
        gap = nearest_gap(self.facts.performed, (step.start for step in other.steps))
        return other.status not in DEAD and gap is not None and abs(gap) <= CLOSE

    def _left(self, slot: Slot, usual: bool) -> _Left | None:
        """None where it is accounted for: by images of its own, its patient's other images, its modality's word."""
        if slot.images is not None:
            return _swapped(slot.order, slot.images, self.named, self.own)
        return _lacks(slot) if usual else None

    def _weighed(self, other: Order, fit: Content, left: _Left) -> WrongPick:
        sure = (*self._content_signs(fit), self._station_sign(fit), self.beside)
        signs = tuple(one for one in (*sure, Sign(left.bits)) if one.bits or one.text)
        settled = left.swapped or self.waited or sum(one.bits for one in sure) >= FLAGGED
        found = WrongPick(self.named, other, signs, settled, left.swapped, left.closed)
        return replace(found, mixed=self.beside.bits == MIXED, fit=fit.bits, own=self.own.bits)

    def _content_signs(self, fit: Content) -> tuple[Sign, ...]:
        """The whole in one sign; further things that contradict the header say the same in other words."""
        first, *more = self.own.against or ("",)
        bits = fit.examined - self.own.examined + min(LATE, _time(fit) - _time(self.own))
        return Sign(round(bits, 2), first), *(Sign(0.0, text) for text in more)

    def _station_sign(self, fit: Content) -> Sign:
        if self.own.station is Level.DIFFERENT and fit.station is Level.EQUAL:
            return Sign(ELSEWHERE, station_words(self.facts, self.named))
        return Sign(0.0)


def _time(found: Content) -> float:
    return found.bits - found.examined


def _looks(facts: StudyFacts, named: Order, own_person: int, twice: bool, waited: bool) -> list[_Look]:
    """Of the whole, and of its parts where there are several; only what can be flagged at all."""
    facts = without_copied_words(facts, named)
    again, regions_apart = _by_time(facts), _by_region(facts)
    looks = [_Look(facts, named, own_person, waited, _repeated(facts, twice))]
    looks += [_Look(part, named, own_person, waited, _repeated(facts, True)) for part in again if len(again) > 1]
    mixed = [_Look(part, named, own_person, waited, Sign(MIXED)) for part in regions_apart if len(regions_apart) > 1]
    return [look for look in (*looks, *(one for one in mixed if one.own.contradicted)) if look.most >= FLAGGED]


def _repeated(facts: StudyFacts, twice: bool) -> Sign:
    usual = [OFTEN_TWICE[one] for one in facts.modalities if one in OFTEN_TWICE]
    return Sign(min(usual, default=TWICE), "images were made under it twice") if twice else Sign(0.0)


def _by_time(facts: StudyFacts) -> list[StudyFacts]:
    """The series by when they were begun, where a pause parts them."""
    timed = sorted(((begun, one) for one in facts.series if (begun := wall(one.performed))), key=lambda pair: pair[0])
    groups: list[list[SeriesFacts]] = []
    last: datetime | None = None
    for begun, one in timed:
        if last is None or begun - last > PAUSE:
            groups.append([])
        groups[-1].append(one)
        last = begun
    return [_part(facts, group) for group in groups]


def _by_region(facts: StudyFacts) -> list[StudyFacts]:
    """The series by what they show, as far as they say it: a second examination that came at once."""
    groups: dict[frozenset[str], list[SeriesFacts]] = {}
    for one in facts.series:
        if shown := regions(f"{one.body_part} {one.description}"):
            groups.setdefault(frozenset(shown), []).append(one)
    return [_part(facts, group) for group in groups.values()]


def _part(facts: StudyFacts, series: Sequence[SeriesFacts]) -> StudyFacts:
    """Some series as a study; its description is of all, and left out where they say themselves what they show."""
    begun = min((one.performed for one in series if wall(one.performed)), default=facts.performed)
    part = altered(facts, series=tuple(series), performed=begun, description="")
    return part if regions_of_images(part) else altered(part, description=facts.description)


# -- what became of the other order -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Left:
    bits: float
    swapped: bool = False
    closed: bool = False


def _lacks(slot: Slot) -> _Left | None:
    """What it weighs that an order has no images; None where that is not so, or its modality says what was done."""
    if slot.images is not None or slot.seen or slot.order.status is StepStatus.STARTED:
        return None
    if slot.order.status is not StepStatus.COMPLETED:
        return _Left(UNDONE)
    by_ris = slot.order.sources.get("status") not in (BY_MODALITY, BY_IMAGES)
    return _Left(CLOSED, closed=True) if by_ris else None


def _swapped(order: Order, images: StudyFacts, named: Order, own: Content) -> _Left | None:
    """Each of the two lines was taken for the other patient: the other order's images fit the one named here.

    Of one examination like the other it is not said: that two patients changed places is more frequent.
    """
    if not own.contradicted:
        return None
    images = without_copied_words(images, order)
    theirs, mine = content(images, order), content(images, named)
    if mine.contradicted:
        return None
    return _Left(round(mine.bits - theirs.bits, 2), swapped=True)


def is_seen(order: Order, others: Iterable[StudyFacts]) -> bool:
    """Whether its patient has images of the order's modality from about its slot, under whatever number.

    A typed header, or one study for two orders, leaves an order without images, and nothing was picked wrongly.
    `others`: studies under one of the patient's numbers.
    """
    return any(_is_about(order, facts) for facts in others)


def _is_about(order: Order, facts: StudyFacts) -> bool:
    born = facts.patient.birth_date, order.patient.birth_date
    gap = nearest_gap(facts.performed, (step.start for step in order.steps))
    near = gap is not None and abs(gap) <= PATIENCE
    return near and (not all(born) or born[0] == born[1]) and compare_modalities(facts, order) in SAME


def waited_until(facts: StudyFacts, zone: str) -> datetime | None:
    """When whoever was due then has had the time to come; None where the images have no time."""
    performed = wall(facts.performed)
    try:
        return performed.replace(tzinfo=ZoneInfo(zone)) + PATIENCE if performed else None
    except OverflowError:
        return None
