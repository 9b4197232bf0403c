"""Filed means: asked again, the PACS shows the new values and no longer the old (a fresh study-level query)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from radrecon.model.study import StudyFacts
from radrecon.recon.attributes import equal_values, study_attributes

WORDS = {
    "PatientID": "patient id",
    "IssuerOfPatientID": "issuer of patient id",
    "PatientName": "name",
    "PatientBirthDate": "birth date",
    "PatientSex": "sex",
    "AccessionNumber": "accession number",
    "StudyID": "study id",
    "StudyDescription": "study description",
}
GONE = "the study is gone from the PACS"


@dataclass(frozen=True)
class Proof:
    """`wrong` says in words what the PACS shows instead; it holds patient data."""

    ok: bool
    wrong: tuple[str, ...] = ()


def shows(facts: StudyFacts | None, expected: Mapping[str, str]) -> Proof:
    """Whether a fresh answer (None: no such study) shows what is expected, keyword → DICOM text."""
    if facts is None:
        return Proof(False, (GONE,))
    present = study_attributes(facts)
    wrong = tuple(
        f"{WORDS.get(keyword, keyword)} is {present.get(keyword, '') or 'empty'}, not {text or 'empty'}"
        for keyword, text in expected.items()
        if not equal_values(keyword, text, present.get(keyword, ""))
    )
    return Proof(not wrong, wrong)
