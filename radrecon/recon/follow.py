"""Companions: dose reports, key objects, presentation states, segmentations and captures made from other images.

They go where their source study goes. They never take an order away from it, and are no orphans by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

from radrecon.model.study import Study, StudyFacts
from radrecon.recon.compare import SAME, compare_accessions, compare_id_sets
from radrecon.recon.normalise import accession_key, id_key
from radrecon.recon.procedure import COMPANIONS


def is_companion(facts: StudyFacts) -> bool:
    """Whether a study consists of nothing but such objects."""
    found = {one.strip().upper() for one in (*facts.modalities, *(series.modality for series in facts.series))} - {""}
    return bool(found) and found <= COMPANIONS


def source_of(companion: Study, others: Iterable[Study], issuer: str = "") -> Study | None:
    """The study that it was made from: of the same patient number and accession number, with images of its own."""
    facts = companion.facts
    if not (accession_key(facts.accession_number) and id_key(facts.patient.patient_id.value)):
        return None
    found = [one for one in others if one.id != companion.id and not one.gone and _same(facts, one.facts, issuer)]
    return min(found, key=lambda one: one.id, default=None)


def _same(facts: StudyFacts, other: StudyFacts, issuer: str) -> bool:
    return (
        not is_companion(other)
        and compare_accessions(facts.accession_number, other.accession_number) in SAME
        and compare_id_sets(facts.patient.patient_id, (other.patient.patient_id,), issuer) in SAME
    )
