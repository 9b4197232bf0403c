"""Possible wrong worklist pick: a header that agrees with itself, on images that are another patient's.

The technologist took the wrong line: accession number, id and name are all order A's. What was examined, when, where
and how often is not copied from the list, and may fit an order B of somebody else who was due at that device and has no
images, or has A's. Each sign is worth bits, log2 of how much more often it is seen of a wrong pick than of images that
are right; a flag is raised where their sum says so. Nothing is proved by it: a person looks.

Where the RIS tells when patients came and when examinations ended, that is held against the times of the images as well
(`ris_times`): it is what tells two patients of the same examination apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from radrecon.model.altering import altered
from radrecon.model.order import Order, StepStatus
from radrecon.model.study import SeriesFacts, StudyFacts
from radrecon.recon import ris_times as told
from radrecon.recon.compare import Level
from radrecon.recon.content import Content, content, station_words, without_copied_words
from radrecon.recon.performed import BY_IMAGES, BY_MODALITY
from radrecon.recon.regions import regions, regions_of_images
from radrecon.recon.slots import CLOSE, Slot, Wanted
from radrecon.recon.times import nearest_gap, wall
from radrecon.recon.veto import DEAD

FLAGGED = 9.0  # leaves false alarms near 3 in 1,000 where errors are frequent, and at 1 in 1,000 as they come
UNDONE = 4.0  # somebody who was due has no images: about one in sixteen
CLOSED = 5.0  # the RIS says that they were examined, and there are none: one in a hundred
TWICE = 5.5  # a second examination under one order: one radiograph or CT in fifty goes on after a pause
OFTEN_TWICE = {"NM": 0.0, "US": 4.0, "MG": 4.0, "RF": 4.0, "XA": 4.0, "PT": 4.0}  # late images, more views
MIXED = -2.0  # of two regions in one study: not as rare as a wrong region, one in fifty is for two orders
ODD = 1.0  # bits of an end that is worth asking who else was there
TELLING = 1.0  # bits of what is worth a word
LATE = 4.0  # at most, for the times: a room that runs late does so for everybody
ELSEWHERE = 3.0  # done at the other order's station, and not at its own
ENDED_TOO = -3.0  # both examinations were ended: who had the wrong line in hand would have left that one open
CAME_TOO = -1.75  # whose line was picked had come: they are not the one who stayed away
ABSENT = 0.7  # how often whose line was picked does not come, where nothing was made under it again
PAUSE = timedelta(minutes=10)
"""Series of one examination follow each other closer than this."""


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


def wanted_slots(facts: StudyFacts, named: Order, *, twice: bool) -> Wanted | None:
    """What `wrong_pick` could find anything by, told from the named order alone; None: nothing, as with most."""
    looks = _looks(facts, named, 0, twice, True)
    times = tuple(look.facts.performed for look in looks)
    return Wanted(times, all(one.hinted for one in looks), any(one.odd for one in looks)) if looks else None


class _Look:
    """Images made at one time under `named`, held against whoever else was due there. `whole`: all there are."""

    def __init__(
        self, facts: StudyFacts, named: Order, own_person: int, waited: bool, beside: Sign, whole: bool = False
    ) -> None:
        self.facts, self.named, self.own_person, self.waited = facts, named, own_person, waited
        self.own = content(facts, named)
        self.beside = beside  # what is said of the study as a whole
        self.whole = whole

    @cached_property
    def sure(self) -> float:
        """What speaks against the header by itself, at most: no order fits with more than 0 bits."""
        elsewhere = ELSEWHERE if self.own.station is Level.DIFFERENT else 0.0
        timed = max(0.0, self._own_end) + max(0.0, self._own_arrival)
        return round(self.beside.bits - self.own.examined + min(LATE, -_time(self.own)) + elsewhere + timed, 2)

    @cached_property
    def most(self) -> float:
        """Without what the RIS tells of others. Of a swap something else speaks as well, which only a region can."""
        return self.sure + max(CLOSED, FLAGGED if self.own.contradicted else 0.0)

    @property
    def hinted(self) -> bool:
        return self.most < FLAGGED

    @property
    def may_be_told(self) -> bool:
        """Whether what the RIS tells of others could show a wrong pick: not where it tells that all went well."""
        if not self.whole:
            return False
        return self.odd or not (self.named.ended or self.named.arrived)

    @cached_property
    def odd(self) -> bool:
        """Whether the RIS tells something of the named order that does not go with these images."""
        return self._own_end > ODD or self._own_arrival > 0

    def over(self, slots: Sequence[Slot]) -> Iterator[WrongPick]:
        """Each of those that fits. Where most who were due then have no images, that one has none says nothing."""
        near = [slot for slot in slots if self._is_near(slot.order)]
        having = sum(slot.images is not None or slot.seen for slot in near)
        lacking = sum(_lacks(slot) is not None for slot in near)
        customs = _Customs([(slot.order, slot.images) for slot in near if slot.images is not None])
        for slot in near:
            left = self._left(slot, lacking - 1 <= having, customs)
            if left and not (fit := content(self.facts, slot.order)).contradicted:
                yield self._weighed(slot.order, fit, left, customs)

    def _is_near(self, other: Order) -> bool:
        if other.id == self.named.id or (self.own_person and other.person_id == self.own_person):
            return False
        gap = nearest_gap(self.facts.performed, (step.start for step in other.steps))
        return other.status not in DEAD and gap is not None and abs(gap) <= CLOSE

    def _left(self, slot: Slot, usual: bool, customs: _Customs) -> _Left | None:
        """None where it is accounted for: by images of its own, its patient's other images, its modality's word."""
        if slot.images is not None:
            return _swapped(slot.order, slot.images, self.named, self.facts, self.own, customs)
        return _lacks(slot) if usual else None

    def _weighed(self, other: Order, fit: Content, left: _Left, customs: _Customs) -> WrongPick:
        seen = () if left.by_times_alone else self._content_signs(fit)
        sure = (*seen, self._station_sign(fit), self.beside, *self._told_signs(other, left, customs))
        signs = tuple(one for one in (*sure, Sign(left.bits), *left.signs) if one.bits or one.text)
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

    # -- what the RIS tells ----------------------------------------------------------------------------------------

    @property
    def modality(self) -> str:
        return next(iter(self.facts.modalities), "")

    @cached_property
    def _own_end(self) -> float:
        return self._of_end(self.named) if self.named.ended else 0.0

    @cached_property
    def _own_arrival(self) -> float:
        return self._of_arrival(self.named) if self.named.arrived else 0.0

    def _of_end(self, named: Order) -> float:
        """Of a second examination under one line its end says nothing: it is of either."""
        return told.end_of_named(named, self.facts.performed, self.modality) if self.whole else 0.0

    def _of_arrival(self, named: Order) -> float:
        return told.arrival_of_named(named, self.facts.performed)

    def _told_signs(self, other: Order, left: _Left, customs: _Customs) -> Iterator[Sign]:
        """Of two lines that were taken for each other both examinations speak, and that is weighed in `_swapped`."""
        if left.swapped:
            return
        named, theirs = customs.as_usual(self.named), customs.as_usual(other)
        begun, usual = self.facts.performed, customs.of(self.named.sender)
        yield from self._end_signs(named, left, usual)
        came = self._of_arrival(named)
        yield _sign(CAME_TOO if self.whole and came < 0 else came, told.words_of_arrival(begun, named))
        if self.whole:
            missing = told.not_told_of_named(self.named.arrived, usual.arrivals, ABSENT)
            yield _sign(missing, "its patient had not come by the RIS's word")
        yield _sign(-max(0.0, told.arrival_of_named(theirs, begun)), "")
        if left.closed:
            yield _sign(told.end_of_lacking(theirs, begun, self.modality), told.words_of_other(begun, theirs))
        else:
            arrived = told.arrival_of_undone(theirs, begun, customs.of(other.sender).arrivals)
            yield _sign(arrived, "the other patient had come by then")

    def _end_signs(self, named: Order, left: _Left, usual: told.Custom) -> Iterator[Sign]:
        if not self.whole:
            return
        found = self._of_end(named)
        yield _sign(ENDED_TOO if left.closed and found < 0 else found, told.words_of_end(self.facts.performed, named))
        if left.closed:
            missing = told.not_told_of_named(self.named.ended, usual.ends, ABSENT)
            yield _sign(missing, "its examination was not ended in the RIS")


def _sign(bits: float, text: str) -> Sign:
    return Sign(round(bits, 2), text if bits >= TELLING else "")


class _Customs:
    """What each RIS usually tells, by orders that have images."""

    def __init__(self, having: Sequence[tuple[Order, StudyFacts]]) -> None:
        self.having = having
        self.known: dict[str, told.Custom] = {}

    def of(self, sender: str) -> told.Custom:
        if sender not in self.known:
            self.known[sender] = told.custom_of(sender, self.having)
        return self.known[sender]

    def as_usual(self, order: Order) -> Order:
        """With those times only that its RIS tells as a rule."""
        usual = self.of(order.sender) if order.arrived or order.ended else told.Custom()
        arrived, ended = order.arrived if usual.arrivals else "", order.ended if usual.ends else ""
        same = arrived == order.arrived and ended == order.ended
        return order if same else altered(order, arrived=arrived, ended=ended)


def _time(found: Content) -> float:
    return found.bits - found.examined


def _looks(facts: StudyFacts, named: Order, own_person: int, twice: bool, waited: bool) -> list[_Look]:
    """Of the whole, and of its parts where there are several; only what can be flagged at all."""
    facts = without_copied_words(facts, named)
    again, regions_apart = _by_time(facts), _by_region(facts)
    looks = [_Look(facts, named, own_person, waited, _repeated(facts, twice), not twice and len(again) < 2)]
    looks += [_Look(part, named, own_person, waited, _repeated(facts, True)) for part in again if len(again) > 1]
    mixed = [_Look(part, named, own_person, waited, Sign(MIXED)) for part in regions_apart if len(regions_apart) > 1]
    looks += [look for look in mixed if look.own.contradicted]
    return [look for look in looks if look.most >= FLAGGED or look.may_be_told]


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
    signs: tuple[Sign, ...] = ()
    by_times_alone: bool = False


def _lacks(slot: Slot) -> _Left | None:
    """What it weighs that an order has no images; None where that is not so, or its modality says what was done."""
    if slot.images is not None or slot.seen or slot.order.status is StepStatus.STARTED:
        return None
    if slot.order.status is not StepStatus.COMPLETED:
        return _Left(UNDONE)
    by_ris = slot.order.sources.get("status") not in (BY_MODALITY, BY_IMAGES)
    return _Left(CLOSED, closed=True) if by_ris else None


def _swapped(
    order: Order, images: StudyFacts, named: Order, facts: StudyFacts, own: Content, customs: _Customs
) -> _Left | None:
    """Each of the two lines was taken for the other patient: the other order's images fit the one named here.

    Of one examination like the other only the RIS's times say it: that two patients changed places is more frequent.
    """
    by_ends, by_arrivals = told.crossed(
        customs.as_usual(named),
        facts.performed,
        customs.as_usual(order),
        images.performed,
        next(iter(facts.modalities), ""),
    )
    if not own.contradicted and by_ends + by_arrivals < FLAGGED - ELSEWHERE:
        return None
    images = without_copied_words(images, order)
    theirs, mine = content(images, order), content(images, named)
    if mine.contradicted:
        return None
    signs = (
        _sign(by_ends, "each of the two examinations was ended in the RIS after the other's images"),
        _sign(by_arrivals, "each of the two patients had come when the other's images were made"),
    )
    fit = round(mine.bits - theirs.bits, 2) if own.contradicted else 0.0
    return _Left(fit, swapped=True, signs=signs, by_times_alone=not own.contradicted)
