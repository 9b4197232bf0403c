"""What is asked of a PACS about its studies, and what its answers say (PS3.4 C.6.2, Study Root).

The study keys are few on purpose: each further one makes some archives open a file per study.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydicom.dataset import Dataset

from radrecon.dicom.identity import demographics, iso_date_time, items, person_name, text
from radrecon.model.study import RequestAttributes, SeriesFacts, StudyFacts

# an answer in UTF-8 holds every name; an archive that knows no character set ignores this
QUERY_CHARACTER_SET = "ISO_IR 192"
STUDY_KEYS = (
    "StudyTime",
    "AccessionNumber",
    "ModalitiesInStudy",
    "ReferringPhysicianName",
    "StudyDescription",
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "OtherPatientIDs",
    "StudyID",
    "NumberOfStudyRelatedSeries",
    "NumberOfStudyRelatedInstances",
)
DETAIL_KEYS = (  # only where one study is asked for: Orthanc opens a file for it
    "IssuerOfPatientID",
    "InstitutionName",
    "PatientIdentityRemoved",
)
SERIES_KEYS = (
    "SeriesInstanceUID",
    "Modality",
    "StationName",
    "SeriesDescription",
    "BodyPartExamined",
    "Laterality",
    "SeriesDate",
    "SeriesTime",
    "PerformedProcedureStepStartDate",
    "PerformedProcedureStepStartTime",
    "NumberOfSeriesRelatedInstances",
)
SERIES_ITEMS = ("RequestAttributesSequence",)


def study_query(date_from: str | None = None, date_to: str | None = None, uid: str = "") -> Dataset:
    """All studies of a range of dates (ISO or DICOM, both ends open where None), or one study."""
    query = _query("STUDY", (*STUDY_KEYS, *DETAIL_KEYS) if uid else STUDY_KEYS)
    query.StudyInstanceUID = uid
    query.StudyDate = _range(date_from, date_to)
    return query


def series_query(study_instance_uid: str) -> Dataset:
    query = _query("SERIES", (*SERIES_KEYS, *SERIES_ITEMS))
    query.StudyInstanceUID = study_instance_uid
    return query


def instance_query(study_instance_uid: str, series_instance_uid: str) -> Dataset:
    query = _query("IMAGE", ("SOPInstanceUID", "SOPClassUID"))
    query.StudyInstanceUID = study_instance_uid
    query.SeriesInstanceUID = series_instance_uid
    return query


def study_facts(pacs_name: str, study: Dataset, series: Sequence[Dataset] = ()) -> StudyFacts:
    """A study-level answer with its series-level ones as one value. Nothing in them makes this raise."""
    listed = tuple(sorted((series_facts(one) for one in series), key=lambda facts: facts.series_instance_uid))
    counted = sum(facts.instances for facts in listed)
    modalities = [one for one in text(study, "ModalitiesInStudy").split("\\") if one]
    modalities += [facts.modality for facts in listed if facts.modality]
    return StudyFacts(
        pacs_name,
        text(study, "StudyInstanceUID"),
        text(study, "AccessionNumber"),
        _issuer_of_accession(study),
        text(study, "StudyID"),
        demographics(study),
        iso_date_time(text(study, "StudyDate"), text(study, "StudyTime")),
        text(study, "StudyDescription"),
        str(person_name(study, "ReferringPhysicianName")),
        tuple(sorted(set(modalities))),
        listed,
        counted or count(study, "NumberOfStudyRelatedInstances"),
        institution_name=text(study, "InstitutionName"),
        identity_removed=text(study, "PatientIdentityRemoved").upper() == "YES",
    )


def series_facts(answer: Dataset) -> SeriesFacts:
    begun = iso_date_time(text(answer, "SeriesDate"), text(answer, "SeriesTime"))
    step_begun = iso_date_time(
        text(answer, "PerformedProcedureStepStartDate"), text(answer, "PerformedProcedureStepStartTime")
    )
    return SeriesFacts(
        text(answer, "SeriesInstanceUID"),
        text(answer, "Modality"),
        text(answer, "StationName"),
        text(answer, "BodyPartExamined"),
        text(answer, "Laterality"),
        text(answer, "SeriesDescription"),
        begun or step_begun,
        count(answer, "NumberOfSeriesRelatedInstances"),
        _requests(answer),
    )


def _requests(answer: Dataset) -> tuple[RequestAttributes, ...]:
    """The orders that a series was made for (PS3.3 10.6), each once; few archives tell them."""
    found = map(_request, items(answer, "RequestAttributesSequence"))
    return tuple(dict.fromkeys(one for one in found if one != RequestAttributes()))


def _request(item: Dataset) -> RequestAttributes:
    return RequestAttributes(
        text(item, "AccessionNumber"),
        text(item, "RequestedProcedureID"),
        text(item, "ScheduledProcedureStepID"),
        text(item, "StudyInstanceUID"),
        text(item, "RequestedProcedureDescription") or text(item, "ScheduledProcedureStepDescription"),
    )


def is_uid(text: str) -> bool:
    """Whether a text may be a UID (PS3.5 9.1), as archives hold them: components with leading zeros pass."""
    return 0 < len(text) <= 64 and text.isascii() and text.replace(".", "").isdigit()


def count(answer: Dataset, keyword: str) -> int:
    """A number that an archive may leave out (0)."""
    digits = text(answer, keyword)
    return int(digits) if digits.isdecimal() else 0


def _query(level: str, keywords: Sequence[str]) -> Dataset:
    query = Dataset()
    query.SpecificCharacterSet = QUERY_CHARACTER_SET
    query.QueryRetrieveLevel = level
    for keyword in keywords:
        setattr(query, keyword, None)
    return query


def _range(date_from: str | None, date_to: str | None) -> str:
    ends = [(end or "").replace("-", "") for end in (date_from, date_to)]
    return "-".join(ends) if any(ends) else ""


def _issuer_of_accession(study: Dataset) -> str:
    issuers = (text(item, "LocalNamespaceEntityID") for item in items(study, "IssuerOfAccessionNumberSequence"))
    return next(issuers, "")
