from __future__ import annotations

import pytest

from radrecon.recon.attributes import (
    changed,
    date_text,
    demographics_from,
    equal_values,
    identity_attributes,
    study_attributes,
)

from .people import ANNA, facts, who


def test_the_identity_block_in_dicom_form() -> None:
    assert identity_attributes(who(issuer="HIS")) == {
        "PatientID": "4711001",
        "IssuerOfPatientID": "HIS",
        "PatientName": "MEYER^ANNA",
        "PatientBirthDate": "19600517",
        "PatientSex": "F",
    }


@pytest.mark.parametrize("text", ["1960", "1960-05", "rubbish", ""])
def test_a_date_that_dicom_cannot_hold_is_left_out(text: str) -> None:
    assert date_text(text) == ""


def test_there_and_back() -> None:
    assert demographics_from(identity_attributes(ANNA)) == ANNA


def test_what_a_pacs_answers_is_shown_as_it_came() -> None:
    shown = study_attributes(facts(patient=who(birth="17.5.60", sex="X")))
    assert (shown["PatientBirthDate"], shown["PatientSex"]) == ("17.5.60", "X")


@pytest.mark.parametrize(
    ("keyword", "one", "other", "equal"),
    [
        ("PatientName", "MEYER^ANNA", "MEYER^ANNA^^^ ", True),
        ("PatientName", "MEYER^ANNA", "Meyer^Anna", False),
        ("PatientName", "MEYER^ANNA", "MEYER^ANNA==", True),
        ("PatientBirthDate", "19600517", "1960.05.17", True),
        ("AccessionNumber", "A1", "A1 ", True),
        ("AccessionNumber", "A1", "a1", False),
    ],
)
def test_only_padding_is_no_change(keyword: str, one: str, other: str, equal: bool) -> None:
    assert equal_values(keyword, one, other) is equal
    assert bool(changed({keyword: one}, {keyword: other})) is not equal
