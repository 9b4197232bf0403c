from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import BasicTextSRStorage, CTImageStorage

from radrecon.dicom.attributes import NEVER_EDITED, element, requests
from radrecon.model.errors import Refused, Trouble


def instance(sop_class: str) -> Dataset:
    made = Dataset()
    made.SOPClassUID, made.StudyInstanceUID = sop_class, "1.2.3"
    return made


@pytest.mark.parametrize(
    ("keyword", "value", "why"),
    [
        ("PatientID", "P" * 65, "at most 64"),
        ("AccessionNumber", "A" * 17, "at most 16"),
        ("PatientName", "A" * 65 + "=x", "at most 64"),
        ("PatientName", "a=b=c=d", "at most 64"),
        ("PatientSex", "F" * 17, "at most 16"),
        ("PatientBirthDate", "17.5.1960", "wants a date"),
        ("PatientBirthDate", "19600230", "wants a date"),
        ("PatientID", "A\\B", "backslash"),
        ("StudyDescription", "two\nlines", "control character"),
        ("NoSuchThing", "x", "no DICOM attribute"),
        ("RequestAttributesSequence", "x", "is a sequence"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_words(keyword: str, value: str, why: str) -> None:
    with pytest.raises(Trouble, match=why):
        element(keyword, value)


@pytest.mark.parametrize("keyword", sorted(NEVER_EDITED))
def test_what_identifies_an_instance_is_never_edited(keyword: str) -> None:
    with pytest.raises(Refused):
        element(keyword, "1.2.3")


def test_each_group_of_a_name_has_its_own_limit() -> None:
    name = "=".join(["A" * 64, "山" * 64, "や" * 64])
    assert str(element("PatientName", name).value) == name


def test_an_attribute_that_takes_several_values_gets_them() -> None:
    assert list(element("OtherPatientIDs", "A\\B").value) == ["A", "B"]


def test_an_image_names_its_requests_in_request_attributes() -> None:
    made = requests(instance(CTImageStorage), [{"RequestedProcedureID": "RP1", "StudyInstanceUID": "1.9"}], "A1")
    assert made.keyword == "RequestAttributesSequence"
    assert (made.value[0].RequestedProcedureID, made.value[0].StudyInstanceUID) == ("RP1", "1.9")


def test_a_report_names_them_in_referenced_requests_with_every_type_2_attribute() -> None:
    texts = {"RequestedProcedureID": "RP1", "ScheduledProcedureStepID": "S1"}
    made = requests(instance(BasicTextSRStorage), [texts], "A1")
    (item,) = made.value
    assert made.keyword == "ReferencedRequestSequence"
    assert (item.StudyInstanceUID, item.AccessionNumber, item.RequestedProcedureID) == ("1.2.3", "A1", "RP1")
    assert "ScheduledProcedureStepID" not in item
    assert list(item.ReferencedStudySequence) == list(item.RequestedProcedureCodeSequence) == []
