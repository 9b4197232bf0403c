from __future__ import annotations

import pytest

from radrecon.model.study import Study
from radrecon.recon.follow import is_companion, source_of

from .people import facts, study, who


def of(*modalities: str, number: int = 18, accession: str = "A1042") -> Study:
    return study(accession, number=number, modalities=modalities, series=(), study_instance_uid=f"1.2.{number}")


@pytest.mark.parametrize("modalities", [("SR",), ("KO", "PR"), ("SEG",), ("sr ",)])
def test_reports_key_objects_and_the_like_are_companions(modalities: tuple[str, ...]) -> None:
    assert is_companion(of(*modalities).facts)


@pytest.mark.parametrize("modalities", [("CT",), ("CT", "SR"), ()])
def test_images_are_none(modalities: tuple[str, ...]) -> None:
    assert not is_companion(of(*modalities).facts)


def test_the_source_is_the_study_with_images_of_the_same_patient_and_accession() -> None:
    report = of("SR")
    assert source_of(report, [report, of("KO", number=19), study()]) == study()


@pytest.mark.parametrize(
    "other",
    [study("A2000"), study(patient=who("5822002")), study(gone=True), of("SR", number=20)],
    ids=["another accession", "another patient", "gone", "a companion itself"],
)
def test_what_is_no_source(other: Study) -> None:
    assert source_of(of("SR"), [other]) is None


def test_a_companion_without_accession_has_no_source() -> None:
    assert source_of(of("SR", accession=""), [study("")]) is None
    assert not facts("").accession_number
