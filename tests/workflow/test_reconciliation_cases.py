"""The five cases of IHE Patient Information Reconciliation (RAD TF-1, PIR), as far as events and images go."""

from __future__ import annotations

from typing import Any

from radrecon.model.case import CaseKind
from radrecon.model.order import StepStatus
from tests.builders import demographics, study
from tests.workflow.hospital import CONFIG, Hospital, destination, on_both
from tests.workflow.messages import adt, merge, message, msh, obr, orc, order, pid

UNKNOWN = demographics("T9020", "DOE^JANE", issuer="OF1", birth_date="", sex="F")
UNKNOWN_PID = "PID|1||T9020^^^OF1||DOE^JANE|||F"


def tells(hospital: Hospital) -> None:
    hospital.configure(CONFIG.model_copy(update={"hl7_destination": [destination()]}))


def merge_of_temporary(survivor: str = "1000001") -> bytes:
    """ADT^A40 whose non-survivor is the department's own number."""
    return message(msh("ADT^A40"), "EVN|A40|20261122150000", pid(survivor), "MRG|T9020^^^OF1||||||DOE^JANE")


def shown(hospital: Hospital) -> Any:
    return hospital.study().facts.patient


@on_both
def test_case_1_an_update_after_the_exam_reaches_the_images(hospital: Hospital) -> None:
    tells(hospital)
    hospital.hears(adt("A04"), order("A100"))
    hospital.sees(study())
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA"))
    assert hospital.case().kind is CaseKind.DEMOGRAPHIC_MISMATCH
    hospital.corrects("fix")
    assert str(shown(hospital).name) == "ZIMMERMANN^ANNA"
    assert hospital.cases() == []
    assert hospital.linked() == "A100"


def test_case_2_ordered_at_the_filler_then_merged(hospital: Hospital) -> None:
    tells(hospital)
    hospital.hears(adt("A04"), order("A100", UNKNOWN_PID, control="SN"))
    hospital.hears(message(msh("ORM^O01"), UNKNOWN_PID, orc("A100", "NA"), obr("A100")))
    hospital.sees(study(patient=UNKNOWN))
    hospital.hears(merge_of_temporary())
    assert hospital.case().kind is CaseKind.DEMOGRAPHIC_MISMATCH
    hospital.corrects("fix")
    assert shown(hospital).patient_id.value == "1000001"
    assert hospital.cases() == []


def test_case_3_done_before_it_was_ordered(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.hears(adt("A04"))
    hospital.sees(study(accession=""))
    assert hospital.case().kind is CaseKind.UNASSIGNED_STUDY
    hospital.hears(order("A100", status="SC", uid="1.2.3"))
    case = hospital.case(CaseKind.ACCESSION_MISSING)
    assert case.finding.candidates[0].accession_number == "A100"
    hospital.corrects("link")
    assert hospital.study().facts.accession_number == "A100"
    assert hospital.order("A100").status is StepStatus.COMPLETED
    assert hospital.cases() == []


def test_case_4_a_temporary_number_on_the_worklist_then_merged(hospital: Hospital) -> None:
    hospital.hears(order("A100", UNKNOWN_PID))
    hospital.sees(study(patient=UNKNOWN))
    assert hospital.cases() == []
    hospital.hears(adt("A04"), merge_of_temporary())
    assert hospital.order("A100").person_id == hospital.person("1000001").id
    hospital.corrects("fix", hospital.case(CaseKind.DEMOGRAPHIC_MISMATCH))
    assert shown(hospital).patient_id.value == "1000001"
    assert hospital.cases() == []
    assert hospital.linked() == "A100"


def test_case_5_done_before_registration_and_merged_twice(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.sees(study(accession="", patient=UNKNOWN))
    hospital.hears(adt("A04", "8000008", "DOE^JANE", "", "F"))
    hospital.hears(message(msh("ADT^A40"), "EVN|A40", pid("8000008", "DOE^JANE", "", "F"), "MRG|T9020^^^OF1"))
    hospital.hears(order("A100", pid("8000008", "DOE^JANE", "", "F"), status="SC", uid="1.2.3"))
    hospital.hears(adt("A04"), merge("1000001", "8000008"))
    person = hospital.person("1000001")
    assert hospital.person("8000008").id == person.id
    assert hospital.person("T9020", "OF1").id == person.id
    assert hospital.order("A100").person_id == person.id
    hospital.corrects("link", hospital.case(), order_id=hospital.order("A100").id)
    assert (shown(hospital).patient_id.value, str(shown(hospital).name)) == ("1000001", "FISCHER^ANNA")
    assert hospital.study().facts.accession_number == "A100"
    assert hospital.cases() == []
