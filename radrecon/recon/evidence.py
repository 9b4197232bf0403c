"""The evidence that a study belongs to an order, field by field, in bits and in words.

The identity is compared with the person as last described and with the patient as the order named them, and taken
whole from the one that agrees better: images made before a change of name still fit their order. Senior against
junior in either of them stands, for nothing else tells the two apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, lru_cache

from radrecon.model.case import Reason
from radrecon.model.names import PersonName
from radrecon.model.order import Order, StepStatus
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.model.study import StudyFacts
from radrecon.recon.compare import (
    SAME,
    Level,
    compare_accessions,
    compare_birth_dates,
    compare_id_sets,
    compare_issued,
    compare_names,
    compare_sexes,
)
from radrecon.recon.identity import IdentityLevels
from radrecon.recon.names import COMMON, NameFrequencies
from radrecon.recon.nobody import birth_date_of
from radrecon.recon.normalise import name_key
from radrecon.recon.performed import BY_MODALITY
from radrecon.recon.procedure import (
    compare_modalities,
    compare_procedures,
    compare_requests,
    compare_sides,
    compare_stations,
)
from radrecon.recon.regions import compare_regions, regions_of_images, regions_of_order
from radrecon.recon.times import nearest_gap
from radrecon.recon.weigh import DEFAULT, TYPICAL_PAIR, Weights, time_level
from radrecon.recon.wording import gap_text, level_text, name_text

Reasons = tuple[Reason, ...]
DEAD = frozenset((StepStatus.CANCELLED, StepStatus.DISCONTINUED))
PLACES = {level: place for place, level in enumerate(Level)}


@dataclass(frozen=True)
class Evidence:
    """How one study and one order agree. `patient_bits` speak for the person, `order_bits` for the order within.

    `fit_bits` are what the examination says, of the order bits: modality, region, side, station, words and time.
    """

    order: Order
    identity: IdentityLevels
    accession: Level
    uid: Level
    modality: Level
    side: Level
    gap: timedelta | None
    reasons: Reasons
    patient_bits: float
    order_bits: float
    linked: bool = False  # the identity is that of a patient who is linked with the order's own
    region: Level = Level.MISSING
    request: Level = Level.MISSING
    fit_bits: float = 0.0

    @property
    def bits(self) -> float:
        return round(self.patient_bits + self.order_bits, 2)

    @property
    def order_key(self) -> bool:
        """The order is named by the images: accession number or Study Instance UID."""
        return self.accession in SAME or self.uid is Level.EQUAL

    @property
    def speaks(self) -> bool:
        """Something specific connects the two. A near accession alone does not: numbers are dealt out in a row."""
        near = self.accession is Level.NEAR and self.identity.name not in (Level.DIFFERENT, Level.MISSING)
        return self.order_key or self.identity.agrees or near


@dataclass(frozen=True)
class Scale:
    """What levels are worth at one site: the weights, how many orders there are, and how common names are."""

    count: int
    issuer: str = ""
    weights: Weights = DEFAULT
    names: NameFrequencies = COMMON

    @cached_property
    def ids(self) -> dict[str, float]:
        return dict(self.weights.numbers("patient_id", self.count))

    @cached_property
    def accessions(self) -> dict[str, float]:
        return dict(self.weights.numbers("accession_number", self.count))

    def name_bits(self, level: Level, name: PersonName) -> float:
        """A name that agrees is worth what it is rare; one that does not says the same of common and rare ones."""
        bits = self.weights.bits["patient_name"].get(level, 0.0)
        if bits <= 1:
            return bits
        typical = self.weights.bits["patient_name"][Level.EQUAL] / TYPICAL_PAIR
        key = name_key(name.alphabetic or name.ideographic or name.phonetic)
        return max(1.0, bits + typical * (self.names.bits(key) - TYPICAL_PAIR))


def weigh_order(
    facts: StudyFacts,
    order: Order,
    person: Person | None,
    scale: Scale,
    linked: Person | None = None,
    done: bool = False,
) -> Evidence:
    """Compare one study with one order.

    `linked`: the study's patient, where registration has linked them with its; `done`: another study has it.
    """
    identity, patient_reasons = _best_identity(facts, order, person, scale)
    across = _across_link(facts, linked, scale) if linked else None
    over = across is not None and _sum(across[1]) > _sum(patient_reasons)
    identity, patient_reasons = across if across and over else (identity, patient_reasons)
    accession = accession_level(facts, order)
    uid = uid_level(facts, order)
    modality, side = compare_modalities(facts, order), compare_sides(facts, order)
    region, request = compare_regions(regions_of_images(facts), regions_of_order(order)), compare_requests(facts, order)
    gap = nearest_gap(facts.performed, (step.start for step in order.steps))
    bits = scale.weights.bits
    named = (
        *_reason("accession_number", accession, scale.accessions.get(accession, 0.0), order.accession_number),
        *_reason("study_instance_uid", uid, bits["study_instance_uid"].get(uid, 0.0)),
        *_reason("request", request, bits["request"].get(request, 0.0)),
    )
    fitting = (
        *_reason("modality", modality, bits["modality"].get(modality, 0.0), *_modalities(modality, facts, order)),
        *_time_reason(gap, order, scale),
        *_table("station", compare_stations(facts, order), scale),
        *_table("body_part", region, scale),
        *_table("procedure", compare_procedures(facts, order), scale),
        *_table("laterality", side, scale),
    )
    standing = _standing_reason(order, done, scale)
    reasons = (*patient_reasons, *named, *fitting, *standing)
    fit = _sum(fitting)
    sums = _sum(patient_reasons), round(_sum(named) + fit + _sum(standing), 2)
    return Evidence(order, identity, accession, uid, modality, side, gap, reasons, *sums, over, region, request, fit)


def _standing_reason(order: Order, done: bool, scale: Scale) -> Reasons:
    level = "done" if done else "dead" if is_dead(order) else ""
    return _reason("order", level, scale.weights.bits["order"].get(level, 0.0), str(order.status).lower())


def is_dead(order: Order) -> bool:
    """Cancelled or discontinued. An examination that its modality broke off has its images all the same."""
    broken_off = order.status is StepStatus.DISCONTINUED and order.sources.get("status") == BY_MODALITY
    return order.status in DEAD and not broken_off


def accession_level(facts: StudyFacts, order: Order) -> Level:
    """Images that were made for several orders name them in their requests and carry no number of their own."""
    own, issuer = order.accession_number, order.issuer_of_accession
    level = compare_issued(own, issuer, facts.accession_number, facts.issuer_of_accession)
    if level is Level.MISSING and own and facts.requests:
        return min((compare_accessions(own, item.accession_number) for item in facts.requests), key=PLACES.__getitem__)
    return level


def uid_level(facts: StudyFacts, order: Order) -> Level:
    one, other = order.study_instance_uid, facts.study_instance_uid
    if not one or not other:
        return Level.MISSING
    return Level.EQUAL if one == other else Level.DIFFERENT


def _sum(reasons: Sequence[Reason]) -> float:
    return round(sum(reason.bits for reason in reasons), 2)


def _best_identity(
    facts: StudyFacts, order: Order, person: Person | None, scale: Scale
) -> tuple[IdentityLevels, Reasons]:
    known = person.identifiers if person else ()
    if person is None or person.demographics == order.patient:
        return _weigh_identity(order.patient, facts.patient, known, scale)
    weighed = [_weigh_identity(truth, facts.patient, known, scale) for truth in (person.demographics, order.patient)]
    return max(weighed, key=lambda each: (each[0].name is Level.GENERATION, _sum(each[1])))


def _across_link(facts: StudyFacts, linked: Person, scale: Scale) -> tuple[IdentityLevels, Reasons]:
    """The identity as that of a linked patient: it finds the order for a person to look at, and links nothing."""
    levels, reasons = _weigh_identity(linked.demographics, facts.patient, linked.identifiers, scale)
    return levels, tuple(replace(one, text=f"{one.text}, of a linked patient") for one in reasons)


def _weigh_identity(
    truth: Demographics, found: Demographics, known: tuple[PatientId, ...], scale: Scale
) -> tuple[IdentityLevels, Reasons]:
    levels = IdentityLevels(
        compare_id_sets(found.patient_id, (truth.patient_id, *truth.other_ids, *known), scale.issuer),
        compare_names(truth.name, found.name),
        compare_birth_dates(truth.birth_date, found.birth_date),
        compare_sexes(truth.sex, found.sex),
    )
    name_bits = scale.name_bits(levels.name, truth.name)
    return levels, (
        *_reason("patient_id", levels.patient_id, scale.ids.get(levels.patient_id, 0.0)),
        *_name_reason(levels.name, name_bits, truth.name, found.name),
        *_table("patient_birth_date", _told(levels.birth_date, truth, found), scale),
        *_table("patient_sex", levels.sex, scale),
    )


def _told(level: Level, truth: Demographics, found: Demographics) -> Level:
    """What desks type where they know no birth date says nothing, whether it agrees or not."""
    return level if birth_date_of(truth.birth_date) and birth_date_of(found.birth_date) else Level.MISSING


@lru_cache(1 << 16)
def _reason(field: str, level: str, bits: float, *said: str) -> Reasons:
    """None where the field says nothing. The same few come again and again."""
    return (Reason(field, str(level), round(bits, 2), level_text(field, level, *said)),) if bits else ()


def _name_reason(level: Level, bits: float, truth: PersonName, found: PersonName) -> Iterator[Reason]:
    if bits:
        yield Reason("patient_name", str(level), round(bits, 2), name_text(level, truth, found))


def _table(field: str, level: Level, scale: Scale) -> Reasons:
    return _reason(field, level, scale.weights.bits[field].get(level, 0.0))


def _modalities(level: Level, facts: StudyFacts, order: Order) -> tuple[str, str]:
    performed = "/".join(facts.modalities) or "/".join(sorted({series.modality for series in facts.series}))
    return performed, "" if level in SAME else "/".join(sorted({step.modality for step in order.steps}))


def _time_reason(gap: timedelta | None, order: Order, scale: Scale) -> Reasons:
    if gap is None:
        return ()
    level = time_level(gap)
    station = next((each.station_ae_title for each in order.steps if each.station_ae_title), "")
    text = gap_text(gap) + (f" at {station}" if station else "")
    bits = scale.weights.bits["performed"].get(level, 0.0)
    return (Reason("performed", level, round(bits, 2), text),)
