"""What should have come and has not: orders, reports, registrations; many at one place; and how each ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from radrecon.config import CasesConfig
from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.expectation import Expectation, Practice
from radrecon.model.order import StepStatus
from radrecon.store import expectations, pacs, practice, queue
from radrecon.store import orders as order_store
from radrecon.workflow import dismissal
from tests.builders import demographics, study
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import adt, cancel, message, msh, orc, pid, report
from tests.workflow.test_appointments import siu

HOUR = 3600.0
FEW = 6


def waits(hospital: Hospital, hours: float) -> None:
    hospital.later(hours * HOUR)
    hospital.reconcile()


def patient(number: int) -> tuple[str, str]:
    """MRN and name of one of many."""
    return f"{2000000 + number}", f"MILLER{chr(65 + number % 26)}{chr(65 + number // 26)}^EVA"


def registers(hospital: Hospital, number: int) -> None:
    mrn, name = patient(number)
    hospital.hears(adt("A04", mrn, name, "19700101"))


def orders(hospital: Hospital, number: int, start: str = "20261122143000", **more: str) -> None:
    """Registered, and ordered."""
    registers(hospital, number)
    stranger(hospital, number, start, **more)


def stranger(hospital: Hospital, number: int, start: str = "20261124100000", **more: str) -> None:
    """Ordered, and registered by nobody."""
    hospital.hears(ordered(number, start, **more))


def ordered(
    number: int, start: str = "20261122143000", *, station: str = "CT1", modality: str = "CT", priority: str = "R"
) -> bytes:
    """OMI^O23 of one of many patients, on a station."""
    mrn, name = patient(number)
    accession = f"B{number}"
    return message(
        msh("OMI^O23^OMI_O23"),
        pid(mrn, name, "19700101"),
        "PV1|1|O|CT",
        orc(accession),
        f"TQ1|1||||||{start}||{priority}",
        f"OBR|1|P-{accession}|F-{accession}|CTCHEST^CT chest^L",
        f"IPC|{accession}^RIS|RP-{accession}|1.9.{number}|S-{accession}|{modality}|CT^CT chest^L|CT one||{station}",
    )


def images(number: int) -> Any:
    mrn, name = patient(number)
    return study(f"1.9.{number}", f"B{number}", demographics(mrn, name, birth_date="1970-01-01"))


def a_day(hospital: Hospital, *, reported: bool = True) -> None:
    """Some patients of CT1, registered, ordered, imaged and reported: what is usual here."""
    for number in range(1, FEW):
        orders(hospital, number)
    hospital.sees(*(images(number) for number in range(1, FEW)))
    if reported:
        for number in range(1, FEW):
            mrn, name = patient(number)
            hospital.hears(report(f"B{number}", patient=pid(mrn, name, "19700101")))
    assert hospital.cases() == []


def configure(hospital: Hospital, **values: Any) -> None:
    hospital.configure(CONFIG.model_copy(update={"cases": CasesConfig(**values)}))


def ended(hospital: Hospital, kind: CaseKind) -> list[str]:
    with hospital.store.reading() as conn:
        rows = conn.exec_driver_sql(f"SELECT close_reason FROM recon_case WHERE state = 'closed' AND kind = '{kind}'")
        return [row[0] for row in rows]


# -- overdue orders ---------------------------------------------------------------------------------------------------


@on_both
def test_an_order_whose_time_is_long_past_is_a_case_and_closes_when_its_images_come(hospital: Hospital) -> None:
    a_day(hospital)
    orders(hospital, 9, start="20261122160000")
    waits(hospital, 13)
    assert hospital.cases() == []
    waits(hospital, 2)
    case = hospital.case(CaseKind.OVERDUE_ORDER)
    assert case.finding.cause == "order B9 was due 2026-11-22 16:00 at CT1: no images, and nobody has called it off"
    assert (case.finding.owner, case.finding.severity) == (CaseOwner.TECHNOLOGIST, 2)
    hospital.sees(images(9))
    assert hospital.kinds() == []
    assert ended(hospital, CaseKind.OVERDUE_ORDER) == ["its images came"]


@pytest.mark.parametrize(
    ("message_of", "reason"),
    [
        (lambda: cancel("B9", patient=pid(*patient(9), "19700101")), "the order was cancelled"),
        (lambda: ordered(9, "20261125160000"), "it has another time, or no longer waits"),
        (lambda: report("B9", patient=pid(*patient(9), "19700101")), "the order was completed"),
    ],
)
def test_it_closes_when_the_order_is_cancelled_moved_or_done(hospital: Hospital, message_of: Any, reason: str) -> None:
    a_day(hospital)
    orders(hospital, 9)
    waits(hospital, 13)
    assert hospital.kinds() == ["overdue_order"]
    hospital.hears(message_of())
    assert hospital.kinds() == []
    assert ended(hospital, CaseKind.OVERDUE_ORDER) == [reason]


def test_it_closes_when_the_patient_did_not_come(hospital: Hospital) -> None:
    a_day(hospital)
    orders(hospital, 9)
    waits(hospital, 13)
    mrn, name = patient(9)
    person = pid(mrn, name, "19700101")
    hospital.hears(siu(start="20261122143000", orders="F-B9", patient=person), siu("S26", patient=person))
    assert ended(hospital, CaseKind.OVERDUE_ORDER) == ["the patient did not come"]


def test_it_closes_when_unlinked_images_name_it(hospital: Hospital) -> None:
    """Images that no rule links, for the name differs: they came all the same."""
    a_day(hospital)
    orders(hospital, 9)
    waits(hospital, 13)
    hospital.sees(study("1.9.9", "B9", demographics("7777777", "OTHER^PERSON", birth_date="1930-01-01")))
    assert hospital.kinds() == ["unassigned_study"]
    assert ended(hospital, CaseKind.OVERDUE_ORDER) == ["its images came"]


def test_where_images_are_not_usual_nothing_is_overdue(hospital: Hospital) -> None:
    a_day(hospital)
    orders(hospital, 8, station="PET1", modality="PT")
    orders(hospital, 9, "20261101143000")
    waits(hospital, 15)
    assert hospital.cases() == []  # no images of PET1 were ever seen; the other is from before the watch


def test_while_a_pacs_does_not_answer_nothing_is_said_of_its_images(hospital: Hospital) -> None:
    a_day(hospital)
    with hospital.store.transaction() as conn:
        pacs.note(conn, "main", up=True, last_success=hospital.now)
    orders(hospital, 9)
    waits(hospital, 20)
    assert hospital.cases() == []
    with hospital.store.transaction() as conn:
        pacs.note(conn, "main", up=True, last_success=hospital.now)
    waits(hospital, 0.5)
    assert hospital.kinds() == ["overdue_order"]


def test_a_setting_of_none_switches_a_kind_off_and_a_case_says_so(hospital: Hospital) -> None:
    a_day(hospital)
    orders(hospital, 9)
    waits(hospital, 13)
    configure(hospital, overdue_order_hours=0)
    waits(hospital, 1)
    assert hospital.cases() == []
    assert ended(hospital, CaseKind.OVERDUE_ORDER)[0].startswith("not judged")


def test_one_put_aside_does_not_come_back(hospital: Hospital) -> None:
    a_day(hospital)
    orders(hospital, 9)
    waits(hospital, 13)
    dismissal.dismiss(hospital.store, hospital.case().id, reason="came on paper", who="ann", now=hospital.now)
    waits(hospital, 13)
    hospital.recheck()
    assert hospital.cases() == []


def test_after_a_month_it_is_given_up(hospital: Hospital) -> None:
    a_day(hospital)
    orders(hospital, 9)
    waits(hospital, 13)
    waits(hospital, 31 * 24)
    assert hospital.cases() == []
    assert ended(hospital, CaseKind.OVERDUE_ORDER) == ["older than is looked at"]


# -- many at one place ------------------------------------------------------------------------------------------------


@on_both
def test_many_at_one_station_are_one_case_that_says_since_when_nothing_came(hospital: Hospital) -> None:
    configure(hospital, group_from=4)
    a_day(hospital)
    for number in range(10, 14):
        orders(hospital, number, "20261122150000")
    waits(hospital, 14)
    assert hospital.kinds() == ["overdue_order"] * 4
    orders(hospital, 14, "20261122150500")
    waits(hospital, 1)
    case = hospital.case(CaseKind.OVERDUE_ORDER)
    assert case.subject == "many:CT/CT1"
    assert case.finding.cause == "no images from CT1 since 2026-11-22 14:00: 5 orders overdue"
    assert (case.finding.owner, case.finding.severity, case.finding.total) == (CaseOwner.US, 3, 5)
    assert len(case.finding.order_ids) == 5
    assert set(ended(hospital, CaseKind.OVERDUE_ORDER)) == {f"one of many: {case.finding.cause}"}
    hospital.sees(images(10))
    assert hospital.kinds() == ["overdue_order"] * 4
    hospital.sees(*(images(number) for number in range(11, 15)))
    assert hospital.cases() == []


def test_one_case_of_many_follows_their_number_and_stays_the_same_case(hospital: Hospital) -> None:
    configure(hospital, group_from=2)
    a_day(hospital)
    for number in range(10, 14):
        orders(hospital, number, "20261122150000")
    waits(hospital, 14)
    before = hospital.case()
    hospital.sees(images(12))
    after = hospital.case()
    assert (after.id, after.finding.total, before.finding.total) == (before.id, 3, 4)
    assert after.finding.cause.endswith("3 orders overdue")


def test_thousands_are_counted_and_only_the_first_are_named(hospital: Hospital) -> None:
    a_day(hospital)
    with hospital.store.transaction() as conn:
        some = [
            Expectation(
                Finding(CaseKind.OVERDUE_ORDER, f"order:{number}", "", order_id=number), f"order:{number}",
                hospital.now - timedelta(hours=13), "CT/CT1",
            )
            for number in range(100, 3100)
        ]  # fmt: skip
        expectations.save(conn, some, ())
        usual = Practice(hospital.now - timedelta(days=1), hospital.now - timedelta(days=1))
        practice.save(conn, "images", [("CT/CT1", usual)])
        queue.touch(conn, "missed", [""], hospital.now)
    hospital.reconcile()
    found = hospital.case().finding
    assert (found.total, len(found.order_ids)) == (3000, 200)
    assert found.cause.endswith("3000 orders overdue")


# -- images without report --------------------------------------------------------------------------------------------


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


# -- report without images --------------------------------------------------------------------------------------------


@on_both
def test_a_final_report_without_images_is_a_case_until_they_come(hospital: Hospital) -> None:
    a_day(hospital)
    orders(hospital, 9)
    mrn, name = patient(9)
    hospital.hears(report("B9", "P", pid(mrn, name, "19700101")), report("B9", "F", pid(mrn, name, "19700101")))
    waits(hospital, 13)
    case = hospital.case(CaseKind.REPORT_WITHOUT_IMAGES)
    assert case.finding.cause == "order B9 has a final report, and no images of it were ever seen"
    hospital.sees(images(9))
    assert hospital.cases() == []
    hospital.loses("1.9.9")
    waits(hospital, 13)
    assert hospital.kinds() == []  # they were there once


def test_a_report_of_what_has_no_images_needs_none(hospital: Hospital) -> None:
    a_day(hospital)
    orders(hospital, 9, modality="OT", station="")
    mrn, name = patient(9)
    hospital.hears(report("B9", "F", pid(mrn, name, "19700101")))
    waits(hospital, 13)
    assert hospital.cases() == []


# -- order without registration ---------------------------------------------------------------------------------------


@on_both
def test_an_order_of_somebody_whom_no_adt_has_named_is_a_case(hospital: Hospital) -> None:
    a_day(hospital)
    stranger(hospital, 9)
    waits(hospital, 0.9)
    assert hospital.cases() == []
    waits(hospital, 0.2)
    case = hospital.case(CaseKind.ORDER_WITHOUT_REGISTRATION)
    assert case.finding.cause == "order B9 from RIS is of a patient whom no ADT has named"
    assert case.finding.owner is CaseOwner.REGISTRATION
    registers(hospital, 9)  # it says nothing new of them, but says it
    assert hospital.cases() == []
    assert ended(hospital, CaseKind.ORDER_WITHOUT_REGISTRATION) == ["an ADT has named the patient"]


@pytest.mark.parametrize("event", ["A02", "A03", "A08", "A31"])
def test_any_adt_names_them(hospital: Hospital, event: str) -> None:
    a_day(hospital)
    stranger(hospital, 9)
    waits(hospital, 1.1)
    mrn, name = patient(9)
    hospital.hears(adt(event, mrn, name, "19700101"))
    assert hospital.cases() == []


def test_where_no_adt_is_heard_nobody_is_unregistered(hospital: Hospital) -> None:
    for number in range(1, 30):
        stranger(hospital, number)
    waits(hospital, 3)
    assert hospital.cases() == []


def test_a_site_that_registers_only_some_has_no_such_case(hospital: Hospital) -> None:
    for number in range(1, 10):
        if number % 2:
            registers(hospital, number)
        stranger(hospital, number)
    waits(hospital, 3)
    assert hospital.cases() == []


# -- the whole --------------------------------------------------------------------------------------------------------


def events(hospital: Hospital) -> list[Any]:
    """After a day: an overdue order and one that was moved; a report without images; a stranger of next week."""
    mrn, name = patient(18)
    return [
        lambda: stranger(hospital, 15, "20261122143000"),
        lambda: stranger(hospital, 16, "20261122143000"),
        lambda: hospital.hears(ordered(16, "20261124090000")),
        lambda: hospital.hears(report("B18", patient=pid(mrn, name, "19700101"))),
        lambda: stranger(hospital, 18, "20261122143000"),
        lambda: registers(hospital, 15),
        lambda: registers(hospital, 16),
        lambda: registers(hospital, 18),
        lambda: stranger(hospital, 19, "20261126090000"),
    ]


@on_both
@pytest.mark.parametrize(
    "turns", [(0, 1, 2, 3, 4, 5, 6, 7, 8), (8, 7, 6, 5, 4, 3, 1, 2, 0), (3, 5, 8, 1, 0, 4, 2, 7, 6)]
)
def test_the_same_facts_give_the_same_cases_whatever_came_first(hospital: Hospital, turns: tuple[int, ...]) -> None:
    a_day(hospital)
    told = events(hospital)
    for turn in turns:
        told[turn]()
    waits(hospital, 14)
    waits(hospital, 1)
    assert sorted((str(one.kind), one.finding.cause) for one in hospital.cases()) == [
        ("order_without_registration", "order B19 from RIS is of a patient whom no ADT has named"),
        ("overdue_order", "order B15 was due 2026-11-22 14:30 at CT1: no images, and nobody has called it off"),
        ("report_without_images", "order B18 has a final report, and no images of it were ever seen"),
    ]


def test_looking_again_changes_nothing(hospital: Hospital) -> None:
    a_day(hospital)
    for one in events(hospital):
        one()
    waits(hospital, 15)
    before = hospital.dump()
    hospital.recheck()
    with hospital.store.transaction() as conn:
        queue.touch(conn, "awaited", range(1, 12), hospital.now)
        queue.touch(conn, "missed", [""], hospital.now)
    hospital.reconcile()
    assert hospital.dump() == before
