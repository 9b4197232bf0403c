"""Orders whose time is past, and final reports, of which no images were seen; and how each ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from radrecon.model.case import CaseKind, CaseOwner
from radrecon.model.study import StudyFacts
from radrecon.store import pacs
from radrecon.workflow import dismissal
from tests.builders import demographics, series, study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import cancel, pid, report
from tests.workflow.missed_ward import a_day, configure, ended, images, ordered, orders, patient, waits
from tests.workflow.test_appointments import siu

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


def scanned(number: int) -> StudyFacts:
    """The paper request of an order, scanned by its line of the worklist before the examination."""
    return replace(images(number), modalities=("DOC",), series=(series(f"1.9.{number}", 7, modality="DOC"),))


@on_both
def test_a_scanned_request_is_no_image_of_the_examination(hospital: Hospital) -> None:
    a_day(hospital)
    orders(hospital, 9)
    hospital.sees(scanned(9))
    waits(hospital, 13)
    assert hospital.kinds() == ["overdue_order"]
    waits(hospital, 50)
    assert hospital.kinds() == ["overdue_order"]  # nor are there images that wait for a report
    hospital.sees(replace(images(9), instances=4))
    assert hospital.kinds() == []


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


@pytest.mark.parametrize("first", [True, False])
def test_an_order_whose_images_wait_for_a_person_is_not_overdue_besides(hospital: Hospital, first: bool) -> None:
    """The accession number is mistyped: the unassigned study is the case, whichever was there first."""
    a_day(hospital)
    orders(hospital, 9)
    if first:
        waits(hospital, 13)
        assert hospital.kinds() == ["overdue_order"]
    hospital.sees(replace(images(9), accession_number="B8X", study_instance_uid="1.8.8"))
    waits(hospital, 13)
    assert hospital.kinds() == ["unassigned_study"]
    assert ended(hospital, CaseKind.OVERDUE_ORDER) == ["its images are likely those of an unassigned study"][:first]
    dismissal.dismiss(hospital.store, hospital.case().id, reason="a phantom", who="ann", now=hospital.now)
    waits(hospital, 0.5)
    assert hospital.kinds() == ["overdue_order"]


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
