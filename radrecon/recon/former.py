"""A study as its images were before corrections, so that a rule can be tried on what people had before them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from radrecon.model.correction import AttributeChange
from radrecon.model.study import StudyFacts
from radrecon.recon.attributes import demographics_from, study_attributes


def former_facts(facts: StudyFacts, edits: Iterable[Iterable[AttributeChange]]) -> StudyFacts:
    """`edits`: what each correction changed, the last first; each is taken back in turn."""
    values = study_attributes(facts)
    for changes in edits:
        values |= {each.where: each.old for each in changes if each.where in values}
    patient = demographics_from(values)
    if not patient.patient_id.issuer and patient.patient_id.value == facts.patient.patient_id.value:
        patient = replace(patient, patient_id=facts.patient.patient_id)
    return replace(
        facts,
        patient=replace(patient, other_ids=facts.patient.other_ids),
        accession_number=values["AccessionNumber"],
        study_id=values["StudyID"],
        description=values["StudyDescription"],
    )
