"""Two lines of the worklist taken for each other, by real processes: messages over MLLP, images in an archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

import pytest

from radrecon.sim.catalogue import PROCEDURES, STATIONS
from radrecon.sim.exams import Booking, Exam
from radrecon.sim.pacs import RunningPacs
from radrecon.sim.people import register
from radrecon.sim.ris_messages import COMPLETED, Scribe
from tests.e2e.hospital import Engine, code, engine, make_study, pacs_toml, send, store, until

pytestmark = pytest.mark.slow
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
SITE = f'[site]\nname = "HOSP"\ntime_zone = "UTC"\nwatch_from = {YESTERDAY - timedelta(days=1)}\n\n'
SCRIBE = Scribe("E")


def at(hour: int, minute: int, day: date = YESTERDAY) -> datetime:
    return datetime.combine(day, time(hour, minute))


def booked() -> list[Exam]:
    booking, people = Booking(3), islice(register(3), 4)
    procedure = next(one for one in PROCEDURES if one.modality == "CT")
    station = next(one for one in STATIONS if one.modality == "CT")
    starts = (at(12, 30), at(13, 0), at(13, 40), at(14, 20))
    exams = [booking.book(one, start, procedure) for one, start in zip(people, starts, strict=True)]
    return [replace(one, station=station) for one in exams]


def made(folder: Path, line: Exam, begun: datetime) -> list[Path]:
    """Images made then, under this line of the worklist."""
    patient, day, clock = line.patient, begun.strftime("%Y%m%d"), begun.strftime("%H%M%S")
    return make_study(
        folder, StudyInstanceUID=line.study_instance_uid, AccessionNumber=line.accession_number,
        PatientName=str(patient.name), PatientID=patient.patient_id.value, PatientSex=patient.sex,
        PatientBirthDate=patient.birth_date.replace("-", ""), StudyDate=day, StudyTime=clock, SeriesDate=day,
        SeriesTime=clock, AcquisitionDate=day, AcquisitionTime=clock, StationName=line.station.ae_title,
        StudyDescription=line.procedure.description, BodyPartExamined="HEAD", SpecificCharacterSet="ISO_IR 192",
        SeriesDescription="Head 5 mm",
    )[1]  # fmt: skip


def pick(desk: Engine) -> dict | None:
    return next((one for one in desk.looks("cases") if one["kind"] == "possible_wrong_pick"), None)


def test_what_the_ris_tells_of_arrivals_and_ends_shows_two_lines_that_were_mixed_up(
    tmp_path: Path, orthanc: RunningPacs
) -> None:
    exams = booked()
    begun = [one.start + timedelta(minutes=4) for one in exams]
    lines = [*exams[:2], exams[3], exams[2]]  # as they were picked
    with engine(tmp_path / "engine", SITE + pacs_toml(orthanc)) as desk:
        until(lambda: any(one["baseline_done"] for one in desk.looks("pacs")))
        for one in exams:
            assert code(send(desk.mllp, SCRIBE.imaging_order(one, at(8, 0)).text)) == "AA"
            assert code(send(desk.mllp, SCRIBE.arrival(one, one.start - timedelta(minutes=10)).text)) == "AA"
        for number, (line, when) in enumerate(zip(lines, begun, strict=True)):
            store(orthanc, made(tmp_path / f"ct{number}", line, when))
        until(lambda: sum(bool(one["order_id"]) for one in desk.looks("studies")) == len(lines))
        assert pick(desk) is None
        for one, when in zip(exams, begun, strict=True):
            end = when + timedelta(minutes=13)
            assert code(send(desk.mllp, SCRIBE.imaging_order(one, end, COMPLETED, when, end).text)) == "AA"
        case = until(lambda: pick(desk))
        shown = desk.radrecon("show", "case", str(case["id"])).stdout
        assert "each of the two examinations was ended in the RIS after the other's images" in shown
        told = desk.looks("show", "order", str(case["order_id"]))
        assert (told["sources"]["arrived"], told["sources"]["ended"]) == ("SIU MSH-7", "OBR-8")
        assert told["ended"] > told["arrived"] > ""
