"""The evidence that a study belongs to an order, field by field, in bits and in words.

The identity is compared with the person as last described and with the patient as the order named them, and taken
whole from the one that agrees better: images made before a change of name still fit their order. Senior against
junior in either of them stands, for nothing else tells the two apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from radrecon.model.case import Reason
from radrecon.model.order import Order
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.model.study import StudyFacts
from radrecon.recon import weigh
from radrecon.recon.compare import SAME, Level, compare_accessions
from radrecon.recon.identity import IdentityLevels, identity_levels
from radrecon.recon.procedure import compare_modalities, compare_procedures, compare_sides, compare_stations
from radrecon.recon.times import nearest_gap


@dataclass(frozen=True)
class Evidence:
    """How one study and one order agree. `patient_bits` speak for the person, `order_bits` for the order within."""

    order: Order
    identity: IdentityLevels
    accession: Level
    uid: Level
    modality: Level
    side: Level
    gap: timedelta | None
    reasons: tuple[Reason, ...]
    patient_bits: float
    order_bits: float
    linked: bool = False  # the identity is that of a patient who is linked with the order's own

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


def weigh_order(
    facts: StudyFacts, order: Order, person: Person | None, count: int, issuer: str, linked: Person | None = None
) -> Evidence:
    """Compare one study with one order; `count` is how many orders there are, `issuer` the site's own.

    `linked`: the study's patient, where registration has linked them with the order's.
    """
    identity, patient_reasons = _best_identity(facts, order, person, count, issuer)
    across = _across_link(facts, linked, count, issuer) if linked else None
    over = across is not None and _sum(across[1]) > _sum(patient_reasons)
    identity, patient_reasons = across if across and over else (identity, patient_reasons)
    accession = compare_accessions(order.accession_number, facts.accession_number)
    uid = _compare_uids(order.study_instance_uid, facts.study_instance_uid)
    modality, side = compare_modalities(facts, order), compare_sides(facts, order)
    gap = nearest_gap(facts.performed, (step.start for step in order.steps))
    order_reasons = (
        *_reason("accession_number", accession, weigh.number_bits(accession, count), _accession_text(accession, order)),
        *_reason("study_instance_uid", uid, weigh.UID_LEVEL_BITS.get(uid, 0.0), f"Study Instance UID {uid}"),
        *_reason("modality", modality, weigh.MODALITY_BITS.get(modality, 0.0), _modality_text(modality, facts, order)),
        *_time_reason(gap, order),
        *_table_reason("station", compare_stations(facts, order), weigh.STATION_BITS),
        *_table_reason("procedure", compare_procedures(facts, order), weigh.PROCEDURE_BITS),
        *_table_reason("laterality", side, weigh.SIDE_BITS),
    )
    reasons = (*patient_reasons, *order_reasons)
    sums = _sum(patient_reasons), _sum(order_reasons)
    return Evidence(order, identity, accession, uid, modality, side, gap, reasons, *sums, over)


def _sum(reasons: tuple[Reason, ...]) -> float:
    return round(sum(reason.bits for reason in reasons), 2)


def _best_identity(
    facts: StudyFacts, order: Order, person: Person | None, count: int, issuer: str
) -> tuple[IdentityLevels, tuple[Reason, ...]]:
    known = person.identifiers if person else ()
    truths = dict.fromkeys((person.demographics, order.patient) if person else (order.patient,))
    weighed = [_weigh_identity(truth, facts.patient, known, count, issuer) for truth in truths]
    return max(weighed, key=lambda each: (each[0].name is Level.GENERATION, _sum(each[1])))


def _across_link(
    facts: StudyFacts, linked: Person, count: int, issuer: str
) -> tuple[IdentityLevels, tuple[Reason, ...]]:
    """The identity as that of a linked patient: it finds the order for a person to look at, and links nothing."""
    levels, reasons = _weigh_identity(linked.demographics, facts.patient, linked.identifiers, count, issuer)
    return levels, tuple(replace(one, text=f"{one.text}, of a linked patient") for one in reasons)


def _weigh_identity(
    truth: Demographics, found: Demographics, known: tuple[PatientId, ...], count: int, issuer: str
) -> tuple[IdentityLevels, tuple[Reason, ...]]:
    levels = identity_levels(truth, found, known, issuer)
    return levels, (
        *_reason("patient_id", levels.patient_id, weigh.number_bits(levels.patient_id, count), _id_text(levels)),
        *_table_reason("patient_name", levels.name, weigh.NAME_BITS),
        *_table_reason("patient_birth_date", levels.birth_date, weigh.BIRTH_DATE_BITS),
        *_table_reason("patient_sex", levels.sex, weigh.SEX_BITS),
    )


def _compare_uids(one: str, other: str) -> Level:
    if not one or not other:
        return Level.MISSING
    return Level.EQUAL if one == other else Level.DIFFERENT


def _reason(field: str, level: str, bits: float, text: str) -> Iterator[Reason]:
    if bits:
        yield Reason(field, str(level), round(bits, 2), text)


WORDS = {
    "patient_name": "name",
    "patient_birth_date": "birth date",
    "patient_sex": "sex",
    "station": "station",
    "procedure": "procedure",
    "laterality": "side",
}
LEVEL_WORDS = {
    ("patient_birth_date", Level.SWAPPED): "day and month of birth swapped",
    ("patient_birth_date", Level.NEAR): "birth date one digit or a transposition apart",
    ("patient_birth_date", Level.PART): "birth date equal as far as given",
    ("patient_name", Level.SWAPPED): "family and given name swapped",
    ("patient_name", Level.GIVEN): "given name equal, family name different",
    ("patient_name", Level.FAMILY): "family name equal, given name different",
    ("patient_name", Level.GENERATION): "same name of another generation (Jr, Sr)",
}


def _table_reason(field: str, level: Level, table: Mapping[Level, float]) -> Iterator[Reason]:
    text = LEVEL_WORDS.get((field, level), f"{WORDS[field]} {level}")
    return _reason(field, level, table.get(level, 0.0), text)


def _id_text(levels: IdentityLevels) -> str:
    return f"patient id {levels.patient_id}"


def _accession_text(level: Level, order: Order) -> str:
    if level is Level.NEAR:
        return f"accession number one slip from {order.accession_number}"
    return f"accession number {level}"


def _modality_text(level: Level, facts: StudyFacts, order: Order) -> str:
    performed = "/".join(facts.modalities) or "/".join(sorted({series.modality for series in facts.series}))
    ordered = "/".join(sorted({step.modality for step in order.steps}))
    return f"modality {performed}" if level in SAME else f"modality {performed}, ordered {ordered}"


def _time_reason(gap: timedelta | None, order: Order) -> Iterator[Reason]:
    if gap is None:
        return
    step = weigh.time_step(gap)
    station = next((each.station_ae_title for each in order.steps if each.station_ae_title), "")
    yield Reason("performed", step.level, step.bits, _gap_text(gap) + (f" at {station}" if station else ""))


def _gap_text(gap: timedelta) -> str:
    minutes = round(abs(gap).total_seconds() / 60)
    side = "after" if gap >= timedelta() else "before"
    if not minutes:
        return "at the scheduled time"
    if minutes < 120:
        return f"{minutes} min {side} the slot"
    return f"{minutes // 60} h {side} the slot" if minutes < 48 * 60 else f"{minutes // 1440} days {side} the slot"
