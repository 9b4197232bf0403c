"""Images that nobody has reported, and how that ends."""

from __future__ import annotations

from dataclasses import replace

from radrecon.model.case import CaseKind, CaseOwner
from radrecon.model.order import StepStatus
from radrecon.store import orders as order_store
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import pid, report
from tests.workflow.missed_ward import a_day, ended, images, orders, patient, waits


@on_both
def test_images_without_a_report_are_a_case_sooner_where_they_are_urgent(hospital: Hospital) -> None:
    a_day(hospital)
    orders(hospital, 8, priority="S")
    orders(hospital, 9)
    hospital.sees(images(8), images(9))
    waits(hospital, 5)
    case = hospital.case(CaseKind.IMAGES_WITHOUT_REPORT)
    assert case.finding.cause == "the images of STAT order B8 are complete, and no report of them has been heard"
    assert (case.finding.owner, case.finding.severity) == (CaseOwner.RIS, 3)
    waits(hospital, 44)
    assert len(hospital.cases()) == 2
    for number in (8, 9):
        mrn, name = patient(number)
        hospital.hears(report(f"B{number}", "P", pid(mrn, name, "19700101")))
    assert hospital.cases() == []
    assert ended(hospital, CaseKind.IMAGES_WITHOUT_REPORT) == ["a report was heard"] * 2


def test_where_no_reports_are_heard_none_is_missing(hospital: Hospital) -> None:
    a_day(hospital, reported=False)
    orders(hospital, 9)
    hospital.sees(images(9))
    waits(hospital, 60)
    assert hospital.cases() == []


def test_images_that_still_come_are_not_late_yet(hospital: Hospital) -> None:
    a_day(hospital)
    orders(hospital, 9)
    hospital.sees(images(9))
    waits(hospital, 47)
    hospital.sees(replace(images(9), instances=99))
    waits(hospital, 2)
    assert hospital.cases() == []
    waits(hospital, 46)
    assert hospital.kinds() == ["images_without_report"]


def test_an_exam_that_its_modality_has_ended_waits_for_a_report_too(hospital: Hospital) -> None:
    """Nothing about the study is decided anew when it turns out to be complete."""
    a_day(hospital)
    orders(hospital, 9)
    with hospital.store.transaction() as conn:
        order_store.set_status(conn, hospital.order("B9").id, StepStatus.COMPLETED, [StepStatus.SCHEDULED])
    hospital.sees(images(9))
    waits(hospital, 49)
    assert hospital.kinds() == ["images_without_report"]
