from __future__ import annotations

import pytest

from radrecon.model.case import CaseKind
from radrecon.model.order import StepStatus
from radrecon.workflow.ordering import TAKEN_OVER
from tests.builders import study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, cancel, imaging_order, message, msh, obr, orc, order, pid, report

S = StepStatus


def statuses(hospital: Hospital, accession: str = "A100") -> list[StepStatus]:
    found = hospital.order(accession)
    return [found.status, *(step.status for step in found.steps)]


@on_both
def test_a_new_order_makes_a_scheduled_step(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    found = hospital.order("A100")
    assert statuses(hospital) == [S.SCHEDULED, S.SCHEDULED]
    assert found.steps[0].start == "2026-11-22T14:30:00"
    assert found.sources["accession_number"] == "OBR-18"


@pytest.mark.parametrize(
    ("control", "status", "expected"),
    [("CA", "CA", S.CANCELLED), ("DC", "CA", S.DISCONTINUED), ("SC", "CM", S.COMPLETED), ("XO", "CM", S.COMPLETED)],
)
def test_the_order_control_moves_order_and_steps(
    hospital: Hospital, control: str, status: str, expected: StepStatus
) -> None:
    hospital.hears(order("A100"), order("A100", control=control, status=status))
    assert statuses(hospital) == [expected, expected]


@pytest.mark.parametrize(("control", "status"), [("CA", "CA"), ("OC", "CA"), ("DC", "CA"), ("DC", "")])
def test_a_cancel_without_an_obr_ends_the_order_that_is_known(hospital: Hospital, control: str, status: str) -> None:
    hospital.hears(order("A100"), cancel("A100", control=control, status=status))
    found = hospital.order("A100")
    assert found.status in (S.CANCELLED, S.DISCONTINUED)
    assert [step.status for step in found.steps] == [found.status]
    assert found.steps[0].start == "2026-11-22T14:30:00"
    assert hospital.orders("F-A100") == []


def test_a_number_that_only_repeats_the_fillers_is_still_an_accession_number_of_its_own(hospital: Hospital) -> None:
    first = message(msh("ORM^O01"), pid(), orc("A1", filler="F1"), obr("", filler="F1"))
    second = message(msh("ORM^O01"), pid(), orc("A1", "XO", "SC", filler="F1"), obr("A100", filler="F1"))
    hospital.hears(first)
    assert hospital.order("F1").sources["accession_number"] == "OBR-3.1"
    hospital.hears(second)
    assert hospital.orders("F1") == []
    assert hospital.order("A100").filler_order_number == "F1"


def test_an_update_keeps_what_it_does_not_say(hospital: Hospital) -> None:
    hospital.hears(order("A100", alerts="PACEMAKER"), cancel("A100"))
    found = hospital.order("A100")
    assert found.medical_alerts == "PACEMAKER"
    assert found.visit.patient_class == "O"
    assert found.requested_procedure_description


def test_an_unknown_order_control_leaves_the_order_as_it_was(hospital: Hospital) -> None:
    hospital.hears(order("A100"), cancel("A100"), order("A100", control="ZZ", status="ZZ"))
    assert statuses(hospital) == [S.CANCELLED, S.CANCELLED]
    assert "unknown order control" in hospital.journal()[-1].reason


def test_an_order_without_a_step_says_so(hospital: Hospital) -> None:
    hospital.hears(message(msh("ORM^O01"), pid(), orc("A100")))
    assert "no worklist" in hospital.journal()[-1].reason


@on_both
def test_equal_numbers_of_two_systems_on_two_patients_are_two_orders_and_a_collision(hospital: Hospital) -> None:
    hospital.hears(order("A100", sender="RIS1"))
    hospital.hears(order("A100", pid("2000002", "BAUER^KARL", "19851224", "M"), sender="RIS2"))
    first, second = hospital.orders("A100")
    assert first.person_id != second.person_id
    assert str(first.patient.name) == "FISCHER^ANNA"
    case = hospital.case(CaseKind.ACCESSION_COLLISION)
    assert case.finding.evidence["orders"] == [first.id, second.id]
    hospital.hears(cancel("A100", patient="PID|1||2000002^^^HOSP"))
    assert hospital.cases() == []


def test_a_collision_ends_when_one_of_the_orders_gets_another_accession_number(hospital: Hospital) -> None:
    karl = pid("2000002", "BAUER^KARL", "19851224", "M")
    hospital.hears(order("A100"), order("A100", karl, placer="P2", filler="F2"))
    assert hospital.kinds() == ["accession_collision"]
    hospital.hears(order("A555", karl, control="XO", status="SC", placer="P2", filler="F2"))
    assert hospital.cases() == []


def test_an_exchange_corrects_the_accession_number_of_the_same_order(hospital: Hospital) -> None:
    hospital.hears(order("A100", placer="P1", filler="F1"))
    before = hospital.order("A100").id
    hospital.hears(order("A101", control="XO", status="SC", placer="P1", filler="F1"))
    assert hospital.order("A101").id == before
    assert hospital.orders("A100") == []


def test_the_studies_uid_that_an_order_took_over_survives_an_exchange(hospital: Hospital) -> None:
    hospital.hears(order("A100", uid="1.9.9"))
    hospital.sees(study("1.2.3", "A1000"))
    hospital.corrects("link")
    assert hospital.order("A100").study_instance_uid == "1.2.3"
    hospital.hears(order("A100", control="XO", status="SC", uid="1.9.9"))
    found = hospital.order("A100")
    assert (found.study_instance_uid, found.sources["study_instance_uid"]) == ("1.2.3", TAKEN_OVER)


def test_a_final_report_completes_its_order(hospital: Hospital) -> None:
    hospital.hears(order("A100"), report("A100", "P"))
    assert statuses(hospital) == [S.SCHEDULED, S.SCHEDULED]
    hospital.hears(report("A100", "F"))
    assert statuses(hospital) == [S.COMPLETED, S.COMPLETED]


def test_a_report_does_not_bring_a_cancelled_order_back(hospital: Hospital) -> None:
    hospital.hears(order("A100"), cancel("A100"), report("A100", "F"))
    assert statuses(hospital) == [S.CANCELLED, S.CANCELLED]


def test_a_report_on_another_patient_completes_nobodys_order(hospital: Hospital) -> None:
    hospital.hears(order("A100"), report("A100", "F", pid("7777777", "STRANGER^NO")))
    assert statuses(hospital) == [S.SCHEDULED, S.SCHEDULED]
    assert "no order is known" in hospital.journal()[-1].reason


@on_both
def test_several_requests_of_one_accession_are_steps_of_one_order(hospital: Hospital) -> None:
    hospital.hears(order("A100", steps="3"))
    assert len(hospital.order("A100").steps) == 3


def test_a_step_that_an_exchange_leaves_out_is_cancelled(hospital: Hospital) -> None:
    hospital.hears(order("A100", steps="2"), order("A100", control="XO", status="SC"))
    assert statuses(hospital) == [S.SCHEDULED, S.SCHEDULED, S.CANCELLED]


def test_an_imaging_order_is_updated_by_the_filler_number_of_an_orm(hospital: Hospital) -> None:
    hospital.hears(imaging_order("A100", "1.2.3"), cancel("A100"))
    assert statuses(hospital) == [S.CANCELLED, S.CANCELLED]


def test_an_order_first_heard_with_its_placer_number_only_is_one_order(hospital: Hospital) -> None:
    first = message(msh("ORM^O01", sender="EHR"), pid(), "ORC|NW|P1", "OBR|1|P1||CTCHEST^CT chest^L")
    hospital.hears(first, order("A100", placer="P1", filler="F1"))
    assert hospital.order("A100").id == 1
    assert hospital.orders("") == []


def test_an_order_that_contradicts_its_patient_is_flagged(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), order("A100", pid(name="BAUER^KARL", born="19851224", sex="M")))
    assert "identity_conflict" in hospital.order("A100").flags
    assert str(hospital.person().demographics.name) == "FISCHER^ANNA"
