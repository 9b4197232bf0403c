"""Two hundred studies of an Orthanc come in through each kind of feed, and the engine is killed half-way."""

from __future__ import annotations

import contextlib
import io
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

from radrecon.model.errors import PeerTrouble
from radrecon.sim import pacs
from radrecon.sim.pacs import RunningPacs
from radrecon.store import life
from radrecon.store import tables as t
from radrecon.store.database import Store, open_store
from tests.e2e.hospital import Engine, pacs_toml, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

STUDIES = 200
LARGE = {"small_up_to": 0, "sweep_pause_seconds": 0.05, "sweep_every_minutes": 0.02, "queries_per_minute": 0}


@dataclass(frozen=True)
class Made:
    """One study as it is put into the archive."""

    uid: str
    number: int
    instances: int
    accession: str = ""

    @property
    def day(self) -> str:
        """Spread over thirty years; every hundredth has no date."""
        return "" if self.number % 100 == 7 else f"{1996 + self.number % 30}{1 + self.number % 12:02}15"

    @property
    def performed(self) -> str:
        return f"{self.day[:4]}-{self.day[4:6]}-{self.day[6:]}T10:15:00" if self.day else ""

    @property
    def facts(self) -> tuple[Any, ...]:
        """What must be known of it: accession, patient, name, birth date, date, instances, series."""
        name = f"IMPORT{self.number}^ÄNNE"
        return (self.accession, f"I{self.number}", name, "1960-05-17", self.performed, self.instances, 1)

    def files(self, first: int = 0) -> Iterator[bytes]:
        for at in range(first, self.instances):
            yield self._file(at)

    def _file(self, at: int) -> bytes:
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
        meta.MediaStorageSOPInstanceUID = f"{self.uid}.1.{at + 1}"
        data = Dataset()
        values = {
            "SpecificCharacterSet": "ISO_IR 192", "SOPClassUID": SecondaryCaptureImageStorage,
            "SOPInstanceUID": meta.MediaStorageSOPInstanceUID, "StudyInstanceUID": self.uid,
            "SeriesInstanceUID": f"{self.uid}.1", "PatientID": f"I{self.number}", "IssuerOfPatientID": "HIS",
            "PatientName": f"IMPORT{self.number}^ÄNNE", "PatientBirthDate": "19600517", "PatientSex": "F",
            "AccessionNumber": self.accession, "StudyDate": self.day, "StudyTime": "101500" if self.day else "",
            "Modality": "CT", "StationName": "CT2", "StudyID": str(self.number), "StudyDescription": "Thorax",
        }  # fmt: skip
        for keyword, value in values.items():
            setattr(data, keyword, value)
        buffer = io.BytesIO()
        FileDataset(buffer, data, preamble=b"\0" * 128, file_meta=meta).save_as(buffer, enforce_file_format=True)
        return buffer.getvalue()


def made(number: int) -> Made:
    return Made(generate_uid()[:56].rstrip("."), number, 1 + number % 2, f"A{number}")


class Archive:
    """An Orthanc's REST interface, to put in and take out."""

    def __init__(self, running: RunningPacs) -> None:
        self.rest = httpx.Client(base_url=running.config.rest_url, trust_env=False)

    def takes(self, study: Made, first: int = 0) -> None:
        for file in study.files(first):
            self.rest.post("/instances", content=file).raise_for_status()

    def loses(self, study: Made) -> None:
        for one in self.rest.post("/tools/lookup", content=study.uid).json():
            self.rest.delete(one["Path"]).raise_for_status()


@dataclass(frozen=True)
class Site:
    """An engine that follows an archive, and its database."""

    desk: Engine
    archive: Archive
    store: Store

    def known(self) -> dict[str, tuple[Any, ...]]:
        s = t.study.c
        columns = (
            s.accession_number, s.patient_id, s.patient_name, s.patient_birth_date, s.performed, s.instances, s.series,
        )  # fmt: skip
        with self.store.reading() as conn:
            rows = conn.execute(sa.select(s.study_instance_uid, *columns).where(~s.gone)).all()
        return {row[0]: tuple(row[1:]) for row in rows}

    def feed(self) -> Any:
        with self.store.reading() as conn:
            return conn.execute(t.pacs_feed.select()).first()

    def events(self, study: Made) -> list[str]:
        h, s = t.study_history.c, t.study.c
        query = sa.select(h.event).join_from(t.study_history, t.study, h.study_id == s.id).order_by(h.id)
        with self.store.reading() as conn:
            return list(conn.execute(query.where(s.study_instance_uid == study.uid)).scalars())

    def until_swept(self) -> list[Any]:
        """Where the sweep stood, time and again, until it came to its end."""
        rows = []

        def finished() -> bool:
            row = self.feed()
            rows.append(row)
            return row.sweep_finished is not None

        until(finished, 300)
        return rows[:-1]

    def kill(self) -> None:
        """Engine and worker, as when the power goes."""
        with self.store.reading() as conn:
            worker = life.worker_pid(conn)
        self.desk.kill()
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningPacs, dict[str, Made]]]:
    """An Orthanc with the studies in it, and what they are."""
    try:
        running = pacs.orthanc(tmp_path_factory.mktemp("import"), dicomweb=True)
    except PeerTrouble as error:
        pytest.skip(str(error))
    with running:
        archive, studies = Archive(running), [made(number) for number in range(STUDIES)]
        for study in studies:
            archive.takes(study)
        yield running, {study.uid: study for study in studies}
        archive.rest.close()


@pytest.fixture
def site(full: tuple[RunningPacs, dict[str, Made]], tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    running, _ = full
    desk = Engine(
        tmp_path, pacs_toml(running, feed=request.param, **LARGE), f"sqlite:///{tmp_path / 'radrecon.sqlite3'}"
    )
    desk.start()
    archive, store = Archive(running), open_store(desk.database)
    yield Site(desk, archive, store)
    desk.stop()
    store.close()
    archive.rest.close()
    assert "Traceback" not in desk.log()


@pytest.mark.parametrize("site", ["dicom", "qido", "orthanc"], indirect=True)
def test_all_are_seen_with_their_facts_and_what_happens_to_them(
    site: Site, full: tuple[RunningPacs, dict[str, Made]]
) -> None:
    _, studies = full
    expected = {uid: study.facts for uid, study in studies.items()}

    until(lambda: site.feed() and site.feed().sweep_upto and len(site.known()) > 50, 120, every=0.02)
    site.kill()
    before = site.feed()
    assert before.sweep_finished is None
    site.desk.start()
    rows = site.until_swept()
    assert {row.sweep_started for row in rows} == {before.sweep_started}
    assert all(row.sweep_upto <= before.sweep_upto for row in rows)
    until(lambda: site.known() == expected, 120)

    grown, lost = list(studies.values())[3:5]
    more = Made(grown.uid, grown.number, grown.instances + 2, grown.accession)
    site.archive.takes(more, grown.instances)
    site.archive.loses(lost)
    fresh = made(STUDIES)
    site.archive.takes(fresh)
    changed = expected | {grown.uid: more.facts, fresh.uid: fresh.facts}
    del changed[lost.uid]
    until(lambda: site.known() == changed, 120)
    assert site.events(lost) == ["gone"]

    site.archive.takes(lost)
    until(lambda: site.known() == changed | {lost.uid: lost.facts}, 120)
    until(lambda: site.events(lost) == ["gone", "back"])
    (state,) = site.desk.json("pacs")
    assert (state["up"], state["last_error"], state["mode"]) == (True, "", "large")
    studies[fresh.uid], studies[grown.uid] = fresh, more
