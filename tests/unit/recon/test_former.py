from __future__ import annotations

from radrecon.model.correction import AttributeChange
from radrecon.recon.former import former_facts
from tests.unit.recon.people import ANNA, facts, who


def test_corrections_are_taken_back_the_last_first() -> None:
    last = (AttributeChange("AccessionNumber", "B2", "A1042"), AttributeChange("PatientID", "999", "4711001"))
    first = (AttributeChange("AccessionNumber", "C3", "B2"), AttributeChange("PatientName", "MAYER^ANNA", "MEYER^ANNA"))
    found = former_facts(facts(), [last, first])
    assert found.accession_number == "C3"
    assert found.patient == who("999", "MAYER^ANNA")


def test_without_corrections_nothing_changes() -> None:
    assert former_facts(facts(patient=ANNA), []) == facts(patient=ANNA)


def test_what_is_no_fact_of_a_study_is_passed_over() -> None:
    assert former_facts(facts(), [(AttributeChange("RequestAttributesSequence", "", "1 item(s)"),)]) == facts()
