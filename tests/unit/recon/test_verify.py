from __future__ import annotations

from radrecon.recon.verify import Proof, shows

from .people import facts, who

EXPECTED = {"PatientID": "4711001", "PatientName": "MEYER^ANNA", "AccessionNumber": "A1042"}


def test_a_fresh_answer_with_the_new_values_is_proof() -> None:
    assert shows(facts(patient=who(name="MEYER^ANNA^^^")), EXPECTED) == Proof(True)


def test_an_old_value_is_named() -> None:
    assert shows(facts("A1024"), EXPECTED).wrong == ("accession number is A1024, not A1042",)


def test_letters_and_case_are_exact() -> None:
    assert not shows(facts(patient=who(name="Meyer^Anna")), EXPECTED).ok


def test_a_study_that_is_gone_proves_nothing() -> None:
    assert shows(None, {}) == Proof(False, ("the study is gone from the PACS",))


def test_an_emptied_value_must_be_empty() -> None:
    assert shows(facts(), {"PatientBirthDate": ""}).wrong == ("birth date is 19600517, not empty",)
