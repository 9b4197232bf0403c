"""Two lines of the worklist taken for each other: what the RIS tells of arrivals and ends shows it (both databases)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

import pytest

from radrecon.model.case import CaseKind
from radrecon.model.study import SeriesFacts, StudyFacts
from radrecon.sim.catalogue import PROCEDURES, STATIONS
from radrecon.sim.exams import Booking, Exam
from radrecon.sim.people import register
from radrecon.sim.ris_messages import COMPLETED, Scribe
from tests.builders import study
from tests.workflow.hospital import Hospital, on_both

DAY = datetime(2026, 11, 22)
CT = next(one for one in PROCEDURES if one.modality == "CT")
SCRIBE = Scribe("W")


def at(hour: int, minute: int) -> datetime:
    return DAY + timedelta(hours=hour, minutes=minute)


def booked() -> list[Exam]:
    """Four CT heads of an afternoon, in one room."""
    booking, station = Booking(3), next(one for one in STATIONS if one.modality == "CT")
    people = islice(register(3), 4)
    starts = (at(12, 30), at(13, 0), at(13, 40), at(14, 20))
    return [replace(booking.book(one, start, CT), station=station) for one, start in zip(people, starts, strict=True)]


def images(exam: Exam, begun: datetime, number: int) -> StudyFacts:
    """Made under an exam's line of the worklist: everything in the header is of it."""
    performed = begun.isoformat()
    series = SeriesFacts(f"1.2.{number}.1", "CT", exam.station.ae_title, "HEAD", performed=performed, instances=2)
    return study(
        exam.study_instance_uid, exam.accession_number, exam.patient, performed=performed, series=(series,),
        description=exam.procedure.description,
    )  # fmt: skip


def came(exam: Exam) -> bytes:
    return SCRIBE.arrival(exam, exam.start - timedelta(minutes=10)).encoded()


def ended(exam: Exam, begun: datetime) -> bytes:
    end = begun + timedelta(minutes=13)
    return SCRIBE.imaging_order(exam, end, COMPLETED, begun, end).encoded()


def afternoon(hospital: Hospital, *, arrivals: bool = True) -> tuple[Exam, Exam]:
    """Two who were examined under their own lines, and two more; the RIS tells of all when they came."""
    hospital.hears_an_early_order()
    exams = booked()
    hospital.hears(*(SCRIBE.imaging_order(one, at(8, 0)).encoded() for one in exams))
    hospital.hears(*(came(one) for one in exams if arrivals))
    for number, one in enumerate(exams[:2]):
        begun = one.start + timedelta(minutes=4)
        hospital.sees(images(one, begun, number))
        hospital.hears(ended(one, begun))
    return exams[2], exams[3]


FIRST, SECOND = at(13, 44), at(14, 24)


@on_both
@pytest.mark.parametrize("late", [False, True], ids=["ends are heard first", "ends are heard last"])
def test_lines_taken_for_each_other_are_seen_by_when_each_examination_ended(hospital: Hospital, late: bool) -> None:
    one, other = afternoon(hospital)
    ends = (ended(one, FIRST), ended(other, SECOND))
    if not late:
        hospital.hears(*ends)
    hospital.sees(images(other, FIRST, 3), images(one, SECOND, 4))
    if late:
        assert hospital.kinds() == []
        hospital.hears(*ends)
    picks = [case for case in hospital.cases() if case.kind is CaseKind.POSSIBLE_WRONG_PICK]
    assert {case.finding.study_id for case in picks} <= {
        hospital.study(one.study_instance_uid).id,
        hospital.study(other.study_instance_uid).id,
    }
    assert picks
    assert "each of the two examinations was ended in the RIS after the other's images" in picks[0].finding.cause


@on_both
def test_everybody_under_their_own_line_is_not_doubted(hospital: Hospital) -> None:
    one, other = afternoon(hospital)
    hospital.hears(ended(one, FIRST), ended(other, SECOND))
    hospital.sees(images(one, FIRST, 3), images(other, SECOND, 4))
    assert hospital.kinds() == []
    assert hospital.order(one.accession_number).ended == "2026-11-22T13:57:00"
    assert hospital.order(one.accession_number).arrived == "2026-11-22T13:30:00"
