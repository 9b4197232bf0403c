from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.patient import Demographics, PatientId
from radrecon.model.study import StudyFacts
from radrecon.recon.several_patients import as_one
from tests.builders import demographics, series, study


def part(number: str, uid: str = "1.2.3", accession: str = "A100") -> StudyFacts:
    whose = replace(demographics(), patient_id=PatientId(number)) if number else Demographics()
    return study(accession=accession, patient=whose, series=(series(uid),))


def test_a_study_of_two_patients_is_nobodys_and_holds_the_images_of_both() -> None:
    found = as_one([part("100"), part("200", "1.2.4")])
    assert found.patient == Demographics()
    assert {one.series_instance_uid for one in found.series} == {"1.2.3.1", "1.2.4.1"}
    assert found.instances == 4


@pytest.mark.parametrize(("other", "kept"), [("A100", "A100"), ("A200", ""), ("", "")])
def test_it_keeps_the_accession_number_that_all_of_them_have(other: str, kept: str) -> None:
    assert as_one([part("100"), part("200", accession=other)]).accession_number == kept


@pytest.mark.parametrize("parts", [("100",), ("100", "100"), ("100", "0000100"), ("100", ""), ("", "100")])
def test_one_patient_and_parts_that_name_nobody_are_that_patients(parts: tuple[str, ...]) -> None:
    assert as_one([part(number) for number in parts]).patient.patient_id.value == "100"


def test_what_names_nobody_at_all_stays_nobodys() -> None:
    assert as_one([part(""), part("")]).patient == Demographics()
