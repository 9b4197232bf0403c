from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import config
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from radrecon.dicom.study import (
    SERIES_KEYS,
    STUDY_KEYS,
    instance_query,
    series_query,
    study_facts,
    study_query,
)
from radrecon.model.study import StudyFacts


def answer(**values: object) -> Dataset:
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


@pytest.mark.parametrize(
    ("first", "last", "asked"),
    [
        (None, None, ""),
        ("2026-11-20", None, "20261120-"),
        (None, "20261122", "-20261122"),
        ("2026-11-20", "2026-11-22", "20261120-20261122"),
    ],
)
def test_a_range_of_dates_may_be_open(first: str | None, last: str | None, asked: str) -> None:
    assert study_query(first, last).StudyDate == asked


def test_each_level_names_its_unique_keys() -> None:
    assert study_query(uid="1.2").StudyInstanceUID == "1.2"
    assert (series_query("1.2").QueryRetrieveLevel, series_query("1.2").StudyInstanceUID) == ("SERIES", "1.2")
    deepest = instance_query("1.2", "1.3")
    assert (deepest.QueryRetrieveLevel, deepest.StudyInstanceUID, deepest.SeriesInstanceUID) == ("IMAGE", "1.2", "1.3")


def test_answers_are_asked_for_in_unicode() -> None:
    assert study_query().SpecificCharacterSet == "ISO_IR 192"


def test_a_study_and_its_series_become_one_value() -> None:
    study = answer(
        StudyInstanceUID="1.2",
        AccessionNumber="A1",
        PatientID="17",
        PatientName="DOE^JOHN^",
        StudyDate="20261120",
        StudyTime="101500.000000",
        ReferringPhysicianName="WHO^DOC",
        ModalitiesInStudy=["CT", "SR"],
        NumberOfStudyRelatedInstances=99,
    )
    later = answer(SeriesInstanceUID="1.2.9", Modality="SR", NumberOfSeriesRelatedInstances=1)
    first = answer(
        SeriesInstanceUID="1.2.3",
        Modality="CT",
        StationName="CT2",
        NumberOfSeriesRelatedInstances=40,
        PerformedProcedureStepStartDate="20261120",
        PerformedProcedureStepStartTime="1010",
    )
    facts = study_facts("main", study, [later, first])
    assert (facts.pacs, facts.study_instance_uid, facts.accession_number) == ("main", "1.2", "A1")
    assert (facts.performed, facts.referring_physician) == ("2026-11-20T10:15:00", "WHO^DOC")
    assert str(facts.patient.name) == "DOE^JOHN"
    assert [one.series_instance_uid for one in facts.series] == ["1.2.3", "1.2.9"]
    assert facts.series[0].performed == "2026-11-20T10:10"
    assert facts.modalities == ("CT", "SR")
    # the series' counts are what is there; the study's may be an index that lags
    assert facts.instances == 41


def test_without_series_the_studys_own_count_stands() -> None:
    assert study_facts("main", answer(NumberOfStudyRelatedInstances=7)).instances == 7


def test_an_answer_with_nothing_in_it_survives() -> None:
    assert study_facts("main", Dataset()) == StudyFacts("main", "")


def test_bytes_are_read_by_the_answers_character_set() -> None:
    raw = answer(SpecificCharacterSet="ISO_IR 144")
    raw.add(DataElement(0x00100010, "PN", "Люкceмбypг".encode("iso8859_5"), validation_mode=config.IGNORE))
    raw.decode()
    assert str(study_facts("main", raw).patient.name) == "Люкceмбypг"


@given(st.dictionaries(st.sampled_from([*STUDY_KEYS, *SERIES_KEYS, "StudyDate"]), st.text(max_size=20)))
def test_no_answer_makes_reading_raise(values: dict[str, str]) -> None:
    from pydicom.datadict import dictionary_VR, tag_for_keyword

    junk = Dataset()
    for keyword, value in values.items():
        tag = tag_for_keyword(keyword) or 0
        vr = dictionary_VR(tag)
        junk.add(DataElement(Tag(tag), "LO" if vr == "IS" else vr, value, validation_mode=config.IGNORE))
    assert study_facts("main", junk, [junk]).pacs == "main"


def asked_for(**values: str) -> Dataset:
    return answer(**values)


def test_the_orders_that_images_name_are_told_once() -> None:
    first = asked_for(AccessionNumber="A1", RequestedProcedureID="RP1", ScheduledProcedureStepID="S1")
    second = asked_for(AccessionNumber="A2", ScheduledProcedureStepDescription="Ribs")
    series = [
        answer(SeriesInstanceUID="1.2.3", RequestAttributesSequence=[first, second]),
        answer(SeriesInstanceUID="1.2.4", RequestAttributesSequence=[first, Dataset()]),
    ]
    facts = study_facts("main", answer(StudyInstanceUID="1.2"), series)
    assert [(one.accession_number, one.description) for one in facts.requests] == [("A1", ""), ("A2", "Ribs")]


def test_where_it_was_made_and_whether_it_says_whose() -> None:
    facts = study_facts("main", answer(InstitutionName="General", PatientIdentityRemoved="YES"))
    assert (facts.institution_name, facts.identity_removed) == ("General", True)
    assert not study_facts("main", answer(PatientIdentityRemoved="NO")).identity_removed
