"""What a person should read before a correction is sent."""

from __future__ import annotations

from collections.abc import Iterator

from radrecon.config import PacsConfig
from radrecon.model.order import Order
from radrecon.model.patient import Demographics
from radrecon.model.person import Person
from radrecon.model.study import StudyFacts
from radrecon.recon.compare import Level, compare_birth_dates, compare_names, compare_sexes
from radrecon.recon.identity import APART_NAMES
from radrecon.recon.procedure import compare_modalities
from radrecon.recon.times import nearest_gap
from radrecon.recon.veto_order import LONGEST_GAP

REPORT_UNKNOWN = "whether the study has been read is not known; a report made before may name the old values"


def study_warnings(complete: bool, facts: StudyFacts, pacs: PacsConfig) -> tuple[str, ...]:
    found = [REPORT_UNKNOWN]
    if not complete:
        found.append("the study is still arriving: the images are edited once it is complete")
    if not pacs.send:
        found.append(f"sending to {pacs.name} is switched off: the edit waits until it is switched on")
    if pacs.profile == "hl7":
        found.append(f"{pacs.name} updates its images itself, on the HL7 message")
    return tuple(found)


def link_warnings(facts: StudyFacts, order: Order, person: Person) -> tuple[str, ...]:
    """Where the images contradict the order that was chosen."""
    return (*_identity_warnings(person.demographics, facts.patient), *_order_warnings(facts, order))


def _identity_warnings(truth: Demographics, found: Demographics) -> Iterator[str]:
    if compare_names(truth.name, found.name) in APART_NAMES:
        yield "the images carry another name: make sure that they are of this patient"
    if compare_birth_dates(truth.birth_date, found.birth_date) is Level.DIFFERENT:
        yield "the images carry another birth date: make sure that they are of this patient"
    if compare_sexes(truth.sex, found.sex) is Level.DIFFERENT:
        yield "the images carry another sex: make sure that they are of this patient"


def _order_warnings(facts: StudyFacts, order: Order) -> Iterator[str]:
    if not order.accession_number:
        yield "the order has no accession number yet: the images keep theirs"
    if compare_modalities(facts, order) is Level.DIFFERENT:
        yield "another modality was ordered"
    gap = nearest_gap(facts.performed, (step.start for step in order.steps))
    if gap is not None and abs(gap) > LONGEST_GAP:
        yield "the images are more than seven days from the scheduled time"


def merge_warnings(survivor: Demographics, non_survivor: Demographics) -> tuple[str, ...]:
    """Where two records look like two people."""
    found = []
    if compare_names(survivor.name, non_survivor.name) in APART_NAMES:
        found.append("the two names differ: make sure that this is one person")
    if compare_birth_dates(survivor.birth_date, non_survivor.birth_date) is Level.DIFFERENT:
        found.append("the two birth dates differ: make sure that this is one person")
    if compare_sexes(survivor.sex, non_survivor.sex) is Level.DIFFERENT:
        found.append("the sexes differ: make sure that this is one person")
    return tuple(found)
