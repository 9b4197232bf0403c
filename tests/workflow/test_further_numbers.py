from __future__ import annotations

import pytest

from tests.workflow.adt_messages import mrg, ordered, patient, said
from tests.workflow.hospital import CONFIG, Hospital, on_both

NO_ISSUER = CONFIG.model_copy(update={"site": CONFIG.site.model_copy(update={"patient_id_issuer": ""})})


def remark(hospital: Hospital) -> str:
    return str(hospital.journal()[-1].reason)


@on_both
@pytest.mark.parametrize("first", [0, 1])
def test_an_enterprise_number_written_first_is_a_further_number_of_the_known_patient(
    hospital: Hospital, first: int
) -> None:
    hospital.configure(NO_ISSUER)
    both = said("A01", patient("1"), minute=1), said("A08", patient("9^^^ENT 1"), minute=3)
    hospital.hears(both[first], ordered("A100", "1", minute=2), both[1 - first])
    assert hospital.people() == 1
    assert hospital.person("9", "ENT") == hospital.person("1")


def test_an_update_under_the_new_number_reaches_the_patients_orders(hospital: Hospital) -> None:
    hospital.configure(NO_ISSUER)
    hospital.hears(said("A01", patient("1"), minute=1), ordered("A100", "1", minute=2))
    hospital.hears(said("A08", patient("9^^^ENT 1", "ZIMMERMANN^ANNA"), minute=3))
    assert str(hospital.person("1").demographics.name) == "ZIMMERMANN^ANNA"
    assert "is a further number of patient" in remark(hospital)


def test_an_order_with_the_ris_number_first_is_the_known_patients(hospital: Hospital) -> None:
    hospital.configure(NO_ISSUER)
    hospital.hears(said("A01", patient("1"), minute=1), ordered("A101", "R7^^^RIS 1", minute=4))
    assert hospital.order("A101").person_id == hospital.person("1").id


def test_a_merge_whose_survivor_has_a_new_number_first_leaves_nobody_apart(hospital: Hospital) -> None:
    hospital.configure(NO_ISSUER)
    hospital.hears(said("A01", patient("1"), minute=1), said("A01", patient("2"), minute=1))
    hospital.hears(said("A40", patient("9^^^ENT 1"), mrg("2"), minute=3))
    assert hospital.person("2").id == hospital.person("1").id == hospital.person("9", "ENT").id


@pytest.mark.parametrize(
    "other",
    [
        patient("9^^^ENT 1", "FISCHER^BERTA"),  # a twin under the same insurance number
        patient("9^^^ENT 1", born="19620101"),
        patient("9^^^ENT 1", sex="M"),
        patient("9^^^HOSP 1"),  # two numbers of one issuer are two records, until somebody merges them
        patient("9^^^ENT 1", "TRAUMA^ALPHA"),
        patient("9^^^ENT 1", ""),  # nothing agrees where nothing is said
        patient("9^^^ENT 1", born=""),
        patient("9^^^ENT 1", born="1960"),
        patient("9^^^ 1"),  # a new number without authority may be anybody's
    ],
)
def test_who_may_be_somebody_else_is_a_patient_of_its_own_and_that_is_said(hospital: Hospital, other: str) -> None:
    hospital.configure(NO_ISSUER)
    hospital.hears(said("A01", patient("1"), minute=1), said("A08", other, minute=3))
    assert hospital.people() == 2
    assert "is another patient's" in remark(hospital)


def test_a_number_without_issuer_or_of_two_patients_joins_nobody(hospital: Hospital) -> None:
    hospital.configure(NO_ISSUER)
    hospital.hears(said("A01", patient("1"), minute=1), said("A01", patient("5^^^RIS"), minute=1))
    hospital.hears(said("A08", patient("9^^^ENT 1 5^^^RIS"), minute=3))
    assert hospital.people() == 3
