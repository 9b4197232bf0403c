"""How much an order can bring at most, from what compares cheaply: so that strangers of a busy day cost nothing.

Never less than what weighing gives (`evidence`): what is left out by it cannot have counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from radrecon.model.order import Order
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.model.study import StudyFacts
from radrecon.recon.compare import Level, compare_birth_dates, compare_id_sets, compare_names
from radrecon.recon.evidence import Scale, accession_level
from radrecon.recon.normalise import accession_key, birth_date_key, id_key

OTHER_FIELDS = (
    "patient_sex", "modality", "performed", "station", "body_part", "procedure", "laterality",
)  # fmt: skip
ROUNDING = 0.1  # each of a dozen reasons is rounded to a hundredth


@dataclass(frozen=True)
class Shares:
    """What the images name, as keys: what shares one of them is compared throughout."""

    uid: str
    accessions: frozenset[str]
    patient_id: str
    birth_date: str

    def order(self, order: Order) -> bool:
        named = bool(self.uid) and order.study_instance_uid == self.uid
        return named or accession_key(order.accession_number) in self.accessions or self._identity(order.patient)

    def any_number(self, orders: Iterable[Order]) -> bool:
        """Whether one of them is named by the images."""
        return any(
            accession_key(order.accession_number) in self.accessions or (order.study_instance_uid == self.uid != "")
            for order in orders
        )

    def person(self, person: Person) -> bool:
        return self._identity(person.demographics) or self._number(person.identifiers)

    def _identity(self, patient: Demographics) -> bool:
        born = birth_date_key(patient.birth_date) == self.birth_date != ""
        return born or self._number((patient.patient_id, *patient.other_ids))

    def _number(self, known: Iterable[PatientId]) -> bool:
        return bool(self.patient_id) and any(id_key(each.value) == self.patient_id for each in known)


def shares_of(facts: StudyFacts) -> Shares:
    numbers = (facts.accession_number, *(item.accession_number for item in facts.requests))
    accessions = frozenset(accession_key(number) for number in numbers) - {""}
    patient = facts.patient
    number, born = id_key(patient.patient_id.value), birth_date_key(patient.birth_date)
    return Shares(facts.study_instance_uid, accessions, number, born)


@dataclass(frozen=True)
class Bound:
    """For orders that share nothing of `Shares`. `loose`: any of them; `tight`: this one.

    `name`: bits of a name that agrees; `rest`: what all that is not compared here can bring.
    """

    facts: StudyFacts
    scale: Scale
    name: float
    rest: float

    @property
    def loose(self) -> float:
        born = max(self.scale.weights.bits["patient_birth_date"].get(level, 0.0) for level in UNEQUAL)
        numbers = sum(max(0.0, table[Level.NEAR]) for table in (self.scale.ids, self.scale.accessions))
        return self.name + self.rest + max(0.0, born) + numbers

    def tight(self, order: Order, person: Person | None) -> float:
        found, scale = self.facts.patient, self.scale
        truths = (order.patient,) if person is None else (order.patient, person.demographics)
        births = (compare_birth_dates(truth.birth_date, found.birth_date) for truth in truths)
        known = [each for truth in truths for each in (truth.patient_id, *truth.other_ids)]
        known += person.identifiers if person else ()
        number = compare_id_sets(found.patient_id, known, scale.issuer)
        return (
            self.rest
            + max(scale.name_bits(compare_names(truth.name, found.name), truth.name) for truth in truths)
            + max(scale.weights.bits["patient_birth_date"].get(level, 0.0) for level in births)
            + max(
                scale.ids.get(number, 0.0), min(0.0, scale.ids[Level.DIFFERENT]) if number is Level.DIFFERENT else 0.0
            )
            + scale.accessions.get(accession_level(self.facts, order), 0.0)
        )


UNEQUAL = (Level.SWAPPED, Level.NEAR, Level.PART)


def bound_of(facts: StudyFacts, scale: Scale) -> Bound:
    most = scale.weights.most
    name = scale.name_bits(Level.EQUAL, facts.patient.name) if facts.patient.name else 0.0
    others = sum(most[field] for field in OTHER_FIELDS) + (most["request"] if facts.requests else 0.0)
    return Bound(facts, scale, max(name, most["patient_name"]), others + ROUNDING)
