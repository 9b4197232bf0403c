"""Whether what was performed can be what was ordered: modality, side, station and words (PS3.3 C.7.3.1.1.1).

Some modalities come as companions (dose reports, key objects, segmentations) or in pairs (PET with CT); digital
radiography goes by several names.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from radrecon.model.order import Order
from radrecon.model.study import StudyFacts
from radrecon.recon.compare import Level
from radrecon.recon.normalise import CACHED, fold

COMPANIONS = frozenset(
    ("SR", "KO", "PR", "SEG", "OT", "DOC", "REG", "FID", "RTSTRUCT", "RTDOSE", "RTPLAN", "RWV", "AU", "SC")
)
SHORTEST_NAMING = 5  # characters of an id that may be unique in a house
RADIOGRAPHY = frozenset(("CR", "DX", "DR", "RG", "RF", "XA"))
LEFT, RIGHT, BOTH = (
    frozenset(("l", "left", "lt", "links", "li")),
    frozenset(("r", "right", "rt", "rechts", "re")),
    frozenset(("b", "both", "bilateral", "bil", "bilat", "bds")),
)


def compare_modalities(facts: StudyFacts, order: Order) -> Level:
    performed = _plain({*facts.modalities, *(series.modality for series in facts.series)})
    ordered = _plain({step.modality for step in order.steps})
    if not performed or not ordered:
        return Level.MISSING
    if performed & ordered:
        return Level.EQUAL
    return Level.FORMAT if performed & RADIOGRAPHY and ordered & RADIOGRAPHY else Level.DIFFERENT


def _plain(modalities: set[str]) -> set[str]:
    return {modality.strip().upper() for modality in modalities} - COMPANIONS - {""}


def compare_stations(facts: StudyFacts, order: Order) -> Level:
    performed = {fold(series.station_name) for series in facts.series} - {""}
    ordered = {fold(name) for step in order.steps for name in (step.station_ae_title, step.station_name)} - {""}
    if not performed or not ordered:
        return Level.MISSING
    return Level.EQUAL if performed & ordered else Level.DIFFERENT


def compare_sides(facts: StudyFacts, order: Order) -> Level:
    """Left against right, from the series' laterality and the words of the descriptions."""
    performed = _side_of_images(facts)
    ordered = _sides(f"{order.requested_procedure_description} {' '.join(step.description for step in order.steps)}")
    if not performed or not ordered:
        return Level.MISSING
    return Level.EQUAL if performed & ordered else Level.DIFFERENT


def _side_of_images(facts: StudyFacts) -> frozenset[str]:
    stated = " ".join(series.laterality for series in facts.series)
    return _sides(stated) or _sides(facts.description)


@lru_cache(CACHED)
def _sides(text: str) -> frozenset[str]:
    words = set(fold(text).split())
    if words & BOTH:
        return frozenset("LR")
    return frozenset(side for side, spellings in (("L", LEFT), ("R", RIGHT)) if words & spellings)


def compare_procedures(facts: StudyFacts, order: Order) -> Level:
    """Equal words are evidence; other words are none, for every modality has its own protocol names."""
    performed = fold(facts.description)
    ordered = {fold(order.requested_procedure_description), *(fold(step.description) for step in order.steps)} - {""}
    if not performed or not ordered:
        return Level.MISSING
    if performed in ordered:
        return Level.EQUAL
    shared = max(len(set(performed.split()) & set(words.split())) for words in ordered)
    return Level.PART if shared > 1 else Level.MISSING


def compare_requests(facts: StudyFacts, order: Order) -> Level:
    """The requested procedure and step that the images carry (PS3.3 10.6 Request Attributes).

    Short ones ("1", "SPS2") are counted within an order or a day, and name none.
    """
    named = facts.requests
    if not named:
        return Level.MISSING
    if _long(item.scheduled_procedure_step_id for item in named) & _long(
        step.scheduled_procedure_step_id for step in order.steps
    ):
        return Level.EQUAL
    performed, ordered = _long(item.requested_procedure_id for item in named), _long((order.requested_procedure_id,))
    if not performed or not ordered:
        return Level.MISSING
    return Level.EQUAL if performed & ordered else Level.DIFFERENT


def _long(ids: Iterable[str]) -> set[str]:
    return {each for each in ids if len(each) >= SHORTEST_NAMING}
