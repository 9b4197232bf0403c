"""When a patient came and when an examination ended, by the RIS's word, against the times of images: bits.

How often what is seen is seen of a wrong pick, against how often of images that are right. The frequencies are orders
of magnitude from the field: technologists end most examinations within minutes of the last image, some after the next
patient, some at the end of a shift, and a few before they have begun; where a modality ends them (MPPS), the line that
was picked is ended, and the end says nothing. Patients are registered before their images, but for a few who are
registered afterwards. A clock that is minutes off is within these figures; one that is off by more, another time zone,
or a RIS that ends everything at midnight is not, and then nothing is said (`Custom`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log2

from radrecon.model.order import Order
from radrecon.model.study import StudyFacts
from radrecon.recon.times import second_of

PROMPT, LATER, SHIFT, EARLY = 0.60, 0.25, 0.10, 0.02  # how examinations are ended by hand; the rest anyhow
LATER_MEAN, SHIFT_LENGTH, EARLY_MEAN, DAY = 60.0, 480.0, 10.0, 1440.0
LENGTHS = {"DX": 10.0, "CR": 10.0, "DR": 10.0, "MG": 15.0, "CT": 15.0, "US": 20.0, "RF": 25.0, "MR": 30.0, "NM": 40.0,
           "PT": 40.0, "XA": 50.0}  # fmt: skip
USUAL_LENGTH = 15.0
"""Minutes from the first image to the end in the RIS, where it comes at once."""

BY_HAND = 0.5  # of ends: by hand, and with the request of who was there; the rest follows the line that was picked
BY_HAND_LACKING = 0.9  # ... of an order that its line's modality has not ended, as it has no images
FAR = 300.0  # minutes: an end so far off is no technologist's, or of another day
ENOUGH = 2  # others whose times have to be told before a RIS's customs are known
SOUND = 0.8  # of their times that have to fit their own images

WAIT_MEAN, AFTERWARDS, AFTERWARDS_MEAN = 40.0, 0.03, 15.0  # from registration to the first image; who is late there
CAME = ((-20.0, 4.5), (-5.0, 3.5))  # images that were made so many minutes before their patient came; bits
CAME_BEFORE = -0.5
STAYED = 0.05  # of those without images who had come: they left again
HINTED = 60.0  # minutes between images and what the RIS tells of whose they may be
HIDDEN = 2.0  # at most, of who came and has no images: one in some has them under a header that cannot be read
MOST_BY_ENDS, MOST_BY_ARRIVALS = 10.0, 5.0  # of two examinations together
MOST = 4.0  # bits of one sign
UNLIKE_SHIFT, UNLIKE_SPREAD = 30.0, 25.0  # an examination's end, from its own slot


# -- how often -----------------------------------------------------------------------------------------------------


@lru_cache(1 << 14)
def ended_after(minutes: float, modality: str) -> float:
    """Density per minute of an end in the RIS, so long after the first image."""
    anyhow = (1 - PROMPT - LATER - SHIFT - EARLY) / DAY
    if minutes <= 0:
        return EARLY * exp(minutes / EARLY_MEAN) / EARLY_MEAN + anyhow
    half = LENGTHS.get(modality, USUAL_LENGTH) / 2
    prompt = minutes / half**2 * exp(-minutes / half)
    later = exp(-minutes / LATER_MEAN) / LATER_MEAN
    return PROMPT * prompt + LATER * later + (SHIFT / SHIFT_LENGTH if minutes < SHIFT_LENGTH else 0.0) + anyhow


def _ended_of_own(minutes: float) -> float:
    """... so long after the slot that an examination was for."""
    return 0.75 * _around(minutes, UNLIKE_SHIFT, UNLIKE_SPREAD) + 0.25 / (2 * SHIFT_LENGTH)


def _ended_of_neighbour(minutes: float) -> float:
    """... so long after the first image of somebody else in the same hours."""
    return 0.8 * _around(minutes, 20.0, 45.0) + 0.2 / (2 * SHIFT_LENGTH)


def _around(minutes: float, middle: float, spread: float) -> float:
    return exp(-abs(minutes - middle) / spread) / (2 * spread)


def waited(minutes: float) -> float:
    """Density per minute of a wait from registration to the first image; below 0: registered afterwards."""
    if minutes < 0:
        return AFTERWARDS * exp(minutes / AFTERWARDS_MEAN) / AFTERWARDS_MEAN + 1e-5
    return (1 - AFTERWARDS) * exp(-minutes / WAIT_MEAN) / WAIT_MEAN + 1e-5


def minutes_between(later: str, earlier: str) -> float | None:
    """None where either is not told to the minute."""
    one, other = second_of(later), second_of(earlier)
    return None if one is None or other is None else (one - other) / 60


def _capped(odds: float) -> float:
    return max(-MOST, min(MOST, log2(odds)))


# -- what a RIS does -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Custom:
    """What a RIS usually tells, by its other orders of those hours that have images.

    `ends` and `arrivals`: of how many it tells them (0: of none, or of too few, or they do not fit their own images).
    """

    ends: float = 0.0
    arrivals: float = 0.0


def custom_of(sender: str, having: Sequence[tuple[Order, StudyFacts]]) -> Custom:
    own = [(order, facts) for order, facts in having if order.sender == sender]
    ends = [(minutes_between(order.ended, facts.performed), order.ended) for order, facts in own]
    told = [minutes for minutes, _ in ends if minutes is not None]
    shared = len({text for minutes, text in ends if minutes is not None}) <= len(told) / 2
    arrivals = [found for order, facts in own if (found := minutes_between(facts.performed, order.arrived)) is not None]
    return Custom(
        0.0 if shared else _share(told, len(own), EARLY_MEAN, FAR), _share(arrivals, len(own), AFTERWARDS_MEAN, DAY)
    )


def _share(told: Sequence[float], of: int, before: float, after: float) -> float:
    sound = sum(-before <= minutes <= after for minutes in told)
    if len(told) < ENOUGH or sound < SOUND * len(told):
        return 0.0
    return (len(told) + 1) / (of + 2)


# -- the order that the images name ------------------------------------------------------------------------------------


def end_of_named(named: Order, begun: str, modality: str) -> float:
    """Bits of its end against images that were begun then."""
    minutes = minutes_between(named.ended, begun)
    if minutes is None or abs(minutes) > FAR:
        return 0.0
    odds = _ended_of_neighbour(minutes) / ended_after(minutes, modality)
    return _capped(1 - BY_HAND + BY_HAND * odds)


def arrival_of_named(named: Order, begun: str) -> float:
    """Bits of its patient's arrival; nobody's images are made before they come."""
    minutes = minutes_between(begun, named.arrived)
    if minutes is None or abs(minutes) > FAR:
        return 0.0
    return next((bits for before, bits in CAME if minutes < before), CAME_BEFORE if minutes >= 0 else 0.0)


def not_told_of_named(told: str, share: float, absent: float) -> float:
    """Bits of an end or arrival that is not told where it usually is; `absent`: how sure the named one is not there."""
    return 0.0 if told or not share else _capped(absent / (1 - share) + 1 - absent)


# -- somebody else's ---------------------------------------------------------------------------------------------------


def end_of_lacking(other: Order, begun: str, modality: str) -> float:
    """Bits of the end of an order that was closed and has no images: with these, or at its own time."""
    minutes = minutes_between(other.ended, begun)
    own = [found for step in other.steps if (found := minutes_between(other.ended, step.start)) is not None]
    if minutes is None or not own:
        return 0.0
    odds = ended_after(minutes, modality) / _ended_of_own(min(own, key=abs))
    return _capped(BY_HAND_LACKING * odds + 1 - BY_HAND_LACKING)


def arrival_of_undone(other: Order, begun: str, share: float) -> float:
    """Bits of whether the patient of an order that is still open had come when these images were made."""
    if not share:
        return 0.0
    minutes = minutes_between(begun, other.arrived)
    if minutes is None:
        return _capped((1 - share) / (1 - STAYED * share))
    odds = waited(minutes) / waited(WAIT_MEAN / 2) / STAYED
    return min(HIDDEN, _capped(odds)) if abs(minutes) < FAR else 0.0


def crossed(named: Order, begun: str, other: Order, others_begun: str, modality: str) -> tuple[float, float]:
    """Bits of two examinations whose lines were taken for each other: by their ends, and by the patients' arrivals."""
    by_end, by_arrival = 1.0, 1.0
    for order, own, swapped in ((named, begun, others_begun), (other, others_begun, begun)):
        fits, as_named = minutes_between(order.ended, swapped), minutes_between(order.ended, own)
        if fits is not None and as_named is not None and max(abs(fits), abs(as_named)) < FAR:
            by_end *= ended_after(fits, modality) / ended_after(as_named, modality)
        fits, as_named = minutes_between(swapped, order.arrived), minutes_between(own, order.arrived)
        if fits is not None and as_named is not None and max(abs(fits), abs(as_named)) < FAR:
            by_arrival *= waited(fits) / waited(as_named)
    ends, arrivals = log2(BY_HAND * by_end + 1 - BY_HAND), log2(0.95 * by_arrival + 0.05)
    return min(MOST_BY_ENDS, ends), min(MOST_BY_ARRIVALS, arrivals)


# -- in words ----------------------------------------------------------------------------------------------------------


def words_of_end(begun: str, named: Order) -> str:
    minutes = minutes_between(begun, named.ended) or 0.0
    if minutes > 0:
        return f"begun {minutes:.0f} min after the RIS had ended its examination"
    return f"its examination was ended in the RIS {-minutes:.0f} min later"


def words_of_arrival(begun: str, named: Order) -> str:
    minutes = minutes_between(named.arrived, begun) or 0.0
    return f"made {minutes:.0f} min before its patient came by the RIS's word"


def words_of_other(begun: str, other: Order) -> str:
    minutes = minutes_between(other.ended, begun) or 0.0
    return f"the other examination was ended in the RIS {minutes:.0f} min after they were begun"


# -- told of others, cheaply -----------------------------------------------------------------------------------------


def may_have_ended(ended: str, begun: str) -> bool:
    """Whether somebody's examination ended when these images may be theirs. Texts of one form stand as they follow."""
    if ended < begun:
        return False
    minutes = minutes_between(ended, begun)
    return minutes is not None and 0 <= minutes <= HINTED


def may_have_come(arrived: str, begun: str) -> bool:
    if not arrived or arrived > begun:
        return False
    minutes = minutes_between(begun, arrived)
    return minutes is not None and 0 <= minutes <= 2 * HINTED
