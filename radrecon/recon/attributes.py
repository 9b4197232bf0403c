"""Facts and identity as DICOM attributes, keyword → text (PS3.5 6.2 DA, PN, CS), and how such texts are compared.

A partial birth date has no DICOM form and is left out: a guess would be worse than the images' own value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.study import StudyFacts
from radrecon.recon.normalise import birth_date_key

IDENTITY: Final = ("PatientID", "IssuerOfPatientID", "PatientName", "PatientBirthDate", "PatientSex")
DAY_PRECISION = len("1960-05-17")


def date_text(iso: str) -> str:
    """`1960-05-17` → `19600517`; "" for anything less than a day."""
    key = birth_date_key(iso)
    return key.replace("-", "") if len(key) == DAY_PRECISION else ""


def identity_attributes(patient: Demographics) -> dict[str, str]:
    """The identity block; "" where a value is not known or has no DICOM form."""
    sex = patient.sex.strip().upper()
    return {
        "PatientID": patient.patient_id.value,
        "IssuerOfPatientID": patient.patient_id.issuer,
        "PatientName": str(patient.name),
        "PatientBirthDate": date_text(patient.birth_date),
        "PatientSex": sex if sex in ("M", "F", "O") else "",
    }


def study_attributes(facts: StudyFacts) -> dict[str, str]:
    """What a PACS answers of a study, as attributes. A birth date that is none is shown as it came."""
    block = identity_attributes(facts.patient)
    block["PatientBirthDate"] = block["PatientBirthDate"] or facts.patient.birth_date
    block["PatientSex"] = block["PatientSex"] or facts.patient.sex
    return block | {
        "AccessionNumber": facts.accession_number,
        "StudyID": facts.study_id,
        "StudyDescription": facts.description,
    }


def demographics_from(values: Mapping[str, str]) -> Demographics:
    """The identity block back from attributes."""
    birth = values.get("PatientBirthDate", "")
    return Demographics(
        PatientId(values.get("PatientID", ""), values.get("IssuerOfPatientID", "")),
        PersonName.parse(values.get("PatientName", "")),
        birth_date_key(birth) or birth,
        values.get("PatientSex", ""),
    )


def equal_values(keyword: str, one: str, other: str) -> bool:
    """Equal but for padding and, in names, trailing carets and groups; letters and case are exact."""
    if keyword == "PatientName":
        return str(PersonName.parse(one)) == str(PersonName.parse(other))
    if keyword == "PatientBirthDate":
        return re.sub(r"[\s.-]", "", one) == re.sub(r"[\s.-]", "", other)
    return one.strip() == other.strip()


def changed(values: Mapping[str, str], present: Mapping[str, str]) -> dict[str, str]:
    """Those of `values` that differ from what is there."""
    return {
        keyword: text for keyword, text in values.items() if not equal_values(keyword, text, present.get(keyword, ""))
    }
