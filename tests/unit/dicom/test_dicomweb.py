from __future__ import annotations

from typing import Any

import pytest

from radrecon.dicom.dicomweb import dataset
from radrecon.dicom.identity import text
from radrecon.dicom.study import STUDY_KEYS, count, study_facts

KEYS = ("StudyInstanceUID", "StudyDate", *STUDY_KEYS, "IssuerOfPatientID")


def answer(**more: Any) -> dict[str, Any]:
    return {
        "0020000D": {"vr": "UI", "Value": ["1.2.3"]},
        "00080020": {"vr": "DA", "Value": ["20261120"]},
        "00080030": {"vr": "TM", "Value": ["101500"]},
        "00080050": {"vr": "SH", "Value": ["A100"]},
        "00080061": {"vr": "CS", "Value": ["CT", "SR"]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎"}]},
        "00100020": {"vr": "LO", "Value": ["0000017"]},
        "00201208": {"vr": "IS", "Value": [12]},
    } | more


def test_an_answer_is_a_study() -> None:
    facts = study_facts("main", dataset(answer(), KEYS))
    assert (facts.study_instance_uid, facts.accession_number, facts.instances) == ("1.2.3", "A100", 12)
    assert (facts.performed, facts.modalities) == ("2026-11-20T10:15:00", ("CT", "SR"))
    assert str(facts.patient.name) == "Yamada^Tarou=山田^太郎"
    assert facts.patient.patient_id.value == "0000017"


@pytest.mark.parametrize("number", [12, "12", 12.0])
def test_a_count_is_a_number_or_its_text(number: Any) -> None:
    found = dataset(answer(**{"00201208": {"vr": "IS", "Value": [number]}}), KEYS)
    assert count(found, "NumberOfStudyRelatedInstances") == 12


@pytest.mark.parametrize(
    "element",
    [None, [], "x", {}, {"vr": "DA"}, {"Value": None}, {"Value": "x"}, {"Value": [None, [], True]}, {"Value": [{}]}],
)
def test_what_is_no_dicom_json_is_no_value(element: Any) -> None:
    found = dataset(answer(**{"00080050": element}), KEYS)
    assert text(found, "AccessionNumber") in ("", "True")
    assert text(found, "StudyInstanceUID") == "1.2.3"


@pytest.mark.parametrize("whole", [None, [], "x", 3, {}])
def test_what_is_no_object_is_an_empty_dataset(whole: Any) -> None:
    assert len(dataset(whole, KEYS)) == 0


def test_what_a_vr_forbids_is_shown_as_it_stands() -> None:
    odd = answer(**{"00080020": {"vr": "DA", "Value": ["yesterday"]}, "00100040": {"vr": "CS", "Value": ["weiblich!"]}})
    found = dataset(odd, KEYS)
    assert text(found, "StudyDate") == "yesterday"
    assert study_facts("main", found).performed == ""


def test_a_sequence_keeps_its_items() -> None:
    item = {"00080050": {"vr": "SH", "Value": ["A200"]}, "00401001": {"vr": "SH", "Value": ["RP2"]}}
    found = dataset({"00400275": {"vr": "SQ", "Value": [item, {}]}}, ["RequestAttributesSequence"])
    assert [text(one, "AccessionNumber") for one in found.RequestAttributesSequence] == ["A200", ""]


@pytest.mark.parametrize("value", [None, "x", ["x"], [None], {}])
def test_a_sequence_without_items_is_none(value: Any) -> None:
    assert "RequestAttributesSequence" not in dataset(
        {"00400275": {"vr": "SQ", "Value": value}}, ["RequestAttributesSequence"]
    )
